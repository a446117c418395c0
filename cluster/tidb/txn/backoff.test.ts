import { expect, test } from 'vitest';
import { Rng, type Wait, World } from '../../sim/index.ts';
import { Backoffer, type BackoffKind } from './backoff.ts';

/** Waits for the kinds in turn; says what became of it and how much virtual time went by. */
function waitFor(kinds: readonly BackoffKind[], budgetMs: number) {
  const world = new World('1', { minUs: 1, tailUs: 1 });
  const process = world.start(1, 'tidb-0');
  const backoff = new Backoffer(process, new Rng('1', 'test'), budgetMs);
  function* body(): Wait<void> {
    for (const kind of kinds) yield* backoff.wait(kind);
  }
  let thrown: unknown;
  process.spawn(body(), (error) => {
    thrown = error;
  });
  world.scheduler.runUntil(1e12);
  return { backoff, error: thrown };
}

function times(count: number, kind: BackoffKind): BackoffKind[] {
  return new Array<BackoffKind>(count).fill(kind);
}

test('a kind without jitter doubles up to its cap', () => {
  const { backoff } = waitFor(times(10, 'regionMiss'), 20_000);
  expect(backoff.totalMs).toBe(2 + 4 + 8 + 16 + 32 + 64 + 128 + 256 + 500 + 500);
});

test('jitter keeps a wait between half and all of its length', () => {
  for (const [count, least, most] of [
    [1, 50, 100],
    [2, 150, 300],
    [3, 350, 700],
  ] as const) {
    const { backoff } = waitFor(times(count, 'tikvRPC'), 20_000);
    expect(backoff.totalMs).toBeGreaterThanOrEqual(least);
    expect(backoff.totalMs).toBeLessThan(most);
  }
});

test('kinds grow apart from each other', () => {
  const { backoff } = waitFor(['regionMiss', 'staleCommand', 'regionMiss', 'staleCommand'], 20_000);
  expect(backoff.totalMs).toBe(2 + 2 + 4 + 4);
});

test('the budget counts twice, tidb_backoff_weight being 2', () => {
  const { backoff, error } = waitFor(times(100, 'regionMiss'), 1000);
  expect(error).toMatchObject({ code: 9005, message: 'Region is unavailable' });
  expect(backoff.totalMs).toBe(510 + 3 * 500);
});

test('a spent budget is reported as the kind that was waited for longest', () => {
  const { error } = waitFor([...times(12, 'regionMiss'), ...times(5, 'tikvRPC')], 1600);
  expect(error).toMatchObject({ code: 9005, message: 'Region is unavailable' });
  const other = waitFor([...times(3, 'regionMiss'), ...times(30, 'tikvRPC')], 1600);
  expect(other.error).toMatchObject({ code: 9002, message: 'TiKV server timeout' });
});

test.each([
  ['tikvRPC', 9002],
  ['txnLock', 9004],
  ['txnLockFast', 9004],
  ['pdRPC', 9001],
  ['regionMiss', 9005],
  ['regionScheduling', 9005],
  ['tikvServerBusy', 9003],
  ['txnNotFound', 9004],
  ['staleCommand', 9010],
] as const)('%s ends with %i', (kind, code) => {
  expect(waitFor(times(2000, kind), 100).error).toMatchObject({ code });
});

test('waiting for a busy store is not charged, up to ten minutes', () => {
  const { backoff, error } = waitFor(times(40, 'tikvServerBusy'), 1000);
  expect(error).toBeUndefined();
  expect(backoff.totalMs).toBeGreaterThan(100_000);
  const spent = waitFor(times(1000, 'tikvServerBusy'), 1000);
  expect(spent.error).toMatchObject({ code: 9003 });
  expect(spent.backoff.totalMs).toBeGreaterThanOrEqual(600_000);
});
