import {
  BIGINT,
  DOUBLE,
  decimalType,
  type SqlType,
  TEXT,
  UNSIGNED_BIGINT,
} from '../sql/catalog-type.ts';
import type { BitsName } from './aggregate-bits.ts';
import type { Compiled } from './context.ts';

/** An aggregate function of a query, ready to run. */
export interface Aggregate {
  readonly name: 'COUNT' | 'SUM' | 'MIN' | 'MAX' | 'AVG' | 'GROUP_CONCAT' | 'FIRST_ROW' | BitsName;
  readonly distinct: boolean;
  /** COUNT(*) has none. What reads partial results has their columns here. */
  readonly args: readonly Compiled[];
  readonly separator: string;
  readonly type: SqlType;
}

/** The type an aggregate gives. Source: MySQL, "Aggregate Function Descriptions". */
export function aggregateType(name: Aggregate['name'], args: readonly Compiled[]): SqlType {
  const of = args[0]?.type ?? BIGINT;
  switch (name) {
    case 'COUNT':
      return BIGINT;
    case 'SUM':
      if (of.kind === 'int') return decimalType(of.length + 22, 0);
      return of.kind === 'decimal' ? decimalType(of.length + 22, of.scale) : DOUBLE;
    case 'AVG':
      if (of.kind === 'int') return decimalType(of.length + 4, 4);
      return of.kind === 'decimal' ? decimalType(of.length + 4, of.scale + 4) : DOUBLE;
    case 'GROUP_CONCAT':
      return TEXT;
    case 'BIT_AND':
    case 'BIT_OR':
    case 'BIT_XOR':
      return UNSIGNED_BIGINT;
    default:
      return of;
  }
}

/**
 * Types of the columns in which an aggregate's partial result travels: one, but for AVG, whose is
 * a count and a sum. Not for DISTINCT, which has none. Source: TiDB
 * `aggregation.BuildFinalModeAggregation`.
 */
export function partialTypes({ name, args, type }: Aggregate): readonly SqlType[] {
  if (name !== 'AVG') return [type];
  // Who merges averages has such a pair as arguments itself.
  return [BIGINT, args[1]?.type ?? aggregateType('SUM', args)];
}

/** The aggregate that reads the partial results which begin in column `first`. */
export function finalAggregate(aggregate: Aggregate, first: number): Aggregate {
  const args = partialTypes(aggregate).map((type, i) => columnOf(type, first + i));
  return { ...aggregate, args };
}

/** What merely repeats a column. */
export function columnOf(type: SqlType, column: number): Compiled {
  const evaluate = (): never => {
    throw new Error('a partial result is read by its column');
  };
  return { type, evaluate, column, constant: false };
}
