import type { Key } from '../key.ts';
import type { Lock } from '../mvcc/records.ts';
import type { KeyError } from '../mvcc/request.ts';
import type { Process } from '../sim/index.ts';

/** A lock request that waits for another transaction's lock. */
export interface Waiter {
  readonly startTs: number;
  readonly lock: Lock;
  /** Answers the request. */
  answer(error: KeyError): void;
  /** False once answered. */
  waiting: boolean;
}

/** `wake-up-delay-duration`: all but the oldest waiter are woken this much later. */
const WAKE_UP_DELAY_US = 20_000;

/**
 * Lock requests waiting on this store, by key. When a lock goes away the waiter that began first is
 * told at once, the others 20 ms later; each then runs its statement again. A waiter that outlasts
 * its time is told that the key is still locked. Source: TiKV `lock_manager::waiter_manager`.
 */
export class LockManager {
  private readonly process: Process;
  private readonly byKey = new Map<string, Waiter[]>();
  private readonly onLeave: (waiter: Waiter) => void;

  constructor(process: Process, onLeave: (waiter: Waiter) => void) {
    this.process = process;
    this.onLeave = onLeave;
  }

  /** Waits for `waiter.lock` to go away, for at most `timeoutUs`. */
  add(waiter: Waiter, timeoutUs: number): void {
    const { encoded } = waiter.lock.key;
    const waiters = this.byKey.get(encoded);
    if (waiters === undefined) this.byKey.set(encoded, [waiter]);
    else waiters.push(waiter);
    this.process.after(timeoutUs, () => {
      if (waiter.waiting) this.leave(waiter, { kind: 'KeyIsLocked', lock: waiter.lock });
    });
  }

  /** A lock was released by a commit (`commitTs` > 0) or a rollback. */
  released(lock: Lock, commitTs: number): void {
    const waiters = this.byKey.get(lock.key.encoded);
    if (waiters === undefined) return;
    let oldest = waiters[0] as Waiter;
    for (const waiter of waiters) if (waiter.startTs < oldest.startTs) oldest = waiter;
    const later = waiters.filter((waiter) => waiter !== oldest);
    this.leave(oldest, conflict(oldest, lock.key, lock.startTs, commitTs));
    if (later.length === 0) return;
    this.process.after(WAKE_UP_DELAY_US, () => {
      for (const waiter of later) {
        if (waiter.waiting) this.leave(waiter, conflict(waiter, lock.key, lock.startTs, commitTs));
      }
    });
  }

  /** The detector found that this waiter closes a circle: others wait for its `deadlockKey`. */
  deadlocked(waiter: Waiter, deadlockKey: string): void {
    if (!waiter.waiting) return;
    const { key, startTs } = waiter.lock;
    this.leave(waiter, { kind: 'Deadlock', key, lockTs: startTs, deadlockKey });
  }

  private leave(waiter: Waiter, error: KeyError): void {
    const { encoded } = waiter.lock.key;
    const left = (this.byKey.get(encoded) ?? []).filter((other) => other !== waiter);
    if (left.length === 0) this.byKey.delete(encoded);
    else this.byKey.set(encoded, left);
    waiter.waiting = false;
    this.onLeave(waiter);
    waiter.answer(error);
  }
}

function conflict(waiter: Waiter, key: Key, lockTs: number, commitTs: number): KeyError {
  return {
    kind: 'WriteConflict',
    key,
    startTs: waiter.startTs,
    conflictStartTs: lockTs,
    conflictCommitTs: commitTs,
    reason: 'PessimisticRetry',
  };
}
