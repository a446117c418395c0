import { expect, test } from 'vitest';
import { KvCluster, keyOf } from '../../../testing/kv-cluster.ts';
import { KvTap } from '../../../testing/kv-tap.ts';
import { type Bugs, NO_BUGS } from '../../bugs.ts';
import { MAX_TS } from '../../mvcc/index.ts';
import type { Wait } from '../../sim/index.ts';
import { GcState } from './gc-state.ts';
import { GcWorker } from './gc-worker.ts';

const SECOND = 1_000_000;
const SETTINGS = { enabled: true, lifeMs: 10_000, intervalMs: 60_000 };

/** A cluster whose client collects garbage older than ten seconds, once a minute. */
function collecting(bugs: Bugs = NO_BUGS): { cluster: KvCluster; tap: KvTap } {
  const cluster = new KvCluster('1', bugs);
  cluster.start(new GcWorker(cluster.client, () => SETTINGS).run());
  cluster.pass(SECOND);
  return { cluster, tap: new KvTap(cluster) };
}

function* write(cluster: KvCluster, value: number, ...names: string[]): Wait<void> {
  const txn = yield* cluster.storage.begin(false);
  for (const name of names) txn.buffer.put(keyOf(name), [value], false);
  yield* txn.commit();
}

function* read(cluster: KvCluster, name: string): Wait<unknown> {
  const readTs = yield* cluster.storage.currentTs();
  return (yield* cluster.storage.snapshot(readTs).get(keyOf(name), readTs))?.[0];
}

function versions(cluster: KvCluster, name: string): number {
  let count = 0;
  for (const engine of cluster.engines.values()) {
    for (const cursor = engine.writes(keyOf(name), MAX_TS); cursor.valid; cursor.next()) count++;
  }
  return count;
}

test('old versions go, the newest stays, and reads below the safe point are refused', () => {
  const { cluster } = collecting();
  cluster.run(write(cluster, 1, 'a', 'z'));
  const early = cluster.run(cluster.storage.currentTs());
  cluster.run(write(cluster, 2, 'a', 'z'));
  cluster.run(write(cluster, 3, 'a'));
  cluster.pass(SECOND);
  expect([versions(cluster, 'a'), versions(cluster, 'z')]).toEqual([3, 2]);
  const past = cluster.storage.snapshot(early);
  expect(cluster.run(past.get(keyOf('a'), early))).toEqual([1]);
  cluster.pass(65 * SECOND);
  expect([versions(cluster, 'a'), versions(cluster, 'z')]).toEqual([1, 1]);
  expect([cluster.run(read(cluster, 'a')), cluster.run(read(cluster, 'z'))]).toEqual([3, 2]);
  const tooLate = past.get(keyOf('a'), early);
  expect(() => cluster.run(tooLate)).toThrow(expect.objectContaining({ code: 9006 }));
  expect(() => cluster.storage.snapshot(early)).toThrow(expect.objectContaining({ code: 8055 }));
});

test('a running transaction keeps what it may still read', () => {
  const { cluster } = collecting();
  cluster.run(write(cluster, 1, 'a'));
  const txn = cluster.run(cluster.storage.begin(false));
  cluster.run(write(cluster, 2, 'a'));
  cluster.pass(65 * SECOND);
  expect(cluster.run(txn.get(keyOf('a'), txn.startTs))).toEqual([1]);
  txn.rollback();
  cluster.pass(65 * SECOND);
  expect(versions(cluster, 'a')).toBe(1);
});

test('gc.ignoresRunningTransactions takes it away', () => {
  const { cluster } = collecting(new Set(['gc.ignoresRunningTransactions']));
  const txn = cluster.run(cluster.storage.begin(false));
  cluster.pass(65 * SECOND);
  const reading = txn.get(keyOf('a'), txn.startTs);
  expect(() => cluster.run(reading)).toThrow(expect.objectContaining({ code: 9006 }));
});

/** `a` (primary) is committed, the commit of `z` never came through, and `a` was changed again. */
function withLeftover(bugs: Bugs): { cluster: KvCluster; tap: KvTap } {
  const { cluster, tap } = collecting(bugs);
  tap.rule = (body) =>
    body.kind === 'commit' && body.keys[0]?.values[0] === 'z' ? { kind: 'break' } : undefined;
  cluster.run(write(cluster, 1, 'a', 'z'));
  cluster.run(write(cluster, 2, 'a'));
  cluster.run(cluster.storage.begin(false)).rollback();
  return { cluster, tap };
}

test('locks are settled before the records that decide about them are garbage', () => {
  const { cluster, tap } = withLeftover(NO_BUGS);
  expect(cluster.engines.get(cluster.storeOf('z'))?.lock(keyOf('z'))).toBeDefined();
  cluster.pass(70 * SECOND);
  expect(cluster.engines.get(cluster.storeOf('z'))?.lock(keyOf('z'))).toBeUndefined();
  expect(tap.of('resolve-lock').map(({ commitTs }) => commitTs > 0)).toEqual([true]);
  expect([cluster.run(read(cluster, 'a')), cluster.run(read(cluster, 'z'))]).toEqual([2, 1]);
  const kinds = tap.received.map(({ body }) => body.kind);
  expect(kinds.lastIndexOf('resolve-lock')).toBeLessThan(kinds.indexOf('gc'));
});

test('gc.leavesLocks forgets that a transaction was committed', () => {
  const { cluster } = withLeftover(new Set(['gc.leavesLocks']));
  cluster.pass(70 * SECOND);
  // The primary's record is gone, so it is rolled back for whoever asks: two outcomes.
  const reading = read(cluster, 'z');
  expect(() => cluster.run(reading)).toThrow(/committed at .*rolled back/);
});

test('if locks cannot be settled no garbage is collected', () => {
  const { cluster, tap } = collecting();
  cluster.run(write(cluster, 1, 'a'));
  cluster.run(write(cluster, 2, 'a'));
  tap.rule = ({ kind }) =>
    kind === 'scan-lock' ? { kind: 'refuse', error: { kind: 'RegionNotFound' } } : undefined;
  cluster.pass(400 * SECOND);
  expect(tap.of('gc')).toEqual([]);
  expect(cluster.log).toContain('WARN [gc worker] gc job failed');
  tap.rule = undefined;
  cluster.pass(130 * SECOND);
  expect(versions(cluster, 'a')).toBe(1);
});

test('one node at a time collects, and another takes over when its lease is out', () => {
  const state = new GcState();
  expect(state.acquireLease(1, 0, 120)).toBe(true);
  expect(state.acquireLease(2, 60, 120)).toBe(false);
  expect(state.acquireLease(1, 60, 120)).toBe(true);
  expect(state.acquireLease(2, 150, 120)).toBe(false);
  expect(state.acquireLease(2, 180, 120)).toBe(true);
  expect(state.acquireLease(1, 190, 120)).toBe(false);
});

test('what a node reported holds for a while after it was last heard of', () => {
  const state = new GcState();
  state.report(1, 50, 100);
  state.report(2, 70, 200);
  expect([state.oldestStartTs(100), state.oldestStartTs(101)]).toEqual([50, 70]);
  expect(state.oldestStartTs(201)).toBe(Number.POSITIVE_INFINITY);
});
