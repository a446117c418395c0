import { expect, test } from 'vitest';
import { KvCluster, keyOf } from '../../../testing/kv-cluster.ts';
import { KvTap } from '../../../testing/kv-tap.ts';
import type { Wait } from '../../sim/index.ts';

const SECOND = 1_000_000;

/** A client that prewrites these keys over two regions and is then heard of no more. */
function abandon(cluster: KvCluster, tap: KvTap, ...names: string[]): void {
  tap.rule = ({ kind }) => (kind === 'commit' ? { kind: 'break' } : undefined);
  cluster.start(write(cluster, ...names));
  cluster.pass(20_000);
}

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

test('a reader passes by the lock of a living transaction without waiting for its end', () => {
  const cluster = new KvCluster();
  const tap = new KvTap(cluster);
  abandon(cluster, tap, 'a', 'z');
  const begunUs = cluster.world.nowUs;
  expect(cluster.run(read(cluster, 'z'))).toBeUndefined();
  expect(cluster.world.nowUs - begunUs).toBeLessThan(10_000);
  const [check] = tap.of('check-txn-status');
  expect(check?.primary.values).toEqual(['a']);
  expect(tap.of('get').at(-1)?.bypass).toEqual([check?.lockTs]);
  expect(lockOn(cluster, 'z')).toBeDefined();
});

test('the lock of a transaction that died is rolled back once its time is over', () => {
  const cluster = new KvCluster();
  const tap = new KvTap(cluster);
  abandon(cluster, tap, 'a', 'z');
  cluster.pass(4 * SECOND);
  expect(cluster.run(read(cluster, 'z'))).toBeUndefined();
  expect(lockOn(cluster, 'z')).toBeUndefined();
  expect(lockOn(cluster, 'a')).toBeUndefined();
  expect(tap.of('resolve-lock').map(({ commitTs }) => commitTs)).toEqual([0]);
});

test('what became of a transaction is asked once for all of its locks', () => {
  const cluster = new KvCluster();
  const tap = new KvTap(cluster);
  abandon(cluster, tap, 'a', 'x', 'y', 'z');
  cluster.pass(4 * SECOND);
  for (const name of ['x', 'y', 'z']) cluster.run(read(cluster, name));
  expect(tap.of('check-txn-status')).toHaveLength(1);
  expect(tap.of('resolve-lock')).toHaveLength(3);
});

test('a transaction of many keys is resolved a region at a time', () => {
  const cluster = new KvCluster();
  const tap = new KvTap(cluster);
  const names = Array.from({ length: 20 }, (_, i) => `z${i}`);
  abandon(cluster, tap, 'a', ...names);
  cluster.pass(4 * SECOND);
  for (const name of names) cluster.run(read(cluster, name));
  expect(tap.of('resolve-lock').map(({ keys }) => keys)).toEqual([undefined]);
});

test('a secondary seen before its primary was written does not doom the transaction', () => {
  const cluster = new KvCluster();
  cluster.run(write(cluster, 'b', 'y'));
  cluster.pass(SECOND);
  const tap = new KvTap(cluster);
  let refused = false;
  tap.rule = ({ kind }, store) => {
    if (kind !== 'prewrite' || store !== cluster.storeOf('a') || refused) return undefined;
    refused = true;
    return { kind: 'refuse', error: { kind: 'ServerIsBusy', reason: 'scheduler' } };
  };
  const writing = cluster.start(write(cluster, 'a', 'z'));
  while (lockOn(cluster, 'z') === undefined) cluster.pass(100);
  const reading = cluster.start(read(cluster, 'z'));
  cluster.pass(10 * SECOND);
  expect(writing).toEqual({ done: true, value: undefined });
  expect(reading.done).toBe(true);
  expect(cluster.run(read(cluster, 'z'))).toBe(1);
});

test('a pessimistic lock of a dead client gives way, and no record is left of it', () => {
  const cluster = new KvCluster();
  const dead = cluster.run(cluster.storage.begin(true));
  const options = { waitUs: 50 * SECOND, returnValues: false, retry: false };
  cluster.run(dead.lockKeys([keyOf('a')], { ...options, forUpdateTs: dead.startTs }));
  const tap = new KvTap(cluster);
  tap.rule = ({ kind }) => (kind === 'txn-heart-beat' ? { kind: 'break' } : undefined);
  const txn = cluster.run(cluster.storage.begin(true));
  const begunUs = cluster.world.nowUs;
  cluster.run(txn.lockKeys([keyOf('a')], { ...options, forUpdateTs: txn.startTs }));
  const waitedUs = cluster.world.nowUs - begunUs;
  expect(waitedUs).toBeGreaterThan(19 * SECOND);
  expect(waitedUs).toBeLessThan(22 * SECOND);
  expect(tap.of('resolve-lock')).toEqual([]);
});
