import type { Key } from '../cluster/key.ts';
import {
  checkSecondaryLocks,
  checkTxnStatus,
  type Lock,
  pessimisticRollback,
  resolveLock,
  type SecondaryLocksStatus,
  type TxnStatus,
} from '../cluster/mvcc/index.ts';
import { physicalMs } from '../cluster/timestamp.ts';
import type { MvccWorld } from './mvcc-world.ts';

/** What a lock resolver learnt: read past the lock, or try again. */
export type Resolved = 'bypass' | 'retry';

/**
 * Client-go's lock resolver, one request between two yields: asks the primary, then settles the
 * lock. `callerStartTs` is 0 for a writer.
 */
export function* resolve(
  world: MvccWorld,
  lock: Lock,
  callerStartTs: number,
): Generator<void, Resolved> {
  const currentTs = world.tso();
  let status = askPrimary(world, lock, { callerStartTs, currentTs, forceSyncCommit: false });
  yield;
  const primary = status?.lock;
  if (primary?.secondaries !== undefined && isExpired(primary, currentTs)) {
    if (lock.type !== 'pessimistic') {
      if (yield* recover(world, primary, currentTs)) return 'retry';
      status = askPrimary(world, lock, { callerStartTs, currentTs, forceSyncCommit: true });
      yield;
    } else status = RELEASED;
  }
  if (status === undefined) return 'retry';
  if (status.lockTtlMs > 0) return status.action === 'MinCommitTSPushed' ? 'bypass' : 'retry';
  if (lock.type === 'pessimistic') release(world, lock);
  else settle(world, lock.startTs, [lock.key], status.commitTs);
  return 'retry';
}

const RELEASED: TxnStatus = { lockTtlMs: 0, commitTs: 0, action: 'TTLExpirePessimisticRollback' };

interface Question {
  readonly callerStartTs: number;
  readonly currentTs: number;
  readonly forceSyncCommit: boolean;
}

function askPrimary(world: MvccWorld, lock: Lock, question: Question): TxnStatus | undefined {
  const { engine, bugs } = world;
  const request = {
    kind: 'check-txn-status',
    primary: lock.primary,
    lockTs: lock.startTs,
    ...question,
    rollbackIfNotExist: isExpired(lock, question.currentTs),
    resolvingPessimisticLock: lock.type === 'pessimistic',
  } as const;
  for (const ts of [lock.startTs, question.callerStartTs, question.currentTs]) {
    world.advanceMaxTs(ts);
  }
  return world.send(() => checkTxnStatus(engine, request, { bugs })).status;
}

function isExpired(lock: Lock, currentTs: number): boolean {
  return physicalMs(lock.startTs) + lock.ttlMs < physicalMs(currentTs);
}

function release(world: MvccWorld, { key, startTs, forUpdateTs }: Lock): void {
  const request = { kind: 'pessimistic-rollback', keys: [key], startTs, forUpdateTs } as const;
  world.send(() => pessimisticRollback(world.engine, request));
}

function settle(world: MvccWorld, startTs: number, keys: readonly Key[], commitTs: number): void {
  const { engine, bugs } = world;
  if (commitTs === 0) world.advanceMaxTs(startTs);
  const request = { kind: 'resolve-lock', keys, startTs, commitTs } as const;
  world.send(() => resolveLock(engine, request, { bugs }));
}

/** An async commit whose time is over; false if a lock says that it is none any more. */
function* recover(world: MvccWorld, primary: Lock, currentTs: number): Generator<void, boolean> {
  const { startTs, secondaries = [] } = primary;
  let commitTs = primary.minCommitTs;
  for (const key of secondaries) {
    const status = checkSecondary(world, key, startTs, currentTs);
    yield;
    if (status.kind === 'locked') {
      const [lock] = status.locks;
      if (lock?.secondaries === undefined) return false;
      commitTs = Math.max(commitTs, lock.minCommitTs);
      continue;
    }
    commitTs = status.kind === 'committed' ? status.commitTs : 0;
    break;
  }
  for (const key of [primary.key, ...secondaries]) {
    settle(world, startTs, [key], commitTs);
    yield;
  }
  return true;
}

function checkSecondary(
  world: MvccWorld,
  key: Key,
  startTs: number,
  currentTs: number,
): SecondaryLocksStatus {
  const { engine, bugs } = world;
  const request = { kind: 'check-secondary-locks', keys: [key], startTs, currentTs } as const;
  world.advanceMaxTs(startTs);
  world.advanceMaxTs(currentTs);
  return world.send(() => checkSecondaryLocks(engine, request, { bugs })).status;
}
