import { WRITE_ROLLBACK, type WriteRecord } from '../../mvcc/records.ts';

/** The bits of a record's kind byte that hold its type. */
export const TYPE_BITS = 3;
/** Bit of a commit record that shares its timestamp with a rollback. */
export const OVERLAPPED = 4;
/** Bit of a rollback that must stay. */
export const PROTECTED = 8;

/** The kind byte of a record. */
export function kindOf(write: WriteRecord): number {
  return (
    write.type |
    (write.overlappedRollback ? OVERLAPPED : 0) |
    (write.protectedRollback && write.type === WRITE_ROLLBACK ? PROTECTED : 0)
  );
}
