/**
 * A SQL value outside a column. BIGINT is exact over all 64 bits: an integer is a `number` while it
 * is a safe integer and a `bigint` beyond that, never both (see `toInt`). DECIMAL is a `Decimal`.
 * DATETIME and TIMESTAMP travel as strings at the session's surface and as microsecond integers in
 * columns.
 */
export type Datum = number | bigint | string | null | Decimal | Real;

/** An exact decimal: `unscaled × 10^-scale`. */
export interface Decimal {
  readonly kind: 'decimal';
  readonly unscaled: bigint;
  readonly scale: number;
}

/** A DOUBLE. Wrapped, because a bare `number` is always an integer here. */
export interface Real {
  readonly kind: 'real';
  readonly value: number;
}

/** The one representation of an integer: `number` where that is exact, `bigint` elsewhere. */
export function toInt(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}
