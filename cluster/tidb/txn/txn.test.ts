import { expect, test } from 'vitest';
import { KvCluster, keyOf } from '../../../testing/kv-cluster.ts';
import type { Bugs } from '../../bugs.ts';
import { ConnectionLost, SqlError } from '../../errors.ts';
import type { Wait } from '../../sim/index.ts';
import { LockConflict, type LockOptions, type Transaction } from '../transaction.ts';

const SECOND = 1_000_000;

function* write(
  cluster: KvCluster,
  values: Record<string, number>,
  pessimistic = false,
): Wait<Transaction> {
  const txn = yield* cluster.storage.begin(pessimistic);
  for (const [name, value] of Object.entries(values)) txn.buffer.put(keyOf(name), [value], false);
  yield* txn.commit();
  return txn;
}

function* read(cluster: KvCluster, name: string): Wait<unknown> {
  const readTs = yield* cluster.storage.currentTs();
  return (yield* cluster.storage.snapshot(readTs).get(keyOf(name), readTs))?.[0];
}

function* lock(
  cluster: KvCluster,
  txn: Transaction,
  names: readonly string[],
  options: Partial<LockOptions> = {},
): Wait<unknown> {
  const forUpdateTs = yield* cluster.storage.currentTs();
  const wish = { forUpdateTs, waitUs: 50 * SECOND, returnValues: true, retry: false, ...options };
  return yield* txn.lockKeys(names.map(keyOf), wish);
}

test('what was committed over two regions is read back', () => {
  const cluster = new KvCluster();
  cluster.run(write(cluster, { a: 1, z: 2 }));
  expect([cluster.run(read(cluster, 'a')), cluster.run(read(cluster, 'z'))]).toEqual([1, 2]);
});

test('a snapshot does not see what was committed after it began', () => {
  const cluster = new KvCluster();
  cluster.run(write(cluster, { a: 1 }));
  const txn = cluster.run(cluster.storage.begin(false));
  cluster.run(write(cluster, { a: 2 }));
  expect(cluster.run(txn.get(keyOf('a'), txn.startTs))).toEqual([1]);
  expect(cluster.run(read(cluster, 'a'))).toBe(2);
});

test('the second of two optimistic writers of a key is refused with 9007', () => {
  const cluster = new KvCluster();
  const txn = cluster.run(cluster.storage.begin(false));
  cluster.run(write(cluster, { a: 2 }));
  txn.buffer.put(keyOf('a'), [3], false);
  expect(() => cluster.run(txn.commit())).toThrow(expect.objectContaining({ code: 9007 }));
  expect(cluster.run(read(cluster, 'a'))).toBe(2);
});

test('a pessimistic lock makes another transaction wait, and tells it to look again', () => {
  const cluster = new KvCluster();
  cluster.run(write(cluster, { a: 1 }));
  const first = cluster.run(cluster.storage.begin(true));
  cluster.run(lock(cluster, first, ['a']));
  const second = cluster.run(cluster.storage.begin(true));
  const waiting = cluster.start(lock(cluster, second, ['a']));
  cluster.pass(SECOND / 2);
  expect(waiting.done).toBe(false);
  cluster.run(first.commit());
  cluster.pass(SECOND / 10);
  expect(waiting.error).toBeInstanceOf(LockConflict);
  expect(cluster.run(lock(cluster, second, ['a']))).toEqual([[1]]);
});

test('NOWAIT is refused at once, and patience ends with 1205', () => {
  const cluster = new KvCluster();
  const first = cluster.run(cluster.storage.begin(true));
  cluster.run(lock(cluster, first, ['a']));
  const second = cluster.run(cluster.storage.begin(true));
  const nowait = lock(cluster, second, ['a'], { waitUs: 0 });
  expect(() => cluster.run(nowait, SECOND / 10)).toThrow(expect.objectContaining({ code: 3572 }));
  const patient = lock(cluster, second, ['a'], { waitUs: 3 * SECOND });
  expect(() => cluster.run(patient)).toThrow(expect.objectContaining({ code: 1205 }));
});

test('two transactions that wait for each other: one of them is told 1213', () => {
  const cluster = new KvCluster();
  const first = cluster.run(cluster.storage.begin(true));
  const second = cluster.run(cluster.storage.begin(true));
  cluster.run(lock(cluster, first, ['a']));
  cluster.run(lock(cluster, second, ['z']));
  const one = cluster.start(lock(cluster, first, ['z']));
  const two = cluster.start(lock(cluster, second, ['a']));
  cluster.pass(SECOND / 2);
  const errors = [one.error, two.error].filter((error) => error !== undefined);
  expect(errors).toEqual([expect.objectContaining({ code: 1213 })]);
});

test('an insert of a key that exists is refused with 1062', () => {
  const cluster = new KvCluster();
  cluster.run(write(cluster, { a: 1 }));
  const pessimistic = cluster.run(cluster.storage.begin(true));
  pessimistic.buffer.put(keyOf('a'), [2], true);
  expect(() => cluster.run(lock(cluster, pessimistic, ['a']))).toThrow("Duplicate entry 'a'");
  const optimistic = cluster.run(cluster.storage.begin(false));
  optimistic.buffer.put(keyOf('a'), [2], true);
  expect(() => cluster.run(optimistic.commit())).toThrow("Duplicate entry 'a'");
});

test('locks of a live transaction are kept alive by heartbeats', () => {
  const cluster = new KvCluster();
  const first = cluster.run(cluster.storage.begin(true));
  cluster.run(lock(cluster, first, ['a']));
  cluster.pass(60 * SECOND);
  const second = cluster.run(cluster.storage.begin(true));
  const impatient = lock(cluster, second, ['a'], { waitUs: SECOND });
  expect(() => cluster.run(impatient)).toThrow(expect.objectContaining({ code: 1205 }));
});

test('the secondaries of a transaction whose client died are committed by a reader', () => {
  const cluster = new KvCluster();
  const store = cluster.storeOf('z');
  const done = cluster.start(write(cluster, { a: 1, z: 2 }));
  while (!done.done) cluster.pass(10);
  cluster.killStore(store);
  cluster.pass(SECOND);
  cluster.startStore(store);
  expect(cluster.run(read(cluster, 'z'))).toBe(2);
});

/** Commits on store a, and kills that store while the commit of the primary is under way. */
function undetermined(bugs: Bugs, restartUs: number): { cluster: KvCluster; error: unknown } {
  const cluster = new KvCluster('1', bugs);
  const store = cluster.storeOf('a');
  const done = cluster.start(write(cluster, { a: 1 }));
  const { engine } = { engine: cluster.engines.get(store) };
  while (engine?.lock(keyOf('a')) === undefined) cluster.pass(10);
  while (engine.lock(keyOf('a')) !== undefined) cluster.pass(10);
  cluster.killStore(store);
  cluster.pass(restartUs);
  cluster.startStore(store);
  while (!done.done) cluster.pass(SECOND);
  return { cluster, error: done.error };
}

test('a lost answer to the commit is settled by asking again', () => {
  const { cluster, error } = undetermined(new Set(), 5 * SECOND);
  expect(error).toBeUndefined();
  expect(cluster.run(read(cluster, 'a'))).toBe(1);
});

test('an answer that never comes leaves the result undetermined: the connection is lost', () => {
  const { cluster, error } = undetermined(new Set(), 200 * SECOND);
  expect(error).toBeInstanceOf(ConnectionLost);
  expect(cluster.log).toContain('ERROR result undetermined, close this connection');
  expect(cluster.run(read(cluster, 'a'))).toBe(1);
});

test('the two defects name an outcome where nobody can know it', () => {
  const asFail = undetermined(new Set(['client.undeterminedAsFail'] as const), 200 * SECOND);
  expect(asFail.error).toBeInstanceOf(SqlError);
  const asSuccess = undetermined(new Set(['client.undeterminedAsSuccess'] as const), 200 * SECOND);
  expect(asSuccess.error).toBeUndefined();
});

test('a region that stays away longer than the budget is reported as unavailable', () => {
  const cluster = new KvCluster();
  cluster.killStore(cluster.storeOf('a'));
  const reading = read(cluster, 'a');
  expect(() => cluster.run(reading, 200 * SECOND)).toThrow(expect.objectContaining({ code: 9002 }));
});

test('a scan follows a region that was split under it', () => {
  const cluster = new KvCluster();
  const names = ['a', 'b', 'c', 'd', 'n', 'z'];
  cluster.run(write(cluster, Object.fromEntries(names.map((name, i) => [name, i]))));
  cluster.split('c');
  function* all(descending: boolean): Wait<unknown[]> {
    const readTs = yield* cluster.storage.currentTs();
    const { prefix } = keyOf('a').space;
    const ranges = [{ space: keyOf('a').space, start: prefix, end: `${prefix}\uffff` }];
    const spec = { ranges, readTs, columns: [0], keepOrder: true, descending, limit: undefined };
    const scan = cluster.storage.snapshot(readTs).scan(spec);
    const found: unknown[] = [];
    for (let chunk = yield* scan.next(); chunk !== undefined; chunk = yield* scan.next()) {
      for (let row = 0; row < chunk.length; row++) found.push(chunk.columns[0]?.get(row));
    }
    return found;
  }
  expect(cluster.run(all(false))).toEqual(names);
  expect(cluster.run(all(true))).toEqual([...names].reverse());
});

test('timestamps asked for together are fetched together, and all differ', () => {
  const cluster = new KvCluster();
  const before = cluster.world.scheduler.trace.events;
  const asked = Array.from({ length: 100 }, () => cluster.start(cluster.storage.currentTs()));
  cluster.pass(1000);
  expect(new Set(asked.map(({ value }) => value)).size).toBe(100);
  expect(cluster.world.scheduler.trace.events - before).toBeLessThan(10);
});
