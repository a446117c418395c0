import { describe, expect, test } from 'vitest';
import { KvCluster, keyOf } from '../../../testing/kv-cluster.ts';
import { first, KvTap, type Rule } from '../../../testing/kv-tap.ts';
import { type Bugs, NO_BUGS } from '../../bugs.ts';
import { ConnectionLost } from '../../errors.ts';
import type { Lock } from '../../mvcc/records.ts';
import type { Wait } from '../../sim/index.ts';
import type { CommitProtocols } from '../transaction.ts';

const SECOND = 1_000_000;
const ASYNC: CommitProtocols = { asyncCommit: true, onePc: false };
const ONE_PC: CommitProtocols = { asyncCommit: false, onePc: true };
const BOTH: CommitProtocols = { asyncCommit: true, onePc: true };

/** A cluster whose stores know how far they have been read. */
function settled(bugs: Bugs = NO_BUGS): KvCluster {
  const cluster = new KvCluster('1', bugs);
  cluster.pass(SECOND);
  return cluster;
}

function* write(cluster: KvCluster, protocols: CommitProtocols, ...names: string[]): Wait<void> {
  const txn = yield* cluster.storage.begin(false);
  for (const name of names) txn.buffer.put(keyOf(name), [1], false);
  yield* txn.commit(protocols);
}

function* read(cluster: KvCluster, name: string): Wait<unknown> {
  const readTs = yield* cluster.storage.currentTs();
  return (yield* cluster.storage.snapshot(readTs).get(keyOf(name), readTs))?.[0];
}

function readAll(cluster: KvCluster, ...names: string[]): unknown[] {
  return names.map((name) => cluster.run(read(cluster, name)));
}

function lockOn(cluster: KvCluster, name: string): Lock | undefined {
  const engines = [...cluster.engines.values()];
  return engines.map((engine) => engine.lock(keyOf(name))).find((lock) => lock !== undefined);
}

/** Writes `a` (primary) and `z`, in two regions, under a rule: what the client was told. */
function commitUnder(
  rule: Rule,
  protocols: CommitProtocols,
  names: string[],
  bugs: Bugs = NO_BUGS,
) {
  const cluster = settled(bugs);
  const tap = new KvTap(cluster);
  tap.rule = rule;
  let error: unknown;
  try {
    cluster.run(write(cluster, protocols, ...names));
  } catch (thrown) {
    error = thrown;
  }
  return { cluster, tap, error };
}

const PASS: Rule = () => undefined;
/** Nothing but the prewrites ever gets through: the client dies before it tells anybody. */
const NO_COMMIT: Rule = ({ kind }) => (kind === 'commit' ? { kind: 'break' } : undefined);
/** The prewrite of `z` never arrives. */
const NO_Z: Rule = (body) =>
  body.kind === 'commit' || (body.kind === 'prewrite' && body.mutations[0]?.key.values[0] === 'z')
    ? { kind: 'break' }
    : undefined;

describe('async commit', () => {
  test('the statement returns when the last key is prewritten; all commits follow', () => {
    const cluster = settled();
    const tap = new KvTap(cluster);
    const writing = cluster.start(write(cluster, ASYNC, 'a', 'z'));
    while (!writing.done) cluster.pass(1);
    expect(tap.of('commit')).toEqual([]);
    const primary = lockOn(cluster, 'a');
    expect(primary?.secondaries?.map(({ values }) => values[0])).toEqual(['z']);
    expect(lockOn(cluster, 'z')?.secondaries).toEqual([]);
    cluster.pass(10_000);
    const least = Math.max(primary?.minCommitTs as number, 0);
    expect(tap.of('commit').every(({ commitTs }) => commitTs >= least)).toBe(true);
    expect([lockOn(cluster, 'a'), lockOn(cluster, 'z')]).toEqual([undefined, undefined]);
    expect(readAll(cluster, 'a', 'z')).toEqual([1, 1]);
  });

  test('whoever begins after it was acknowledged sees it, although nothing is committed', () => {
    const { cluster } = commitUnder(NO_COMMIT, ASYNC, ['a', 'z']);
    const reading = cluster.start(read(cluster, 'z'));
    cluster.pass(60 * SECOND);
    expect(reading).toEqual({ done: true, value: 1 });
    expect(cluster.run(read(cluster, 'a'))).toBe(1);
  });

  test('the dead client of a complete async commit is finished for by whoever comes', () => {
    const { cluster, tap } = commitUnder(NO_COMMIT, ASYNC, ['a', 'b', 'z']);
    cluster.pass(60 * SECOND);
    const locks = ['a', 'b', 'z'].map((name) => lockOn(cluster, name)?.minCommitTs as number);
    expect(readAll(cluster, 'z', 'b', 'a')).toEqual([1, 1, 1]);
    expect(new Set(tap.of('resolve-lock').map(({ commitTs }) => commitTs))).toEqual(
      new Set([Math.max(...locks)]),
    );
    const checked = tap.of('check-secondary-locks').flatMap(({ keys }) => keys);
    expect(checked.map(({ values }) => values[0]).sort()).toEqual(['b', 'z']);
  });

  test('the locks of an incomplete one are rolled back, and the missing key is barred', () => {
    const cluster = settled();
    const tap = new KvTap(cluster);
    tap.rule = NO_Z;
    const writing = cluster.start(write(cluster, ASYNC, 'a', 'z'));
    cluster.pass(5 * SECOND);
    expect([writing.done, lockOn(cluster, 'a') !== undefined]).toEqual([false, true]);
    expect(readAll(cluster, 'a', 'z')).toEqual([undefined, undefined]);
    tap.rule = undefined;
    cluster.pass(60 * SECOND);
    expect(writing.error).toBeInstanceOf(ConnectionLost);
    expect(readAll(cluster, 'a', 'z')).toEqual([undefined, undefined]);
  });

  test('more than the primary can name is committed in two phases', () => {
    const secondaries = (names: string[]): unknown =>
      commitUnder(PASS, ASYNC, names).tap.of('prewrite')[0]?.secondaries?.length;
    const short = Array.from({ length: 100 }, (_, i) => `a${i}`);
    expect(secondaries(short)).toBe(99);
    expect(secondaries(short.map((name) => name.padEnd(20)))).toBeUndefined();
  });

  test('a store that may not go beyond max_commit_ts declines, and two phases go on', () => {
    const cluster = settled();
    const tap = new KvTap(cluster);
    tap.rule = (body) => {
      if (body.kind !== 'prewrite' || body.mutations[0]?.key.values[0] !== 'z') return undefined;
      (body as { maxCommitTs: number }).maxCommitTs = 1;
      return undefined;
    };
    cluster.run(write(cluster, ASYNC, 'a', 'z'));
    expect(tap.of('commit').map(({ keys }) => keys[0]?.values[0])).toEqual(['a']);
    cluster.pass(SECOND);
    expect(readAll(cluster, 'a', 'z')).toEqual([1, 1]);
  });

  test('a lock that fell back sends the asker to the primary, which is judged alone', () => {
    const cluster = settled();
    const tap = new KvTap(cluster);
    tap.rule = (body) => {
      if (body.kind === 'commit') return { kind: 'break' };
      if (body.kind !== 'prewrite' || body.mutations[0]?.key.values[0] !== 'z') return undefined;
      (body as { maxCommitTs: number }).maxCommitTs = 1;
      return undefined;
    };
    cluster.start(write(cluster, ASYNC, 'a', 'z'));
    cluster.pass(10 * SECOND);
    expect(readAll(cluster, 'z', 'a')).toEqual([undefined, undefined]);
    const asked = tap.of('check-txn-status').map(({ forceSyncCommit }) => forceSyncCommit);
    expect(asked).toEqual([false, true]);
  });

  test('a conflict is a definite failure, and what was locked is rolled back', () => {
    const cluster = settled();
    const txn = cluster.run(cluster.storage.begin(false));
    cluster.run(write(cluster, BOTH, 'z'));
    for (const name of ['a', 'z']) txn.buffer.put(keyOf(name), [2], false);
    expect(() => cluster.run(txn.commit(ASYNC))).toThrow(expect.objectContaining({ code: 9007 }));
    cluster.pass(SECOND);
    expect([lockOn(cluster, 'a'), lockOn(cluster, 'z')]).toEqual([undefined, undefined]);
    expect(readAll(cluster, 'a', 'z')).toEqual([undefined, 1]);
  });

  test('without PD it does not even begin', () => {
    const cluster = settled();
    const tap = new KvTap(cluster);
    const txn = cluster.run(cluster.storage.begin(false));
    for (const name of ['a', 'z']) txn.buffer.put(keyOf(name), [1], false);
    cluster.run(read(cluster, 'a'));
    cluster.run(read(cluster, 'z'));
    cluster.world.kill(1);
    const committing = txn.commit(ASYNC);
    expect(() => cluster.run(committing)).toThrow(expect.objectContaining({ code: 9001 }));
    expect(tap.of('prewrite')).toEqual([]);
  });
});

describe('one-phase commit', () => {
  test('one region, one request, no lock and no commit', () => {
    const { cluster, tap, error } = commitUnder(PASS, BOTH, ['a', 'b']);
    expect(error).toBeUndefined();
    cluster.pass(SECOND);
    expect([tap.of('prewrite').length, tap.of('commit').length]).toEqual([1, 0]);
    expect([lockOn(cluster, 'a'), ...readAll(cluster, 'a', 'b')]).toEqual([undefined, 1, 1]);
  });

  test.each([
    ['async commit', BOTH, 2],
    ['two phases', ONE_PC, 2],
  ] as const)('keys in two regions go on with %s', (_name, protocols, commits) => {
    const { cluster, tap, error } = commitUnder(PASS, protocols, ['a', 'z']);
    expect(error).toBeUndefined();
    expect(tap.of('prewrite').map(({ tryOnePc }) => tryOnePc)).toEqual([false, false]);
    cluster.pass(SECOND);
    expect(tap.of('commit')).toHaveLength(commits);
    expect(readAll(cluster, 'a', 'z')).toEqual([1, 1]);
  });

  test('a declined one leaves locks and is committed in two phases', () => {
    const rule: Rule = (body) => {
      if (body.kind === 'prewrite') (body as { maxCommitTs: number }).maxCommitTs = 1;
      return undefined;
    };
    const { cluster, tap, error } = commitUnder(rule, BOTH, ['a', 'b']);
    expect(error).toBeUndefined();
    cluster.pass(SECOND);
    expect(tap.of('commit').map(({ keys }) => keys.length)).toEqual([1, 1]);
    expect(readAll(cluster, 'a', 'b')).toEqual([1, 1]);
  });

  test('a repeated one is told of its commit', () => {
    const rule = first(1, 'prewrite', { kind: 'lose-answer' });
    const { cluster, tap, error } = commitUnder(rule, BOTH, ['a', 'b']);
    expect(error).toBeUndefined();
    expect(tap.of('prewrite').map(({ isRetry }) => isRetry)).toEqual([false, true]);
    expect(readAll(cluster, 'a', 'b')).toEqual([1, 1]);
  });
});

describe('undetermined results', () => {
  const lost = first(1000, 'prewrite', { kind: 'lose-answer' });
  const broken = first(1000, 'prewrite', { kind: 'break' });

  test.each([
    ['async commit, answers lost', ASYNC, ['a', 'z'], lost, 1],
    ['async commit, never executed', ASYNC, ['a', 'z'], broken, undefined],
    ['1PC, answer lost', ONE_PC, ['a', 'b'], lost, 1],
    ['1PC, never executed', ONE_PC, ['a', 'b'], broken, undefined],
  ])('%s: the connection is closed', (_name, protocols, names, rule, truth) => {
    const { cluster, tap, error } = commitUnder(rule, protocols, names);
    tap.rule = undefined;
    expect(error).toBeInstanceOf(ConnectionLost);
    expect(cluster.log).toContain('ERROR result undetermined, close this connection');
    cluster.pass(60 * SECOND);
    expect(readAll(cluster, ...names)).toEqual([truth, truth]);
  });

  test('in two phases a lost prewrite is a definite failure', () => {
    const { cluster, error } = commitUnder(lost, { asyncCommit: false, onePc: false }, ['a', 'z']);
    expect(error).toMatchObject({ code: 9002 });
    cluster.pass(60 * SECOND);
    expect(readAll(cluster, 'a', 'z')).toEqual([undefined, undefined]);
  });

  test('an answer that comes after all settles it', () => {
    const { cluster, error } = commitUnder(first(2, 'prewrite', { kind: 'lose-answer' }), ASYNC, [
      'a',
      'z',
    ]);
    expect(error).toBeUndefined();
    cluster.pass(SECOND);
    expect(readAll(cluster, 'a', 'z')).toEqual([1, 1]);
  });

  test('region errors alone leave nothing undetermined', () => {
    const refuse = { kind: 'refuse', error: { kind: 'RegionNotFound' } } as const;
    const { error } = commitUnder(first(1000, 'prewrite', refuse), ASYNC, ['a', 'z']);
    expect(error).toMatchObject({ code: 9005 });
  });

  test('a leader that does not know its max_ts yet is waited for', () => {
    const refuse = { kind: 'refuse', error: { kind: 'MaxTimestampNotSynced' } } as const;
    const { cluster, error } = commitUnder(first(5, 'prewrite', refuse), ASYNC, ['a', 'z']);
    expect(error).toBeUndefined();
    expect(readAll(cluster, 'a', 'z')).toEqual([1, 1]);
  });
});

/** Reads at the newest timestamp, again and again: every one moves max_ts. */
function* readOn(cluster: KvCluster): Wait<void> {
  for (;;) {
    const readTs = yield* cluster.storage.currentTs();
    yield* cluster.storage.snapshot(readTs).get(keyOf('a'), readTs);
  }
}

test('a one-phase commit that a split overtakes in the log is refused, and made once', () => {
  let refused = 0;
  for (let delayUs = 0; delayUs < 1500; delayUs += 50) {
    const cluster = new KvCluster();
    const tap = new KvTap(cluster);
    const txn = cluster.run(cluster.storage.begin(false));
    for (const name of ['a', 'b']) txn.buffer.put(keyOf(name), [1], false);
    cluster.start(readOn(cluster));
    cluster.start(cluster.storage.splitRegions([keyOf('c').encoded]));
    cluster.pass(delayUs);
    cluster.run(txn.commit(ONE_PC));
    if (tap.of('prewrite').length > 1) refused++;
  }
  expect(refused).toBeGreaterThan(0);
});
