import { expect, test } from 'vitest';
import { KvCluster, keyOf } from '../../../testing/kv-cluster.ts';
import { first, KvTap } from '../../../testing/kv-tap.ts';
import type { Wait } from '../../sim/index.ts';
import { LockConflict, type Transaction } from '../transaction.ts';

const SECOND = 1_000_000;

function* lock(txn: Transaction, ...names: string[]): Wait<void> {
  const forUpdateTs = yield* txn.fetchForUpdateTs();
  const options = { forUpdateTs, waitUs: 50 * SECOND, returnValues: false, retry: false };
  yield* txn.lockKeys(names.map(keyOf), options);
}

function begun(): { cluster: KvCluster; tap: KvTap; txn: Transaction } {
  const cluster = new KvCluster();
  const txn = cluster.run(cluster.storage.begin(true));
  return { cluster, tap: new KvTap(cluster), txn };
}

/** Which of the keys are locked on any store. */
function locked(cluster: KvCluster, ...names: string[]): string[] {
  return names.filter((name) => cluster.lock(name) !== undefined);
}

test('the smallest key of the first lock call is the primary and is locked alone', () => {
  const { cluster, tap, txn } = begun();
  cluster.run(lock(txn, 'c', 'a', 'b'));
  cluster.run(lock(txn, '0'));
  const requests = tap.of('pessimistic-lock');
  const names = requests.map(({ keys }) => keys.map((key) => key.values[0]));
  expect(names).toEqual([['a'], ['c', 'b'], ['0']]);
  expect(requests.map(({ primary }) => primary.values[0])).toEqual(['a', 'a', 'a']);
});

test('a transaction that touched nothing commits without a request', () => {
  const { cluster, tap, txn } = begun();
  cluster.run(txn.commit());
  expect(tap.received).toEqual([]);
});

test('a store is asked to wait for one second at most, as often as patience lasts', () => {
  const { cluster, tap, txn } = begun();
  cluster.run(lock(txn, 'a'));
  const other = cluster.run(cluster.storage.begin(true));
  const waiting = cluster.start(lock(other, 'a'));
  cluster.pass(3.5 * SECOND);
  const waits = tap.of('pessimistic-lock').filter(({ startTs }) => startTs === other.startTs);
  expect(waits.map(({ waitTimeoutMs }) => waitTimeoutMs)).toEqual([1000, 1000, 1000, 1000]);
  expect(waiting.done).toBe(false);
});

test('locks of a failed statement are released, earlier ones are kept', () => {
  const { cluster, txn } = begun();
  cluster.run(lock(txn, 'a'));
  const before = txn.lockCount;
  cluster.run(lock(txn, 'b', 'z'));
  txn.releaseLocksSince(before);
  cluster.pass(SECOND);
  expect(locked(cluster, 'a', 'b', 'z')).toEqual(['a']);
});

test('a lock taken at the second try stays when a later statement gives its own back', () => {
  const { cluster, tap, txn } = begun();
  tap.rule = first(1, 'pessimistic-lock', { kind: 'lose-answer' });
  cluster.run(lock(txn, 'a'));
  const before = txn.lockCount;
  cluster.run(lock(txn, 'b'));
  txn.releaseLocksSince(before);
  cluster.pass(SECOND);
  expect(locked(cluster, 'a', 'b')).toEqual(['a']);
});

test('a lock taken at the second try is not given back while it commits', () => {
  const { cluster, tap, txn } = begun();
  tap.rule = first(1, 'pessimistic-lock', { kind: 'lose-answer' });
  cluster.run(lock(txn, 'a'));
  txn.buffer.put(keyOf('a'), [1], false);
  cluster.run(txn.commit());
  expect(tap.of('pessimistic-rollback')).toEqual([]);
});

test('a lock whose answers were all lost is released once, with the rest', () => {
  const { cluster, tap, txn } = begun();
  cluster.run(lock(txn, 'a'));
  tap.rule = first(1000, 'pessimistic-lock', { kind: 'lose-answer' });
  expect(() => cluster.run(lock(txn, 'z'))).toThrow(expect.objectContaining({ code: 9002 }));
  expect(locked(cluster, 'a', 'z')).toEqual(['a', 'z']);
  txn.rollback();
  cluster.pass(SECOND);
  expect(tap.of('pessimistic-rollback').map(({ keys }) => keys.length)).toEqual([1, 1]);
  expect(locked(cluster, 'a', 'z')).toEqual([]);
});

test('heartbeats come every ten seconds and end with the transaction', () => {
  const { cluster, tap, txn } = begun();
  cluster.run(lock(txn, 'a'));
  cluster.pass(65 * SECOND);
  const beats = tap.of('txn-heart-beat').map(({ adviseTtlMs }) => Math.round(adviseTtlMs / 1000));
  expect(beats).toEqual([30, 40, 50, 60, 70, 80]);
  cluster.run(txn.commit());
  cluster.pass(60 * SECOND);
  expect(tap.of('txn-heart-beat')).toHaveLength(6);
});

test('an optimistic transaction notes its locks, and they conflict at commit', () => {
  const cluster = new KvCluster();
  const one = cluster.run(cluster.storage.begin(false));
  const two = cluster.run(cluster.storage.begin(false));
  for (const [txn, own] of [
    [one, 'b'],
    [two, 'c'],
  ] as const) {
    cluster.run(lock(txn, 'a'));
    txn.buffer.put(keyOf(own), [1], false);
  }
  cluster.run(one.commit());
  cluster.pass(SECOND);
  expect(() => cluster.run(two.commit())).toThrow(/^Write conflict, .*key=t\{a\}.*Optimistic/);
});

/** `one` holds z and wants a; `two` holds a and, last of all, wants z. */
function circle(inOneCall: boolean) {
  const { cluster, tap, txn: one } = begun();
  const two = cluster.run(cluster.storage.begin(true));
  cluster.run(lock(one, 'z'));
  if (!inOneCall) cluster.run(lock(two, 'a'));
  tap.rule = (body) =>
    body.kind === 'pessimistic-lock' && body.keys[0]?.values[0] === 'z'
      ? { kind: 'hold', us: 50_000 }
      : undefined;
  const last = cluster.start(lock(two, ...(inOneCall ? ['a', 'z'] : ['z'])));
  cluster.pass(10_000);
  const first = cluster.start(lock(one, 'a'));
  cluster.pass(SECOND / 4);
  return { first, last };
}

test('a deadlock over the keys of one call: the statement is run again without them', () => {
  const { first, last } = circle(true);
  expect(last.error).toBeInstanceOf(LockConflict);
  expect(first.error).toBeInstanceOf(LockConflict);
});

test('a deadlock over the key of an earlier statement ends the transaction that closed it', () => {
  const { first, last } = circle(false);
  expect(last.error).toMatchObject({ code: 1213 });
  expect(first.done).toBe(false);
});

test('a request for locks is not repeated once its transaction was rolled back', () => {
  const { cluster, tap, txn } = begun();
  const error = { kind: 'ServerIsBusy', reason: 'for the test' } as const;
  tap.rule = first(1, 'pessimistic-lock', { kind: 'refuse', error });
  const locking = cluster.start(lock(txn, 'a'));
  cluster.pass(2000);
  txn.rollback();
  cluster.pass(10 * SECOND);
  expect(locking.error).toMatchObject({ code: 1317 });
  expect(tap.of('pessimistic-lock')).toHaveLength(1);
  expect(locked(cluster, 'a')).toEqual([]);
});
