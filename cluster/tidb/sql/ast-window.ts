import type { AggregateCall, Expression, FunctionCall, OrderItem } from './ast-expression.ts';

/** One end of a window's frame. */
export interface FrameBound {
  readonly side: 'preceding' | 'following' | 'current-row';
  /** How far away: rows, a number, an INTERVAL. Undefined: all the way; or the current row. */
  readonly distance: Expression | undefined;
}

/** `ROWS|RANGE BETWEEN start AND end`: the rows around the current one that a function sees. */
export interface WindowFrame {
  readonly unit: 'ROWS' | 'RANGE' | 'GROUPS';
  readonly start: FrameBound;
  readonly end: FrameBound;
}

/** `([base] [PARTITION BY …] [ORDER BY …] [frame])`. */
export interface WindowSpecification {
  /** A named window that this one adds to. */
  readonly base: string | undefined;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame: WindowFrame | undefined;
}

/** `name AS (…)` of the WINDOW clause. */
export interface NamedWindow {
  readonly name: string;
  readonly specification: WindowSpecification;
}

/** `call [FROM LAST] [IGNORE NULLS] OVER name|(…)`. */
export interface WindowCall {
  readonly kind: 'window';
  readonly call: FunctionCall | AggregateCall;
  /** NTH_VALUE counts from the end. */
  readonly fromLast: boolean;
  readonly ignoreNulls: boolean;
  /** The name of a window, which is taken as it is, or one of its own. */
  readonly over: string | WindowSpecification;
}
