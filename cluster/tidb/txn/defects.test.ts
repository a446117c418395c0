/**
 * Seeded defects of the transaction client, and of the store where it meets the client: each is
 * shown to break what the same course of events leaves whole without it.
 */
import { describe, expect, test } from 'vitest';
import type { DefectCase } from '../../../testing/defect-case.ts';
import { KvCluster, keyOf } from '../../../testing/kv-cluster.ts';
import { KvTap } from '../../../testing/kv-tap.ts';
import { type Bugs, NO_BUGS } from '../../bugs.ts';
import type { Wait } from '../../sim/index.ts';
import type { KvRequestBody } from '../../tikv/request.ts';
import type { Transaction } from '../transaction.ts';

const SECOND = 1_000_000;
const ASYNC = { asyncCommit: true, onePc: false };

function settled(bugs: Bugs): { cluster: KvCluster; tap: KvTap } {
  const cluster = new KvCluster('1', bugs);
  cluster.pass(SECOND);
  return { cluster, tap: new KvTap(cluster) };
}

function* lock(txn: Transaction, ...names: string[]): Wait<void> {
  const options = { waitUs: 5 * SECOND, returnValues: false, retry: false };
  const forUpdateTs = yield* txn.fetchForUpdateTs();
  yield* txn.lockKeys(names.map(keyOf), { ...options, forUpdateTs });
}

function read(cluster: KvCluster, name: string, at?: number): unknown {
  const readTs = at ?? cluster.run(cluster.storage.currentTs());
  return cluster.run(cluster.storage.snapshot(readTs).get(keyOf(name), readTs))?.[0];
}

function begin(cluster: KvCluster, pessimistic: boolean): Transaction {
  return cluster.run(cluster.storage.begin(pessimistic));
}

function touches(body: KvRequestBody, name: string): boolean {
  if (body.kind === 'prewrite') return body.mutations.some(({ key }) => key.values[0] === name);
  return (
    'keys' in body &&
    body.keys?.some((key) => typeof key === 'object' && key.values[0] === name) === true
  );
}

const CASES: readonly DefectCase[] = [
  {
    bug: 'txn.asyncNotLinearizable',
    title: 'a snapshot taken before a commit was asked for does not see it',
    act: (bugs) => {
      const { cluster } = settled(bugs);
      const txn = begin(cluster, false);
      txn.buffer.put(keyOf('a'), [1], false);
      const before = cluster.run(cluster.storage.currentTs());
      cluster.run(txn.commit(ASYNC));
      cluster.pass(SECOND);
      return read(cluster, 'a', before);
    },
    sound: undefined,
    broken: 1,
  },
  {
    bug: 'txn.maxTsNotSynced',
    title: 'a snapshot served by an earlier leader stays as it was',
    act: (bugs) => {
      const { cluster, tap } = settled(bugs);
      const txn = begin(cluster, false);
      txn.buffer.put(keyOf('a'), [1], false);
      tap.rule = ({ kind }) => (kind === 'prewrite' ? { kind: 'break' } : undefined);
      const committing = cluster.start(txn.commit(ASYNC));
      cluster.pass(2000);
      const readTs = cluster.run(cluster.storage.currentTs());
      const first = read(cluster, 'a', readTs);
      const store = cluster.storeOf('a');
      cluster.killStore(store);
      tap.rule = undefined;
      cluster.startStore(store);
      cluster.pass(30 * SECOND);
      return [committing, first, read(cluster, 'a', readTs)];
    },
    sound: [{ done: true, value: undefined }, undefined, undefined],
    broken: [{ done: true, value: undefined }, undefined, 1],
  },
  {
    bug: 'txn.asyncCommittedButRolledBack',
    title: 'what was judged while a prewrite was late is not reported as committed',
    act: (bugs) => {
      const { cluster, tap } = settled(bugs);
      const txn = begin(cluster, true);
      cluster.run(lock(txn, 'a'));
      txn.buffer.put(keyOf('a'), [1], false);
      txn.buffer.put(keyOf('z'), [1], false);
      tap.rule = (body) => {
        if (body.kind === 'txn-heart-beat') return { kind: 'break' };
        if (body.kind !== 'prewrite' || !touches(body, 'z')) return undefined;
        return { kind: 'hold', us: 28 * SECOND };
      };
      const committing = cluster.start(txn.commit(ASYNC));
      cluster.pass(23 * SECOND);
      const seen = read(cluster, 'a');
      cluster.pass(6 * SECOND);
      return [seen, committing.done && committing.error === undefined];
    },
    sound: [undefined, false],
    broken: [undefined, true],
  },
  {
    bug: 'txn.ttlManagerStops',
    title: 'the lock of a living transaction keeps others out',
    act: (bugs) => {
      const { cluster } = settled(bugs);
      const holder = begin(cluster, true);
      cluster.run(lock(holder, 'a'));
      cluster.pass(45 * SECOND);
      const other = cluster.start(lock(begin(cluster, true), 'a'));
      cluster.pass(3 * SECOND);
      return other.done;
    },
    sound: false,
    broken: true,
  },
  {
    bug: 'txn.resolvedCachePessimistic',
    title: 'a transaction that lost a pessimistic lock may still commit',
    act: (bugs) => {
      const { cluster, tap } = settled(bugs);
      const txn = begin(cluster, true);
      tap.rule = ({ kind }) => (kind === 'txn-heart-beat' ? { kind: 'break' } : undefined);
      cluster.run(lock(txn, 'a'));
      cluster.pass(25 * SECOND);
      const other = begin(cluster, true);
      cluster.run(lock(other, 'a'));
      other.rollback();
      cluster.pass(SECOND);
      txn.buffer.put(keyOf('a'), [1], false);
      txn.buffer.put(keyOf('z'), [1], false);
      tap.rule = (body) =>
        body.kind === 'commit' && touches(body, 'z') ? { kind: 'break' } : undefined;
      cluster.run(txn.commit());
      return [read(cluster, 'a'), read(cluster, 'z')];
    },
    sound: [1, 1],
    broken: [1, undefined],
  },
  {
    bug: 'txn.lazyCheckInconsistent',
    title: 'a row that was inserted over another and deleted is an error at commit',
    act: (bugs) => {
      const { cluster } = settled(bugs);
      const owner = begin(cluster, false);
      owner.buffer.put(keyOf('a'), [1], false);
      cluster.run(owner.commit());
      const txn = begin(cluster, false);
      txn.buffer.put(keyOf('a'), [2], true);
      txn.buffer.delete(keyOf('a'));
      const committing = cluster.start(txn.commit(ASYNC));
      cluster.pass(SECOND);
      return [committing.error !== undefined, read(cluster, 'a')];
    },
    sound: [true, 1],
    broken: [false, undefined],
  },
];

describe.each(CASES)('$bug', ({ bug, title, act, sound, broken }) => {
  test(title, () => {
    expect(act(NO_BUGS)).toEqual(sound);
  });

  test('with the defect it is not so', () => {
    expect(() => expect(act(new Set([bug]))).toEqual(sound)).toThrow();
    try {
      expect(act(new Set([bug]))).toEqual(broken);
    } catch (error) {
      // One of the assertions that are always on may have been first.
      expect(String(error)).toMatch(/committed at .*rolled back|rolled back.*committed at/);
    }
  });
});
