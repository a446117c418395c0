import type { Datum } from '../cluster/datum.ts';
import { integerOrNull } from './sql-value.ts';

/** Answers of so many rows are kept word by word. */
const ROWS_SHOWN = 4;
const FNV_PRIME = 0x0100_0193;
const FNV_OFFSET = 0x811c_9dc5;

/**
 * An answer in a few words: the rows of a short one, else how many there are and two hashes over
 * them, in order. Two answers of one query that differ have different digests, but for a chance of
 * 1 in 2^64.
 */
export function answerDigest(rows: readonly (readonly Datum[])[]): string {
  if (rows.length <= ROWS_SHOWN) return rows.map(rowText).join(' ');
  let low = FNV_OFFSET;
  let high = ~FNV_OFFSET;
  for (const row of rows) {
    const text = rowText(row);
    for (let i = 0; i < text.length; i++) {
      low = Math.imul(low ^ text.charCodeAt(i), FNV_PRIME);
      high = Math.imul(high ^ low, FNV_PRIME) + i;
    }
  }
  return `${rows.length} rows, ${hex(high)}${hex(low)}`;
}

function rowText(row: readonly Datum[]): string {
  return `(${row.map(datumText).join(', ')})`;
}

/** The same number is the same text, however it came. */
function datumText(datum: Datum): string {
  if (typeof datum === 'string') return `'${datum}'`;
  return String(integerOrNull(datum) ?? 'NULL');
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
