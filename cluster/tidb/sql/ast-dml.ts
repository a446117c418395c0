import type { ColumnReference, Expression, OrderItem } from './ast-expression.ts';
import type { Limit, Query, TableName, TableReference, With } from './ast-query.ts';

/** `column = value` of UPDATE, INSERT … SET and ON DUPLICATE KEY UPDATE. */
export interface Assignment {
  readonly column: ColumnReference;
  readonly value: Expression;
}

/** INSERT and REPLACE. `INSERT … SET a = 1` is given as columns and one row. */
export interface Insert {
  readonly kind: 'insert';
  readonly replace: boolean;
  readonly ignore: boolean;
  readonly hints: readonly string[];
  readonly table: TableName;
  /** Empty when the statement names none: all columns in their order. */
  readonly columns: readonly string[];
  readonly source: InsertSource;
  readonly onDuplicate: readonly Assignment[];
}

/** Where the rows of an INSERT come from. */
export type InsertSource =
  | { readonly kind: 'values'; readonly rows: readonly (readonly Expression[])[] }
  | { readonly kind: 'query'; readonly query: Query };

/** UPDATE; `from` is a join for the multi-table form. */
export interface Update {
  readonly kind: 'update';
  readonly with: With | undefined;
  readonly ignore: boolean;
  readonly hints: readonly string[];
  readonly from: TableReference;
  readonly assignments: readonly Assignment[];
  readonly where: Expression | undefined;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Limit | undefined;
}

/** DELETE. `targets` is empty for `DELETE FROM t …`, else the tables of the multi-table form. */
export interface Delete {
  readonly kind: 'delete';
  readonly with: With | undefined;
  readonly ignore: boolean;
  readonly hints: readonly string[];
  readonly targets: readonly TableName[];
  readonly from: TableReference;
  readonly where: Expression | undefined;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Limit | undefined;
}
