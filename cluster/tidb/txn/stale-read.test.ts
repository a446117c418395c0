import { expect, test } from 'vitest';
import { KvCluster, keyOf } from '../../../testing/kv-cluster.ts';
import { KvTap } from '../../../testing/kv-tap.ts';
import { type Bugs, NO_BUGS } from '../../bugs.ts';
import type { Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';

const SECOND = 1_000_000;

/** Two stores that keep everything; `a` is led by the first, `z` by the second. */
function replicated(bugs: Bugs = NO_BUGS): { cluster: KvCluster; tap: KvTap } {
  const cluster = new KvCluster('1', bugs, true);
  cluster.pass(20 * SECOND);
  return { cluster, tap: new KvTap(cluster) };
}

function* write(cluster: KvCluster, value: number): Wait<void> {
  const txn = yield* cluster.storage.begin(false);
  txn.buffer.put(keyOf('a'), [value], false);
  yield* txn.commit({ asyncCommit: true, onePc: false });
}

/** Reads `a` as it was, of whichever replica has its turn. */
function read(cluster: KvCluster, readTs: number): Wait<readonly Stored[] | undefined> {
  return cluster.storage.snapshot(readTs, 'stale').get(keyOf('a'), readTs);
}

/** Which stores were asked for a value since the last time, in order. */
function asked(tap: KvTap): number[] {
  const stores = tap.received.filter(({ body }) => body.kind === 'get').map(({ store }) => store);
  tap.received.length = 0;
  return stores;
}

test('a replica answers for the past once its leader has told it how far that is settled', () => {
  const { cluster, tap } = replicated();
  const [leader, other] = [cluster.storeOf('a'), cluster.storeOf('z')];
  cluster.run(write(cluster, 1));
  cluster.pass(SECOND);
  const readTs = cluster.run(cluster.storage.currentTs());
  const answers = [1, 2, 3, 4].map(() => {
    const answer = cluster.run(read(cluster, readTs));
    cluster.pass(SECOND);
    return [answer, asked(tap)];
  });
  // The replica that was not ready is told from then on; the two take turns.
  const byOther = answers.findIndex(([, stores]) => (stores as number[]).length === 2);
  expect(answers[byOther]).toEqual([[1], [other, leader]]);
  expect(answers[byOther + 1]).toEqual([[1], [leader]]);
  expect(answers[byOther + 2]).toEqual([[1], [other]]);
  expect(tap.of('read-index')).toEqual([]);
});

test('what came after the last word of the leader is asked of the leader', () => {
  const { cluster, tap } = replicated();
  const [leader, other] = [cluster.storeOf('a'), cluster.storeOf('z')];
  for (let i = 0; i < 2; i++) cluster.run(read(cluster, 1));
  cluster.pass(SECOND);
  cluster.run(write(cluster, 1));
  cluster.pass(SECOND);
  const readTs = cluster.run(cluster.storage.currentTs());
  asked(tap);
  for (let i = 0; i < 2; i++) expect(cluster.run(read(cluster, readTs))).toEqual([1]);
  expect(asked(tap).sort()).toEqual([leader, leader, other].sort());
  cluster.pass(20 * SECOND);
  for (let i = 0; i < 2; i++) expect(cluster.run(read(cluster, readTs))).toEqual([1]);
  expect(asked(tap).sort()).toEqual([leader, other].sort());
});

/**
 * Whether a snapshot of the past changed: read of a replica while an async commit was on its way
 * into the store, and once more when it was there.
 */
function changes(bugs: Bugs, delayUs: number): boolean {
  const { cluster } = replicated(bugs);
  cluster.start(write(cluster, 1));
  cluster.pass(delayUs);
  const readTs = cluster.run(cluster.storage.currentTs());
  // One of the two wakes the leader up, and one of the next two is answered by the replica.
  for (let i = 0; i < 2; i++) cluster.start(read(cluster, 1));
  cluster.pass(600);
  const early = [1, 2].map(() => cluster.start(read(cluster, readTs)));
  cluster.pass(SECOND);
  const late = [1, 2].map(() => cluster.run(read(cluster, readTs)));
  return (
    JSON.stringify(early.map((each) => (each as { value: unknown }).value)) !== JSON.stringify(late)
  );
}

const DELAYS = Array.from({ length: 30 }, (_, i) => i * 50);

test('a snapshot of the past stays what it is while commits are under way', () => {
  expect(DELAYS.filter((delay) => changes(NO_BUGS, delay))).toEqual([]);
});

test('read.resolvedTsIgnoresLocks lets a snapshot of the past change', () => {
  const bugs: Bugs = new Set(['read.resolvedTsIgnoresLocks']);
  expect(DELAYS.filter((delay) => changes(bugs, delay))).not.toEqual([]);
});
