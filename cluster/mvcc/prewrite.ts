import type { Key } from '../key.ts';
import { putCommitRecord } from './commit.ts';
import { findCommitRecord } from './commit-record.ts';
import { MAX_TS, type Modify, type MvccReader, type WriteCursor } from './engine.ts';
import { existsAt } from './reader.ts';
import { type Lock, type LockType, WRITE_ROLLBACK } from './records.ts';
import type { KeyError, Mutation, MutationOp, PrewriteRequest } from './request.ts';
import {
  type CommandResult,
  NO_ERRORS,
  NO_LOCKS,
  NO_MODIFIES,
  type Rules,
  SOUND,
} from './rules.ts';

/** Outcome of a prewrite. */
export interface PrewriteResult extends CommandResult {
  /**
   * Async commit: no key of this request may be committed below. 0: two phases, wished for or
   * fallen back to.
   */
  readonly minCommitTs: number;
  /** 1PC: where the modifies commit the transaction; 0: they do not. */
  readonly onePcCommitTs: number;
  /**
   * Locks that readers must be shown from this moment until the modifies are applied, because the
   * commit timestamp has been calculated and no later read can push it any more.
   */
  readonly memoryLocks: readonly Lock[];
}

/**
 * First phase of two-phase commit: turns buffered mutations into locks that carry their values.
 *
 * Every `KeyIsLocked` of the request is reported, so that the client resolves all of them in one
 * go; any other error ends the command at once, because no retry of this transaction can mend it.
 *
 * With async commit the locks carry the timestamp below which the transaction may not commit, and
 * the transaction is decided when the last of its keys is locked. With 1PC there are no locks: the
 * records are written at once. Both calculate a timestamp above `maxTs`, the greatest at which this
 * store has been read, instead of asking the oracle for one. Source: TiKV `actions/prewrite.rs`,
 * `commands/prewrite.rs`.
 */
export function prewrite(
  reader: MvccReader,
  asked: PrewriteRequest,
  maxTs: number,
  rules: Rules = SOUND,
): PrewriteResult {
  const request = isLate(asked, maxTs) ? { ...asked, isRetry: true } : asked;
  const fresh: Draft[] = [];
  let replaced = 0;
  let locked: KeyError[] | undefined;
  let protocol = protocolOf(request);
  let minCommitTs = Math.max(request.minCommitTs, request.startTs + 1);
  const { mutations } = request;
  for (let i = 0; i < mutations.length; i++) {
    const mutation = mutations[i] as Mutation;
    const standing = reader.lock(mutation.key);
    const error = checkMutation(reader, request, mutation, standing, rules);
    if (error !== undefined) {
      if (error.kind !== 'KeyIsLocked') return endedBy(reader, request, mutation, error, rules);
      if (locked === undefined) locked = [error];
      else locked.push(error);
    } else if (standing !== undefined && standing.type !== 'pessimistic') {
      if (hasFallenBack(standing, request, rules)) protocol = 'two-phase';
      minCommitTs = Math.max(minCommitTs, standing.minCommitTs);
    } else if (mutation.op !== 'check-not-exists') {
      if (standing !== undefined) replaced++;
      fresh.push(lockFor(request, mutation, standing));
    }
  }
  if (locked !== undefined) return refusedWith(locked);
  if (protocol === 'two-phase') return lockAll(fresh);
  return calculate({ request, protocol, minCommitTs, maxTs, replaced }, fresh, rules);
}

/**
 * An async commit whose time is over may have been judged already by its keys: one that was not
 * locked yet has a Rollback. A key that is not checked otherwise must then be, or the client would
 * go on in two phases and commit what others are rolling back (tidb issue 33641).
 */
function isLate({ maxCommitTs = 0, isRetry }: PrewriteRequest, maxTs: number): boolean {
  return !isRetry && maxCommitTs > 0 && maxTs >= maxCommitTs;
}

/** A lock that nobody has seen yet: what is calculated is still to be written into it. */
type Draft = { -readonly [Field in keyof Lock]: Lock[Field] };

/** How a transaction means to be decided. */
type Protocol = 'two-phase' | 'async' | 'one-phase';

function protocolOf(request: PrewriteRequest): Protocol {
  if (request.tryOnePc === true) return 'one-phase';
  return request.secondaries === undefined ? 'two-phase' : 'async';
}

/**
 * This key was prewritten before. What that attempt decided stands: the client that asks again must
 * not hear "async" of a lock that says otherwise, or client and lock resolvers would follow
 * different protocols (tikv issue 9884).
 */
function hasFallenBack(standing: Lock, request: PrewriteRequest, rules: Rules): boolean {
  if (rules.bugs.has('txn.asyncFallbackNotIdempotent')) return false;
  return standing.secondaries === undefined || request.tryOnePc === true;
}

/**
 * An error ends the command, unless the transaction was committed long ago and this is a copy of an
 * old request: its client must hear of the commit (tikv issue 12369).
 */
function endedBy(
  reader: MvccReader,
  request: PrewriteRequest,
  { key }: Mutation,
  error: KeyError,
  rules: Rules,
): PrewriteResult {
  const mayBeCommitted =
    error.kind === 'PessimisticLockNotFound' ||
    (error.kind === 'WriteConflict' && error.conflictCommitTs > request.startTs);
  if (!mayBeCommitted || rules.bugs.has('txn.commitReportedConflict')) return refusedWith([error]);
  const record = findCommitRecord(reader, key, request.startTs);
  if (record.kind !== 'committed') return refusedWith([error]);
  const onePcCommitTs = request.tryOnePc === true ? record.commitTs : 0;
  return { ...UNCHANGED, minCommitTs: record.commitTs, onePcCommitTs };
}

const UNCHANGED: PrewriteResult = {
  modifies: NO_MODIFIES,
  errors: NO_ERRORS,
  minCommitTs: 0,
  onePcCommitTs: 0,
  memoryLocks: NO_LOCKS,
};

function refusedWith(errors: readonly KeyError[]): PrewriteResult {
  return { ...UNCHANGED, errors };
}

/** Classic two-phase commit, or what a request that cannot have more falls back to. */
function lockAll(locks: readonly Lock[]): PrewriteResult {
  return {
    modifies: putLocks(locks),
    errors: NO_ERRORS,
    minCommitTs: 0,
    onePcCommitTs: 0,
    memoryLocks: NO_LOCKS,
  };
}

function putLocks(locks: readonly Lock[]): Modify[] {
  const modifies: Modify[] = [];
  for (let i = 0; i < locks.length; i++) {
    modifies.push({ kind: 'put-lock', lock: locks[i] as Lock });
  }
  return modifies;
}

/** What {@link calculate} needs to know of a prewrite whose keys are all in order. */
interface Calculation {
  readonly request: PrewriteRequest;
  readonly protocol: 'async' | 'one-phase';
  /** Greatest among the keys that were prewritten before. */
  readonly minCommitTs: number;
  readonly maxTs: number;
  /** How many locks take the place of a pessimistic one. */
  readonly replaced: number;
}

/**
 * Async commit and 1PC: a commit timestamp above every read there has been. Reads that come later
 * find the locks in memory, so nobody can be overtaken. Above `maxCommitTs` the transaction has
 * taken so long that others may be about to judge it by its time to live, or the schema may have
 * changed: then the oracle decides.
 */
function calculate(of: Calculation, locks: readonly Draft[], rules: Rules): PrewriteResult {
  const { request, protocol } = of;
  const { startTs, forUpdateTs, maxCommitTs = 0 } = request;
  const isOnePc = protocol === 'one-phase';
  const blind = isOnePc && rules.bugs.has('txn.onePcMaxTs');
  const floor = Math.max(blind ? 0 : of.maxTs, startTs, forUpdateTs) + 1;
  let newest = of.minCommitTs;
  for (let i = 0; i < locks.length; i++) {
    const minCommitTs = Math.max(floor, (locks[i] as Draft).minCommitTs);
    if (maxCommitTs > 0 && minCommitTs > maxCommitTs) return lockAll(locks);
    if (minCommitTs > newest) newest = minCommitTs;
  }
  if (!isOnePc) return lockAsync(request, locks, floor, newest);
  const modifies: Modify[] = [];
  for (const lock of locks) {
    lock.minCommitTs = newest;
    putCommitRecord(lock, newest, modifies, rules);
    if (of.replaced > 0) modifies.push({ kind: 'delete-lock', key: lock.key });
  }
  return { modifies, errors: NO_ERRORS, minCommitTs: 0, onePcCommitTs: newest, memoryLocks: locks };
}

function lockAsync(
  request: PrewriteRequest,
  locks: readonly Draft[],
  floor: number,
  minCommitTs: number,
): PrewriteResult {
  const primary = request.primary.encoded;
  const { secondaries = NO_KEYS } = request;
  for (const lock of locks) {
    lock.minCommitTs = Math.max(floor, lock.minCommitTs);
    lock.secondaries = lock.key.encoded === primary ? secondaries : NO_KEYS;
  }
  const modifies = putLocks(locks);
  return { modifies, errors: NO_ERRORS, minCommitTs, onePcCommitTs: 0, memoryLocks: locks };
}

const NO_KEYS: readonly Key[] = [];

/** Whether one key may be locked for this transaction, or is already. */
function checkMutation(
  reader: MvccReader,
  request: PrewriteRequest,
  mutation: Mutation,
  standing: Lock | undefined,
  rules: Rules,
): KeyError | undefined {
  const { key, pessimisticLock } = mutation;
  const { startTs } = request;
  if (standing !== undefined) {
    if (standing.startTs !== startTs) {
      // A pessimistic transaction that finds another's lock on its key has lost its own: waiting
      // for that other transaction would not bring it back.
      if (pessimisticLock) return { kind: 'PessimisticLockNotFound', key, startTs };
      return { kind: 'KeyIsLocked', lock: standing };
    }
    if (standing.type !== 'pessimistic') return undefined;
    if (request.forUpdateTs === 0) return { kind: 'LockTypeNotMatch', key, startTs };
  }
  if (!pessimisticLock) return checkNewerVersion(reader, request, mutation, rules);
  return standing === undefined ? amendPessimisticLock(reader, key, startTs, rules) : undefined;
}

/**
 * A lost pessimistic lock (leader crash, expired TTL) may be taken again if nothing at all happened
 * to the key since the transaction began. Lock and Rollback records count: a Lock record is the
 * only trace of somebody who used this key as a mutex.
 */
function amendPessimisticLock(
  reader: MvccReader,
  key: Key,
  startTs: number,
  rules: Rules,
): KeyError | undefined {
  const newest = reader.writes(key, MAX_TS);
  if (!newest.valid || newest.commitTs < startTs) return undefined;
  if (rules.bugs.has('txn.amendAlways')) return undefined;
  return { kind: 'PessimisticLockNotFound', key, startTs };
}

/**
 * The version check of a key without a pessimistic lock. Keys that a pessimistic transaction did
 * not lock (entries of non-unique indexes) follow the fate of keys it did lock, so they are not
 * checked; but a request sent twice may arrive after its own transaction committed and another one
 * wrote.
 */
function checkNewerVersion(
  reader: MvccReader,
  request: PrewriteRequest,
  mutation: Mutation,
  rules: Rules,
): KeyError | undefined {
  const { key, op } = mutation;
  const mustBeAbsent = op === 'insert' || op === 'check-not-exists';
  if (request.forUpdateTs === 0) {
    const newest = reader.writes(key, MAX_TS);
    return checkOptimistic(newest, request, key) ?? checkAbsent(newest, key, mustBeAbsent);
  }
  if (request.isRetry && !rules.bugs.has('txn.retriedPrewriteSkipsCheck')) {
    const error = checkRetried(reader.writes(key, MAX_TS), request, key);
    if (error !== undefined) return error;
  }
  return mustBeAbsent ? checkAbsent(reader.writes(key, MAX_TS), key, true) : undefined;
}

function checkOptimistic(
  newest: WriteCursor,
  request: PrewriteRequest,
  key: Key,
): KeyError | undefined {
  const { startTs } = request;
  if (!newest.valid) return undefined;
  if (newest.commitTs > startTs) return conflict(key, startTs, newest, 'Optimistic');
  return isOwnRollback(newest, startTs)
    ? conflict(key, startTs, newest, 'SelfRolledBack')
    : undefined;
}

/** Walks down to `startTs`: rollbacks of others may lie above the rollback of this transaction. */
function checkRetried(
  cursor: WriteCursor,
  request: PrewriteRequest,
  key: Key,
): KeyError | undefined {
  const { startTs, forUpdateTs } = request;
  for (; cursor.valid && cursor.commitTs >= startTs; cursor.next()) {
    if (isOwnRollback(cursor, startTs)) return conflict(key, startTs, cursor, 'SelfRolledBack');
    if (cursor.commitTs > forUpdateTs && cursor.type !== WRITE_ROLLBACK) {
      return { kind: 'PessimisticLockNotFound', key, startTs };
    }
  }
  return undefined;
}

function isOwnRollback(cursor: WriteCursor, startTs: number): boolean {
  if (cursor.commitTs !== startTs) return false;
  return cursor.type === WRITE_ROLLBACK || cursor.overlappedRollback;
}

function checkAbsent(cursor: WriteCursor, key: Key, mustBeAbsent: boolean): KeyError | undefined {
  return mustBeAbsent && existsAt(cursor) ? { kind: 'AlreadyExist', key } : undefined;
}

function conflict(
  key: Key,
  startTs: number,
  record: WriteCursor,
  reason: 'Optimistic' | 'SelfRolledBack',
): KeyError {
  const { startTs: conflictStartTs, commitTs: conflictCommitTs } = record;
  return { kind: 'WriteConflict', key, startTs, conflictStartTs, conflictCommitTs, reason };
}

/**
 * TTL and minCommitTs may have been pushed on the pessimistic lock it replaces: never lower them.
 */
function lockFor(request: PrewriteRequest, mutation: Mutation, replaced: Lock | undefined): Draft {
  const type = lockTypeOf(mutation.op);
  return {
    key: mutation.key,
    type,
    primary: request.primary,
    startTs: request.startTs,
    ttlMs: Math.max(request.ttlMs, replaced?.ttlMs ?? 0),
    forUpdateTs: request.forUpdateTs,
    minCommitTs: Math.max(request.minCommitTs, replaced?.minCommitTs ?? 0),
    txnSize: request.txnSize,
    value: type === 'put' ? mutation.value : null,
    secondaries: undefined,
    rollbackTs: replaced?.rollbackTs,
  };
}

function lockTypeOf(op: MutationOp): LockType {
  if (op === 'delete') return 'delete';
  return op === 'lock' ? 'lock' : 'put';
}
