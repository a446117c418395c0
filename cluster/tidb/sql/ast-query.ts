import type { Expression, OrderItem } from './ast-expression.ts';
import type { NamedWindow } from './ast-window.ts';

/** `[schema.]name` of a table. */
export interface TableName {
  readonly schema: string | undefined;
  readonly name: string;
}

/** `USE|FORCE|IGNORE INDEX (names)` behind a table. */
export interface IndexHint {
  readonly action: 'USE' | 'FORCE' | 'IGNORE';
  readonly indexes: readonly string[];
}

/** A table in FROM. */
export interface TableSource {
  readonly kind: 'table';
  readonly table: TableName;
  readonly alias: string | undefined;
  readonly indexHints: readonly IndexHint[];
  /** `AS OF TIMESTAMP …`: a stale read at that time. */
  readonly asOf: Expression | undefined;
}

/** `(SELECT …) alias [(columns)]` in FROM. */
export interface DerivedTable {
  readonly kind: 'derived';
  readonly query: Query;
  readonly alias: string;
  readonly columns: readonly string[];
}

/** A join. A comma and a CROSS JOIN are inner joins without a condition. */
export interface Join {
  readonly kind: 'join';
  readonly type: 'inner' | 'left' | 'right';
  readonly left: TableReference;
  readonly right: TableReference;
  readonly on: Expression | undefined;
  /** Columns of USING; empty without it. */
  readonly using: readonly string[];
  readonly natural: boolean;
  /** STRAIGHT_JOIN: the left side is read first. */
  readonly straight: boolean;
}

/** Anything that may stand in FROM. */
export type TableReference = TableSource | DerivedTable | Join;

/** `*` or `[schema.]table.*` in a select list. */
export interface Wildcard {
  readonly kind: 'wildcard';
  readonly schema: string | undefined;
  readonly table: string | undefined;
}

/** An expression in a select list. */
export interface SelectExpression {
  readonly kind: 'expression';
  readonly expression: Expression;
  readonly alias: string | undefined;
  /** The expression as it was written: the column's name in the answer when there is no alias. */
  readonly text: string;
}

/** One entry of a select list. */
export type SelectItem = Wildcard | SelectExpression;

/** `LIMIT count OFFSET offset`; each is a non-negative integer literal or a parameter. */
export interface Limit {
  readonly count: Expression;
  readonly offset: Expression | undefined;
}

/** FOR UPDATE, FOR SHARE / LOCK IN SHARE MODE and what to do about a lock already held. */
export interface LockClause {
  readonly strength: 'update' | 'share';
  readonly wait: 'block' | 'nowait' | 'skip-locked' | { readonly seconds: number };
  /** Tables of `OF a, b`; empty means all. */
  readonly tables: readonly string[];
}

/** One common table expression of WITH. */
export interface CommonTableExpression {
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: Query;
}

/** `WITH [RECURSIVE] a AS (…), …`. */
export interface With {
  readonly recursive: boolean;
  readonly tables: readonly CommonTableExpression[];
}

/** SELECT. */
export interface Select {
  readonly kind: 'select';
  readonly with: With | undefined;
  /** Optimizer hints, each as written, such as `HASH_AGG()`. */
  readonly hints: readonly string[];
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  /** Undefined for `SELECT 1` and for FROM DUAL. */
  readonly from: TableReference | undefined;
  readonly where: Expression | undefined;
  readonly groupBy: readonly OrderItem[];
  readonly having: Expression | undefined;
  /** WINDOW. */
  readonly windows: readonly NamedWindow[];
  readonly orderBy: readonly OrderItem[];
  readonly limit: Limit | undefined;
  readonly lock: LockClause | undefined;
}

/** `left UNION|EXCEPT|INTERSECT [ALL] right`; ORDER BY and LIMIT here apply to the whole. */
export interface SetOperation {
  readonly kind: 'set-operation';
  readonly with: With | undefined;
  readonly operator: 'UNION' | 'EXCEPT' | 'INTERSECT';
  readonly all: boolean;
  readonly left: Query;
  readonly right: Query;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Limit | undefined;
}

/** Anything that yields rows: what may stand in a subquery. */
export type Query = Select | SetOperation;
