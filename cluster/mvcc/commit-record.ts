import type { Key, Stored } from '../key.ts';
import { MAX_TS, type MvccReader } from './engine.ts';
import { WRITE_PUT, WRITE_ROLLBACK, type WriteRecord } from './records.ts';

/** What the write records of one key say about one transaction. */
export type CommitRecord =
  | { readonly kind: 'committed'; readonly commitTs: number }
  | { readonly kind: 'rolled-back' }
  | { readonly kind: 'none'; readonly overlapped?: OverlappedWrite };

/** Another transaction's commit record in the very place where a rollback record would go. */
export interface OverlappedWrite {
  readonly write: WriteRecord;
  readonly value: readonly Stored[] | null;
}

/**
 * Looks for the outcome of the transaction that began at `startTs`, newest record first: a
 * pessimistic transaction may commit long after younger ones did, so no record above `startTs` can
 * be skipped. Source: TiKV `SnapshotReader::get_txn_commit_record`.
 */
export function findCommitRecord(reader: MvccReader, key: Key, startTs: number): CommitRecord {
  const cursor = reader.writes(key, MAX_TS);
  for (; cursor.valid && cursor.commitTs >= startTs; cursor.next()) {
    const { type, commitTs, overlappedRollback, protectedRollback } = cursor;
    if (cursor.startTs === startTs) {
      return type === WRITE_ROLLBACK ? { kind: 'rolled-back' } : { kind: 'committed', commitTs };
    }
    if (commitTs !== startTs) continue;
    if (overlappedRollback) return { kind: 'rolled-back' };
    const write = {
      type,
      startTs: cursor.startTs,
      commitTs,
      overlappedRollback,
      protectedRollback,
    };
    const value = type === WRITE_PUT ? cursor.value() : null;
    return { kind: 'none', overlapped: { write, value } };
  }
  return { kind: 'none' };
}
