import type { Bugs } from '../bugs.ts';
import {
  acquirePessimisticLock,
  batchRollback,
  type CommandResult,
  checkTxnStatus,
  commit,
  type KeyError,
  type Lock,
  type Modify,
  type MvccReader,
  pessimisticRollback,
  prewrite,
  type Rules,
  resolveLock,
  txnHeartBeat,
} from '../mvcc/index.ts';
import type { KvReplyBody } from './request.ts';
import type { WriteRequestBody } from './write-command.ts';

/** What a write command decided. */
export interface Executed {
  readonly reply: KvReplyBody;
  readonly modifies: readonly Modify[];
  /** Another transaction's lock that a lock request may wait for. */
  readonly blockedBy: Lock | undefined;
}

/** Runs the Percolator rule that a request asks for. Changes nothing by itself. */
export function execute(reader: MvccReader, body: WriteRequestBody, bugs: Bugs): Executed {
  const rules: Rules = { bugs };
  switch (body.kind) {
    case 'prewrite':
      return keyErrors(body.kind, prewrite(reader, body));
    case 'commit':
      return keyErrors(body.kind, commit(reader, body, rules));
    case 'pessimistic-rollback':
      return keyErrors(body.kind, pessimisticRollback(reader, body));
    case 'batch-rollback':
      return keyErrors(body.kind, batchRollback(reader, body));
    case 'resolve-lock':
      return keyErrors(body.kind, resolveLock(reader, { ...body, keys: body.keys ?? [] }, rules));
    case 'pessimistic-lock': {
      const { modifies, errors, values } = acquirePessimisticLock(reader, body, rules);
      const reply: KvReplyBody = { kind: body.kind, errors, values };
      return { reply, modifies, blockedBy: lockIn(errors) };
    }
    case 'check-txn-status': {
      const { modifies, ...outcome } = checkTxnStatus(reader, body);
      return { reply: { kind: body.kind, ...outcome }, modifies, blockedBy: undefined };
    }
    case 'txn-heart-beat': {
      const { modifies, ...outcome } = txnHeartBeat(reader, body);
      return { reply: { kind: body.kind, ...outcome }, modifies, blockedBy: undefined };
    }
  }
}

type KeyErrorKind = Extract<KvReplyBody, { errors: unknown }>['kind'];

function keyErrors(
  kind: Exclude<KeyErrorKind, 'pessimistic-lock'>,
  { modifies, errors }: CommandResult,
): Executed {
  return { reply: { kind, errors }, modifies, blockedBy: undefined };
}

function lockIn(errors: readonly KeyError[]): Lock | undefined {
  const [first] = errors;
  return first?.kind === 'KeyIsLocked' ? first.lock : undefined;
}
