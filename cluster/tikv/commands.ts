import type { Bugs } from '../bugs.ts';
import {
  acquirePessimisticLock,
  batchRollback,
  type CommandResult,
  checkSecondaryLocks,
  checkTxnStatus,
  commit,
  type KeyError,
  type Lock,
  type Modify,
  type MvccReader,
  type PrewriteRequest,
  pessimisticRollback,
  prewrite,
  type Rules,
  resolveLock,
  txnHeartBeat,
} from '../mvcc/index.ts';
import type { ConcurrencyManager } from './concurrency-manager.ts';
import type { KvReplyBody } from './request.ts';
import type { WriteRequestBody } from './write-command.ts';

/** What a write command decided. */
export interface Executed {
  readonly reply: KvReplyBody;
  readonly modifies: readonly Modify[];
  /** Another transaction's lock that a lock request may wait for. */
  readonly blockedBy: Lock | undefined;
  /**
   * Locks of an async commit or 1PC that the concurrency manager now shows to readers. Whoever
   * called must have it withdraw them once the modifies are applied, or surely never will be.
   */
  readonly memoryLocks: readonly Lock[];
}

/** What a command decided that nobody waits for and that calculates no timestamp. */
function decided(reply: KvReplyBody, modifies: readonly Modify[], blockedBy?: Lock): Executed {
  return { reply, modifies, blockedBy, memoryLocks: NO_LOCKS };
}

const NO_LOCKS: readonly Lock[] = [];

/**
 * Runs the Percolator rule that a request asks for. The store's records stay as they are; max_ts
 * moves, and calculated timestamps put their locks into memory.
 *
 * Whoever may write a rollback moves max_ts first, so that no calculated commit timestamp can fall
 * on it. (TiKV lets its Rollback and ResolveLock go without, since their clients are sure to send
 * no prewrite any more.)
 */
export function execute(
  reader: MvccReader,
  concurrency: ConcurrencyManager,
  body: WriteRequestBody,
  bugs: Bugs,
): Executed {
  const rules: Rules = { bugs };
  switch (body.kind) {
    case 'prewrite':
      return runPrewrite(reader, concurrency, body, rules);
    case 'commit':
      return keyErrors(body.kind, commit(reader, body, rules));
    case 'pessimistic-rollback':
      return keyErrors(body.kind, pessimisticRollback(reader, body));
    case 'batch-rollback':
      concurrency.advance(body.startTs);
      return keyErrors(body.kind, batchRollback(reader, body, rules));
    case 'resolve-lock':
      if (body.commitTs === 0) concurrency.advance(body.startTs);
      return keyErrors(body.kind, resolveLock(reader, { ...body, keys: body.keys ?? [] }, rules));
    case 'pessimistic-lock': {
      if (body.returnValues || body.shouldNotExist.includes(true)) {
        concurrency.willRead(body.forUpdateTs);
      }
      const { modifies, errors, values } = acquirePessimisticLock(reader, body, rules);
      const reply: KvReplyBody = { kind: body.kind, errors, values };
      return decided(reply, modifies, lockIn(errors));
    }
    case 'check-txn-status': {
      // A rollback may be written at lockTs, and readers up to callerStartTs be let past.
      concurrency.advance(body.lockTs);
      concurrency.advance(body.callerStartTs);
      concurrency.advance(body.currentTs);
      const { modifies, ...outcome } = checkTxnStatus(reader, body, rules);
      return decided({ kind: body.kind, ...outcome }, modifies);
    }
    case 'check-secondary-locks': {
      // No calculated commit timestamp may fall on the rollback that this may write.
      concurrency.advance(body.startTs);
      concurrency.advance(body.currentTs);
      const { modifies, status } = checkSecondaryLocks(reader, body, rules);
      return decided({ kind: body.kind, status }, modifies);
    }
    case 'txn-heart-beat': {
      const { modifies, ...outcome } = txnHeartBeat(reader, body);
      return decided({ kind: body.kind, ...outcome }, modifies);
    }
  }
}

function runPrewrite(
  reader: MvccReader,
  concurrency: ConcurrencyManager,
  body: PrewriteRequest,
  rules: Rules,
): Executed {
  if (body.mutations.some(looksForAbsence)) concurrency.willRead(body.startTs);
  const result = prewrite(reader, body, concurrency.maxTs, rules);
  const { modifies, errors, minCommitTs, onePcCommitTs, memoryLocks } = result;
  concurrency.publish(memoryLocks);
  const reply: KvReplyBody = { kind: body.kind, errors, minCommitTs, onePcCommitTs };
  return { reply, modifies, blockedBy: undefined, memoryLocks };
}

/** An insert reads: that the key is absent. */
function looksForAbsence({ op }: PrewriteRequest['mutations'][number]): boolean {
  return op === 'insert' || op === 'check-not-exists';
}

type KeyErrorKind = Extract<KvReplyBody, { errors: unknown }>['kind'];

function keyErrors(
  kind: Exclude<KeyErrorKind, 'pessimistic-lock' | 'prewrite'>,
  { modifies, errors }: CommandResult,
): Executed {
  return decided({ kind, errors }, modifies);
}

function lockIn(errors: readonly KeyError[]): Lock | undefined {
  const [first] = errors;
  return first?.kind === 'KeyIsLocked' ? first.lock : undefined;
}
