import { expect, test } from 'vitest';
import { KvCluster, keyOf } from '../../../testing/kv-cluster.ts';
import { first, KvTap, type Reaction } from '../../../testing/kv-tap.ts';
import type { Wait } from '../../sim/index.ts';
import type { RegionError } from '../../tikv/request.ts';

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

/** Reads `a` with the first request meddled with: the stores asked, and the pause in between. */
function readThrough(reaction: Reaction, times = 1): { stores: number[]; pauseUs: number } {
  const cluster = new KvCluster();
  cluster.run(write(cluster, 'a', 'z'));
  cluster.pass(SECOND);
  const tap = new KvTap(cluster);
  tap.rule = first(times, 'get', reaction);
  expect(cluster.run(read(cluster, 'a'))).toBe(1);
  const [one, two] = tap.received;
  const stores = tap.received.map(({ store }) => store);
  return { stores, pauseUs: (two?.atUs ?? 0) - (one?.atUs ?? 0) };
}

const refuse = (error: RegionError): Reaction => ({ kind: 'refuse', error });

test('NotLeader with a hint: the leader it names is asked at once', () => {
  const { stores, pauseUs } = readThrough(refuse({ kind: 'NotLeader', leaderStore: 3 }));
  expect(stores.slice(0, 2)).toEqual([2, 3]);
  expect(pauseUs).toBeLessThan(1000);
});

test('NotLeader without a hint: the region is located anew after a pause', () => {
  const { stores, pauseUs } = readThrough(refuse({ kind: 'NotLeader', leaderStore: undefined }));
  expect(stores).toEqual([2, 2]);
  expect(pauseUs).toBeGreaterThanOrEqual(2000);
});

test.each(['RegionNotFound', 'KeyNotInRegion', 'StoreNotMatch'] as const)(
  '%s: the region is located anew after 2 ms',
  (kind) => {
    const { stores, pauseUs } = readThrough(refuse({ kind }));
    expect(stores).toEqual([2, 2]);
    expect(pauseUs).toBeGreaterThanOrEqual(2000);
    expect(pauseUs).toBeLessThan(4000);
  },
);

test('ServerIsBusy: the store is left alone for one to two seconds', () => {
  const { pauseUs } = readThrough(refuse({ kind: 'ServerIsBusy', reason: 'scheduler' }));
  expect(pauseUs).toBeGreaterThanOrEqual(SECOND);
  expect(pauseUs).toBeLessThan(2.01 * SECOND);
});

test('StaleCommand: sent again after 2 ms', () => {
  const { stores, pauseUs } = readThrough(refuse({ kind: 'StaleCommand' }));
  expect(stores).toEqual([2, 2]);
  expect(pauseUs).toBeGreaterThanOrEqual(2000);
});

test('a broken connection: sent again after 50 to 100 ms', () => {
  const { pauseUs } = readThrough({ kind: 'break' });
  expect(pauseUs).toBeGreaterThanOrEqual(50_000);
  expect(pauseUs).toBeLessThan(110_000);
});

test('EpochNotMatch: the regions of the answer are used at once, without asking PD', () => {
  const cluster = new KvCluster();
  cluster.run(write(cluster, 'a', 'd', 'z'));
  cluster.pass(SECOND);
  cluster.split('c');
  const tap = new KvTap(cluster);
  cluster.world.kill(1);
  const readTs = Number.MAX_SAFE_INTEGER;
  const snapshot = cluster.storage.snapshot(readTs);
  expect(cluster.run(snapshot.get(keyOf('d'), readTs), SECOND)).toEqual([1]);
  expect(cluster.run(snapshot.get(keyOf('a'), readTs), SECOND)).toEqual([1]);
  expect(tap.received).toHaveLength(3);
});

test('EpochNotMatch of a store that lags behind: only a pause', () => {
  const stale = { id: 1, startKey: '', endKey: '', epoch: { confVer: 1, version: 1 }, peers: [] };
  const error: RegionError = { kind: 'EpochNotMatch', currentRegions: [stale] };
  const { stores, pauseUs } = readThrough(refuse(error), 3);
  expect(stores).toEqual([2, 2, 2, 2]);
  expect(pauseUs).toBeGreaterThanOrEqual(2000);
});

test('keys of several regions are written side by side', () => {
  const cluster = new KvCluster();
  cluster.run(write(cluster, 'a', 'z'));
  cluster.pass(SECOND);
  const tap = new KvTap(cluster);
  cluster.run(write(cluster, 'b', 'y'));
  const [one, two] = tap.received;
  expect([one?.body.kind, two?.body.kind]).toEqual(['prewrite', 'prewrite']);
  expect(new Set([one?.store, two?.store])).toEqual(new Set([2, 3]));
  expect(Math.abs((two?.atUs ?? 0) - (one?.atUs ?? 0))).toBeLessThan(300);
});

test('a prewrite that meets a split is cut anew and commits', () => {
  const cluster = new KvCluster();
  cluster.run(write(cluster, 'a', 'z'));
  cluster.split('c');
  cluster.run(write(cluster, 'b', 'd', 'y'));
  for (const name of ['b', 'd', 'y']) expect(cluster.run(read(cluster, name))).toBe(1);
});
