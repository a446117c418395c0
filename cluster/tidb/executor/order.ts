import type { Column } from '../../column.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { isWrapped } from '../sql/catalog-type.ts';
import { computeColumn } from './columns.ts';
import { orderOf } from './compare.ts';
import type { Compiled, StatementContext } from './context.ts';
import { readValue } from './value.ts';

/** One key of an order. NULL comes first, or last when descending. */
export interface SortKey {
  readonly compiled: Compiled;
  readonly descending: boolean;
}

/** Compares two rows of one chunk. */
export type CompareRows = (a: number, b: number) => number;

/** The order of a chunk's rows by some keys. Ties are left to the caller. */
export function rowOrder(
  ctx: StatementContext,
  chunk: Chunk,
  keys: readonly SortKey[],
): CompareRows {
  const compares = keys.map(({ compiled, descending }) => {
    const compare = columnOrder(computeColumn(ctx, compiled, chunk), compiled.type);
    return descending ? (a: number, b: number) => compare(b, a) : compare;
  });
  const [only] = compares;
  if (only !== undefined && compares.length === 1) return only;
  return (a, b) => {
    for (let i = 0; i < compares.length; i++) {
      const sign = (compares[i] as CompareRows)(a, b);
      if (sign !== 0) return sign;
    }
    return 0;
  };
}

function columnOrder(column: Column, type: SqlType): CompareRows {
  const numbers = column.kind === 'int' && column.bigs === undefined && !isWrapped(type);
  if (numbers || column.kind === 'real') {
    const { floats } = column;
    return (a, b) => compareFloats(floats[a] as number, floats[b] as number);
  }
  const order = orderOf(type.kind);
  return (a, b) => {
    const x = readValue(column, a, type);
    const y = readValue(column, b, type);
    if (x === null || y === null) return x === y ? 0 : x === null ? -1 : 1;
    return order(x, y);
  };
}

/** NaN is NULL. */
function compareFloats(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : 1;
}
