import { expect, test } from 'vitest';
import { KvCluster, keyOf } from '../../../testing/kv-cluster.ts';
import { first, KvTap, type Rule } from '../../../testing/kv-tap.ts';
import { type Bugs, NO_BUGS } from '../../bugs.ts';
import { ConnectionLost, SqlError } from '../../errors.ts';
import { WRITE_ROLLBACK } from '../../mvcc/records.ts';
import type { Wait } from '../../sim/index.ts';

const SECOND = 1_000_000;

function* write(cluster: KvCluster, ...names: string[]): Wait<void> {
  const txn = yield* cluster.storage.begin(false);
  for (const name of names) txn.buffer.put(keyOf(name), [1], false);
  yield* txn.commit();
}

function* read(cluster: KvCluster, name: string): Wait<unknown> {
  const readTs = yield* cluster.storage.currentTs();
  return (yield* cluster.storage.snapshot(readTs).get(keyOf(name), readTs))?.[0];
}

function lockOn(cluster: KvCluster, name: string): unknown {
  return cluster.lock(name);
}

/** Writes `a` (primary) and `z` under a rule: what the client was told, and what is true later. */
function commitUnder(
  rule: Rule,
  bugs: Bugs = NO_BUGS,
): { cluster: KvCluster; tap: KvTap; error: unknown } {
  const cluster = new KvCluster('1', bugs);
  const tap = new KvTap(cluster);
  tap.rule = rule;
  let error: unknown;
  try {
    cluster.run(write(cluster, 'a', 'z'));
  } catch (thrown) {
    error = thrown;
  }
  tap.rule = undefined;
  return { cluster, tap, error };
}

test('the statement returns when the primary is committed; secondaries follow', () => {
  const cluster = new KvCluster();
  const tap = new KvTap(cluster);
  const writing = cluster.start(write(cluster, 'a', 'z'));
  while (!writing.done) cluster.pass(1);
  expect(tap.of('commit').map(({ keys }) => keys.map((key) => key.values[0]))).toEqual([['a']]);
  expect([lockOn(cluster, 'a'), lockOn(cluster, 'z') !== undefined]).toEqual([undefined, true]);
  cluster.pass(10_000);
  expect(tap.of('commit').map(({ keys }) => keys.map((key) => key.values[0]))).toEqual([
    ['a'],
    ['z'],
  ]);
  expect(lockOn(cluster, 'z')).toBeUndefined();
});

test('trouble with the secondaries reaches nobody', () => {
  const { cluster, error } = commitUnder((body) =>
    body.kind === 'commit' && body.keys[0]?.values[0] === 'z' ? { kind: 'break' } : undefined,
  );
  expect(error).toBeUndefined();
  expect(cluster.run(read(cluster, 'z'))).toBe(1);
});

test('a failure before the commit point rolls everything back in the background', () => {
  const cluster = new KvCluster();
  const txn = cluster.run(cluster.storage.begin(false));
  cluster.run(write(cluster, 'z'));
  for (const name of ['a', 'z']) txn.buffer.put(keyOf(name), [2], false);
  expect(() => cluster.run(txn.commit())).toThrow(expect.objectContaining({ code: 9007 }));
  cluster.pass(SECOND);
  expect(lockOn(cluster, 'a')).toBeUndefined();
  expect(cluster.run(read(cluster, 'a'))).toBeUndefined();
});

test('PD away at the commit point is a definite failure', () => {
  const cluster = new KvCluster();
  const tap = new KvTap(cluster);
  tap.rule = ({ kind }) => {
    if (kind === 'prewrite') cluster.world.kill(1);
    return undefined;
  };
  const writing = write(cluster, 'a', 'z');
  expect(() => cluster.run(writing)).toThrow(expect.objectContaining({ code: 9001 }));
  cluster.pass(SECOND);
  expect([lockOn(cluster, 'a'), lockOn(cluster, 'z')]).toEqual([undefined, undefined]);
});

test('a lost answer to the primary is settled by the next answer', () => {
  const { cluster, tap, error } = commitUnder(first(1, 'commit', { kind: 'lose-answer' }));
  expect(error).toBeUndefined();
  expect(tap.of('commit').filter(({ keys }) => keys[0]?.values[0] === 'a')).toHaveLength(2);
  expect(cluster.run(read(cluster, 'a'))).toBe(1);
});

test('a commit that was rolled back meanwhile is a definite failure after all', () => {
  const cluster = new KvCluster();
  const tap = new KvTap(cluster);
  tap.rule = first(3, 'commit', { kind: 'break' });
  const writing = cluster.start(write(cluster, 'a', 'z'));
  cluster.pass(10_000);
  const startTs = tap.of('prewrite')[0]?.startTs as number;
  const engine = cluster.engines.get(cluster.storeOf('a'));
  const record = { type: WRITE_ROLLBACK, startTs, commitTs: startTs } as const;
  const rollback = { ...record, overlappedRollback: false, protectedRollback: true };
  engine?.apply([
    { kind: 'delete-lock', key: keyOf('a') },
    { kind: 'put-write', key: keyOf('a'), write: rollback, value: null },
  ]);
  cluster.pass(10 * SECOND);
  expect(writing.error).toBeInstanceOf(SqlError);
  expect(writing.error).toMatchObject({ code: 8022 });
});

test('a region error does not settle a lost answer', () => {
  let commits = 0;
  const rule: Rule = ({ kind }) => {
    if (kind !== 'commit') return undefined;
    if (commits++ === 0) return { kind: 'lose-answer' };
    return { kind: 'refuse', error: { kind: 'RegionNotFound' } };
  };
  const { cluster, error } = commitUnder(rule);
  expect(error).toBeInstanceOf(ConnectionLost);
  expect(cluster.run(read(cluster, 'a'))).toBe(1);
});

test('region errors alone are no reason to call a result undetermined', () => {
  const refuse = { kind: 'refuse', error: { kind: 'RegionNotFound' } } as const;
  const { cluster, error } = commitUnder(first(1000, 'commit', refuse));
  expect(error).toMatchObject({ code: 9005 });
  cluster.pass(SECOND);
  expect(cluster.run(read(cluster, 'a'))).toBeUndefined();
});

test.each([
  ['broken before it was done', 'break', undefined],
  ['answer lost', 'lose-answer', 1],
] as const)('no answer at all (%s): the connection is closed', (_how, kind, truth) => {
  const { cluster, error } = commitUnder(first(1000, 'commit', { kind }));
  expect(error).toBeInstanceOf(ConnectionLost);
  expect(cluster.log).toContain('ERROR result undetermined, close this connection');
  cluster.pass(60 * SECOND);
  expect(cluster.run(read(cluster, 'a'))).toBe(truth);
});

test('the two defects claim to know: each lies in one of the two cases', () => {
  const lost = first(1000, 'commit', { kind: 'lose-answer' });
  const asFail = commitUnder(lost, new Set(['client.undeterminedAsFail'] as const));
  expect(asFail.error).toMatchObject({ code: 8022 });
  expect(asFail.cluster.run(read(asFail.cluster, 'a'))).toBe(1);
  const broken = first(1000, 'commit', { kind: 'break' });
  const asSuccess = commitUnder(broken, new Set(['client.undeterminedAsSuccess'] as const));
  expect(asSuccess.error).toBeUndefined();
  asSuccess.cluster.pass(60 * SECOND);
  expect(asSuccess.cluster.run(read(asSuccess.cluster, 'a'))).toBeUndefined();
});

test('a commit pushed back by a reader takes a new timestamp', () => {
  const cluster = new KvCluster();
  const tap = new KvTap(cluster);
  tap.rule = first(1, 'commit', { kind: 'break' });
  const writing = cluster.start(write(cluster, 'a', 'z'));
  cluster.pass(20_000);
  expect(cluster.run(read(cluster, 'a'))).toBeUndefined();
  cluster.pass(SECOND);
  expect(writing).toEqual({ done: true, value: undefined });
  const primary = tap.of('commit').filter(({ keys }) => keys[0]?.values[0] === 'a');
  expect(primary).toHaveLength(3);
  expect(primary[0]?.commitTs).toBe(primary[1]?.commitTs);
  expect(primary[2]?.commitTs).toBeGreaterThan(primary[1]?.commitTs as number);
  expect(cluster.run(read(cluster, 'a'))).toBe(1);
});

test('a prewrite whose answer was lost is marked as a retry when it is sent again', () => {
  const { tap, error } = commitUnder(first(2, 'prewrite', { kind: 'lose-answer' }));
  expect(error).toBeUndefined();
  expect(tap.of('prewrite').map(({ isRetry }) => isRetry)).toEqual([false, false, true, true]);
});

test.each([20, 200, 400, 600, 800, 1000, 1200, 1600, 2000])(
  'a store that dies %i µs into a commit: the truth is what the client was told',
  (killUs) => {
    const cluster = new KvCluster();
    cluster.run(write(cluster, 'b', 'y'));
    cluster.pass(SECOND);
    const store = cluster.storeOf('a');
    const writing = cluster.start(write(cluster, 'a', 'z'));
    cluster.pass(killUs);
    cluster.killStore(store);
    cluster.pass(2 * SECOND);
    cluster.startStore(store);
    cluster.pass(100 * SECOND);
    expect(writing).toEqual({ done: true, value: undefined });
    expect([cluster.run(read(cluster, 'a')), cluster.run(read(cluster, 'z'))]).toEqual([1, 1]);
  },
);
