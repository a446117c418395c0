import type { Statement } from './ast.ts';
import type { Expression, VariableScope } from './ast-expression.ts';
import type { TableName } from './ast-query.ts';

/** USE database. */
export interface Use {
  readonly kind: 'use';
  readonly database: string;
}

/** BEGIN [PESSIMISTIC|OPTIMISTIC] and START TRANSACTION …. */
export interface Begin {
  readonly kind: 'begin';
  /** Undefined: as `tidb_txn_mode` says. */
  readonly mode: 'pessimistic' | 'optimistic' | undefined;
  readonly readOnly: boolean;
  /** WITH CONSISTENT SNAPSHOT: the start timestamp is fetched now. */
  readonly consistentSnapshot: boolean;
  /** START TRANSACTION READ ONLY AS OF TIMESTAMP …. */
  readonly asOf: Expression | undefined;
}

/** COMMIT [WORK]. */
export interface Commit {
  readonly kind: 'commit';
}

/** ROLLBACK [WORK]. */
export interface Rollback {
  readonly kind: 'rollback';
}

/** One assignment of SET. A bare word such as ON is a column reference; DEFAULT is `default`. */
export type VariableSetting =
  | {
      readonly target: 'system';
      /** Undefined means session. */
      readonly scope: VariableScope | undefined;
      readonly name: string;
      readonly value: Expression;
    }
  | { readonly target: 'user'; readonly name: string; readonly value: Expression };

/** SET a = 1, GLOBAL b = 2, @c = 3. */
export interface SetVariables {
  readonly kind: 'set-variables';
  readonly settings: readonly VariableSetting[];
}

/** SET NAMES charset [COLLATE collation]; undefined charset is DEFAULT. */
export interface SetNames {
  readonly kind: 'set-names';
  readonly charset: string | undefined;
  readonly collation: string | undefined;
}

/** The isolation levels of SQL-92. TiDB runs the last two as snapshot isolation. */
export type IsolationLevel =
  | 'READ-UNCOMMITTED'
  | 'READ-COMMITTED'
  | 'REPEATABLE-READ'
  | 'SERIALIZABLE';

/** SET [SESSION|GLOBAL] TRANSACTION …; undefined scope is the next transaction only. */
export interface SetTransaction {
  readonly kind: 'set-transaction';
  readonly scope: VariableScope | undefined;
  readonly isolation: IsolationLevel | undefined;
  readonly readOnly: boolean | undefined;
}

/** What SHOW lists. */
export type ShowSubject =
  | 'variables'
  | 'status'
  | 'warnings'
  | 'errors'
  | 'tables'
  | 'databases'
  | 'create-table'
  | 'create-database'
  | 'processlist'
  | 'index'
  | 'columns'
  | 'engines'
  | 'charset'
  | 'collation'
  | 'table-regions'
  | 'stats-meta'
  | 'stats-healthy'
  | 'stats-histograms'
  | 'stats-buckets'
  | 'analyze-status';

/** SHOW. */
export interface Show {
  readonly kind: 'show';
  readonly subject: ShowSubject;
  readonly full: boolean;
  readonly scope: VariableScope | undefined;
  /** Table of CREATE TABLE, INDEX, COLUMNS, TABLE … REGIONS. */
  readonly table: TableName | undefined;
  /** Database of SHOW TABLES FROM and SHOW CREATE DATABASE. */
  readonly database: string | undefined;
  readonly like: string | undefined;
  readonly where: Expression | undefined;
}

/** EXPLAIN [ANALYZE] [FORMAT = …] statement; DESC and DESCRIBE are the same. */
export interface Explain {
  readonly kind: 'explain';
  readonly analyze: boolean;
  /** In lower case; `row` unless said otherwise. */
  readonly format: string;
  readonly statement: Statement;
}

/** PREPARE name FROM 'text' | @variable. */
export interface Prepare {
  readonly kind: 'prepare';
  readonly name: string;
  readonly source:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'user-variable'; readonly name: string };
}

/** EXECUTE name [USING @a, @b]. */
export interface Execute {
  readonly kind: 'execute';
  readonly name: string;
  /** Names of user variables. */
  readonly using: readonly string[];
}

/** DEALLOCATE PREPARE name. */
export interface Deallocate {
  readonly kind: 'deallocate';
  readonly name: string;
}

/** KILL [TIDB] [CONNECTION|QUERY] id. */
export interface Kill {
  readonly kind: 'kill';
  /** KILL TIDB: the id belongs to the node that received the statement. */
  readonly tidb: boolean;
  readonly target: 'connection' | 'query';
  readonly connection: Expression;
}

/** ADMIN CHECK TABLE a, b. */
export interface AdminCheckTable {
  readonly kind: 'admin-check-table';
  readonly tables: readonly TableName[];
}

/** ANALYZE TABLE a, b. */
export interface AnalyzeTable {
  readonly kind: 'analyze-table';
  readonly tables: readonly TableName[];
}

/** SPLIT TABLE t [INDEX i] BETWEEN (…) AND (…) REGIONS n | BY (…), (…). */
export interface SplitTable {
  readonly kind: 'split-table';
  readonly table: TableName;
  readonly index: string | undefined;
  readonly split:
    | {
        readonly by: 'range';
        readonly low: readonly Expression[];
        readonly high: readonly Expression[];
        readonly regions: number;
      }
    | { readonly by: 'points'; readonly points: readonly (readonly Expression[])[] };
}

/** FLUSH PRIVILEGES, TABLES, STATUS, …: the words behind FLUSH, in upper case. */
export interface Flush {
  readonly kind: 'flush';
  readonly what: string;
}
