import type { SqlType } from '../sql/catalog-type.ts';
import type { Compiled, Evaluate } from './context.ts';
import { readValue } from './value.ts';

/** An expression that does not look at the row. */
export function constant(type: SqlType, evaluate: Evaluate): Compiled {
  return { type, evaluate, column: undefined, constant: true };
}

/** A column of the chunk. */
export function columnAt(index: number, type: SqlType): Compiled {
  const plain = type.kind === 'string' || type.kind === 'real' || type.kind === 'datetime';
  const evaluate: Evaluate = plain
    ? (_ctx, chunk, row) => (chunk.columns[index] as (typeof chunk.columns)[number]).get(row)
    : (_ctx, chunk, row) =>
        readValue(chunk.columns[index] as (typeof chunk.columns)[number], row, type);
  return { type, evaluate, column: index, constant: false };
}
