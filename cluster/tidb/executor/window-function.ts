import { BIGINT, DOUBLE, type SqlType, UNSIGNED_BIGINT } from '../sql/catalog-type.ts';
import { type Aggregate, aggregateType } from './aggregate.ts';
import type { Compiled } from './context.ts';
import { commonType } from './expression-case.ts';

/** Functions that exist only with OVER. */
type RankingName =
  | 'ROW_NUMBER'
  | 'RANK'
  | 'DENSE_RANK'
  | 'PERCENT_RANK'
  | 'CUME_DIST'
  | 'NTILE'
  | 'LAG'
  | 'LEAD'
  | 'FIRST_VALUE'
  | 'LAST_VALUE'
  | 'NTH_VALUE';

/** Aggregates that can be computed over a frame. */
export type FrameAggregateName = Exclude<Aggregate['name'], 'GROUP_CONCAT' | 'FIRST_ROW'>;

/** Any window function. */
export type WindowName = RankingName | FrameAggregateName;

/** A window function of a query, ready to run. */
export interface WindowFunction {
  readonly name: WindowName;
  /** Columns of the rows that the window is over, and constants. */
  readonly args: readonly Compiled[];
  readonly type: SqlType;
}

/** BIGINT as counts of rows have it. */
const ROW_COUNT: SqlType = { ...BIGINT, length: 21 };

/** The type a window function gives. Source: TiDB `aggregation.windowFuncDesc`, `typeInfer`. */
export function windowType(name: WindowName, args: readonly Compiled[]): SqlType {
  const of = args[0]?.type ?? BIGINT;
  switch (name) {
    case 'ROW_NUMBER':
    case 'RANK':
    case 'DENSE_RANK':
      return ROW_COUNT;
    case 'NTILE':
      return { ...UNSIGNED_BIGINT, length: 21 };
    case 'PERCENT_RANK':
    case 'CUME_DIST':
      return DOUBLE;
    case 'LAG':
    case 'LEAD':
      return args[2] === undefined ? of : commonType([of, args[2].type]);
    case 'FIRST_VALUE':
    case 'LAST_VALUE':
    case 'NTH_VALUE':
      return of;
    default:
      return aggregateType(name, args);
  }
}
