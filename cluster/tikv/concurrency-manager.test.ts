import { expect, test } from 'vitest';
import { MemoryEngine } from '../../testing/memory-engine.ts';
import { keyOf } from '../../testing/mvcc-world.ts';
import { type BugName, type Bugs, NO_BUGS } from '../bugs.ts';
import { Dictionary } from '../dictionary.ts';
import { prefixEnd } from '../key.ts';
import { type Lock, MAX_TS, type PrewriteRequest } from '../mvcc/index.ts';
import { execute } from './commands.ts';
import { ConcurrencyManager } from './concurrency-manager.ts';
import { scan } from './coprocessor.ts';
import { Engine } from './index.ts';
import { point, pointBatch } from './point-read.ts';

function prewriteOf(...names: string[]): PrewriteRequest {
  const keys = names.map(keyOf);
  return {
    kind: 'prewrite',
    mutations: keys.map((key) => ({ op: 'put', key, value: [1], pessimisticLock: false })),
    primary: keyOf(names[0] as string),
    startTs: 10,
    forUpdateTs: 0,
    ttlMs: 3000,
    txnSize: names.length,
    minCommitTs: 11,
    secondaries: keys.slice(1),
    isRetry: false,
  };
}

/** A store with an async commit of `a` and `b` on its way, calculated after a read at 20. */
function onItsWay(bugs: Bugs = NO_BUGS) {
  const engine = new Engine(new Dictionary());
  const concurrency = new ConcurrencyManager(bugs);
  point(engine, concurrency, { kind: 'get', key: keyOf('a'), readTs: 20, bypass: [] });
  const executed = execute(engine, concurrency, prewriteOf('a', 'b'), bugs);
  return { engine, concurrency, executed };
}

function scanAll(engine: Engine, concurrency: ConcurrencyManager, readTs: number) {
  const { space } = keyOf('a');
  const range = { space, start: space.prefix, end: prefixEnd(space.prefix) };
  const request = { kind: 'cop', ranges: [range], readTs, bypass: [], columns: [0] } as const;
  return scan(engine, concurrency, { ...request, descending: false, limit: undefined });
}

test('a calculated timestamp lies above every read', () => {
  const { executed, concurrency } = onItsWay();
  expect(executed.reply).toMatchObject({ minCommitTs: 21, errors: [] });
  expect(executed.memoryLocks).toHaveLength(2);
  expect([concurrency.maxTs, concurrency.size]).toEqual([20, 2]);
});

test('every kind of read sees the lock before it is in the store, until it is withdrawn', () => {
  const { engine, concurrency, executed } = onItsWay();
  const lockSeen = (readTs: number): (Lock | undefined)[] => [
    point(engine, concurrency, { kind: 'get', key: keyOf('b'), readTs, bypass: [] }).locked,
    pointBatch(engine, concurrency, { kind: 'batch-get', keys: [keyOf('b')], readTs, bypass: [] })
      .locked[0],
    scanAll(engine, concurrency, readTs).locked,
  ];
  expect(lockSeen(20)).toEqual([undefined, undefined, undefined]);
  expect(lockSeen(30).map((lock) => lock?.startTs)).toEqual([10, 10, 10]);
  concurrency.withdraw(executed.memoryLocks);
  expect(lockSeen(30)).toEqual([undefined, undefined, undefined]);
  engine.apply(executed.modifies);
  expect(lockSeen(30).map((lock) => lock?.startTs)).toEqual([10, 10, 10]);
});

test('each kind of read moves max_ts, a read of the newest version does not', () => {
  const { engine, concurrency } = onItsWay();
  point(engine, concurrency, { kind: 'get', key: keyOf('x'), readTs: 30, bypass: [] });
  expect(concurrency.maxTs).toBe(30);
  pointBatch(engine, concurrency, { kind: 'batch-get', keys: [], readTs: 40, bypass: [] });
  expect(concurrency.maxTs).toBe(40);
  scanAll(engine, concurrency, 50);
  expect(concurrency.maxTs).toBe(50);
  point(engine, concurrency, { kind: 'get', key: keyOf('x'), readTs: MAX_TS, bypass: [] });
  expect(concurrency.maxTs).toBe(50);
});

test('commands that read, or may write a rollback, move max_ts too', () => {
  const engine = new MemoryEngine();
  const concurrency = new ConcurrencyManager(NO_BUGS);
  const run = (body: Parameters<typeof execute>[2]): number => {
    execute(engine, concurrency, body, NO_BUGS);
    return concurrency.maxTs;
  };
  const key = keyOf('a');
  const lock = { kind: 'pessimistic-lock', keys: [key], primary: key, startTs: 5 } as const;
  const wish = { ttlMs: 1, isFirstLock: true, waitTimeoutMs: 0, forUpdateTs: 7 } as const;
  expect(run({ ...lock, ...wish, shouldNotExist: [false], returnValues: false })).toBe(0);
  expect(run({ ...lock, ...wish, shouldNotExist: [true], returnValues: false })).toBe(7);
  const secondaries = { kind: 'check-secondary-locks', keys: [keyOf('b')] } as const;
  expect(run({ ...secondaries, startTs: 9, currentTs: 8 })).toBe(9);
  expect(run({ ...secondaries, startTs: 9, currentTs: 10 })).toBe(10);
  const check = { kind: 'check-txn-status', primary: keyOf('c'), lockTs: 11 } as const;
  const flags = { rollbackIfNotExist: true, forceSyncCommit: false } as const;
  const status = { ...check, ...flags, resolvingPessimisticLock: false } as const;
  expect(run({ ...status, callerStartTs: MAX_TS, currentTs: 10 })).toBe(11);
  expect(run({ ...status, callerStartTs: 12, currentTs: 14 })).toBe(14);
  const insert = { op: 'insert', key: keyOf('d'), value: [1], pessimisticLock: false } as const;
  expect(run({ ...prewriteOf('d'), startTs: 15, mutations: [insert] })).toBe(15);
});

test.each<[BugName, (bugs: Bugs) => unknown, unknown]>([
  ['txn.maxTsIgnoresReads', (bugs) => onItsWay(bugs).executed.reply, { minCommitTs: 11 }],
  [
    'txn.memLockInvisible',
    (bugs) => {
      const { engine, concurrency } = onItsWay(bugs);
      return { rows: scanAll(engine, concurrency, 30).rows };
    },
    { rows: 0 },
  ],
])('%s lets a commit fall into a snapshot already read', (bug, act, seen) => {
  expect(act(new Set([bug]))).toMatchObject(seen as object);
});
