import { expect, test } from 'vitest';
import { KvCluster, keyOf, SPACE } from '../../../testing/kv-cluster.ts';
import { KvTap } from '../../../testing/kv-tap.ts';
import { type Bugs, NO_BUGS } from '../../bugs.ts';
import { prefixEnd } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { ReplicaRead, Transaction } from '../transaction.ts';

const SECOND = 1_000_000;

/** Two stores that keep everything; `a` is led by the first, `z` by the second. */
function replicated(bugs: Bugs = NO_BUGS): { cluster: KvCluster; tap: KvTap } {
  const cluster = new KvCluster('1', bugs, true);
  cluster.pass(20 * SECOND);
  return { cluster, tap: new KvTap(cluster) };
}

function* write(cluster: KvCluster, value: number, ...names: string[]): Wait<void> {
  const txn = yield* cluster.storage.begin(false);
  for (const name of names) txn.buffer.put(keyOf(name), [value], false);
  yield* txn.commit({ asyncCommit: true, onePc: false });
}

function snapshot(cluster: KvCluster, replicaRead: ReplicaRead, at?: number): Transaction {
  const readTs = at ?? cluster.run(cluster.storage.currentTs());
  return cluster.storage.snapshot(readTs, replicaRead);
}

function* rows(txn: Transaction): Wait<unknown[]> {
  const scan = txn.scan({
    ranges: [{ space: SPACE, start: SPACE.prefix, end: prefixEnd(SPACE.prefix) }],
    ...{ readTs: txn.startTs, columns: [0, 1], keepOrder: true, descending: false },
    limit: undefined,
  });
  const found: unknown[] = [];
  for (let chunk = yield* scan.next(); chunk !== undefined; chunk = yield* scan.next()) {
    for (let i = 0; i < chunk.length; i++) found.push(chunk.columns.map((each) => each.get(i)));
  }
  return found;
}

/** Which stores got a kind of request. */
function asked(tap: KvTap, kind: string): number[] {
  return tap.received.filter(({ body }) => body.kind === kind).map(({ store }) => store);
}

test('a follower answers with what was committed before, in every kind of read', () => {
  const { cluster, tap } = replicated();
  cluster.run(write(cluster, 1, 'a', 'b', 'z'));
  cluster.pass(SECOND);
  const txn = snapshot(cluster, 'follower');
  const leader = cluster.storeOf('a');
  const other = cluster.storeOf('z');
  expect(leader).not.toBe(other);
  expect(cluster.run(txn.get(keyOf('a'), txn.startTs))).toEqual([1]);
  expect([asked(tap, 'get'), asked(tap, 'read-index')]).toEqual([[other], [leader]]);
  const both = ['a', 'z'].map(keyOf);
  expect(cluster.run(txn.batchGet(both, txn.startTs))).toEqual([[1], [1]]);
  expect(asked(tap, 'batch-get').sort()).toEqual([leader, other].sort());
  expect(cluster.run(rows(txn))).toEqual([
    ['a', 1],
    ['b', 1],
    ['z', 1],
  ]);
});

test('leader and follower take turns', () => {
  const { cluster, tap } = replicated();
  cluster.run(write(cluster, 1, 'a'));
  cluster.pass(SECOND);
  const txn = snapshot(cluster, 'leader-and-follower');
  for (let i = 0; i < 4; i++) cluster.run(txn.get(keyOf('a'), txn.startTs));
  const [one, two] = [cluster.storeOf('a'), cluster.storeOf('z')];
  expect(asked(tap, 'get').filter((store) => store === one)).toHaveLength(2);
  expect(asked(tap, 'get').filter((store) => store === two)).toHaveLength(2);
});

test('reads of the present are the leader\u2019s', () => {
  const { cluster, tap } = replicated();
  const txn = snapshot(cluster, 'follower');
  cluster.run(txn.get(keyOf('a'), cluster.run(cluster.storage.currentTs())));
  expect(asked(tap, 'get')).toEqual([cluster.storeOf('a')]);
});

test('without a follower that answers, the leader does', () => {
  const { cluster, tap } = replicated();
  cluster.run(write(cluster, 1, 'a'));
  cluster.pass(SECOND);
  tap.rule = (body, store) =>
    body.kind === 'get' && store !== cluster.storeOf('a') ? { kind: 'break' } : undefined;
  const txn = snapshot(cluster, 'follower');
  expect(cluster.run(txn.get(keyOf('a'), txn.startTs))).toEqual([1]);
});

/** A snapshot read from a follower while an async commit calculates its timestamp elsewhere. */
function snapshotUnderCommit(bugs: Bugs): unknown[] {
  const { cluster, tap } = replicated(bugs);
  const writer = cluster.run(cluster.storage.begin(false));
  writer.buffer.put(keyOf('a'), [1], false);
  tap.rule = ({ kind }) => (kind === 'prewrite' ? { kind: 'hold', us: 50_000 } : undefined);
  const committing = cluster.start(writer.commit({ asyncCommit: true, onePc: false }));
  cluster.pass(10_000);
  const txn = snapshot(cluster, 'follower');
  const before = cluster.run(txn.get(keyOf('a'), txn.startTs));
  cluster.pass(SECOND);
  expect(committing).toEqual({ done: true, value: undefined });
  return [before, cluster.run(txn.get(keyOf('a'), txn.startTs))];
}

test('a commit timestamp is calculated above what a follower has been read at', () => {
  expect(snapshotUnderCommit(NO_BUGS)).toEqual([undefined, undefined]);
});

test('read.followerTellsNobody lets a snapshot change', () => {
  const seen = snapshotUnderCommit(new Set(['read.followerTellsNobody']));
  expect(seen).toEqual([undefined, [1]]);
});
