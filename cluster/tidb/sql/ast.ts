/**
 * The abstract syntax tree: what every later stage of the SQL layer reads.
 *
 * Plain readonly data tagged by `kind`, so that a `switch` on it is exhaustive and two trees can be
 * compared with deep equality. Names are spelled as written (identifiers ignore case later, in the
 * catalog); keywords and operators appear under one canonical spelling. Optional parts are always
 * present and `undefined`, which keeps each kind of node in one hidden class.
 *
 * Literals may carry an ordinal: the same tree then serves every text that differs only in those
 * literals (see `statement-cache.ts`).
 */
import type {
  AlterTable,
  CreateDatabase,
  CreateIndex,
  CreateTable,
  DropDatabase,
  DropIndex,
  DropTable,
  TruncateTable,
} from './ast-ddl.ts';
import type { Delete, Insert, Update } from './ast-dml.ts';
import type { Query } from './ast-query.ts';
import type {
  AdminCheckTable,
  AnalyzeTable,
  Begin,
  Commit,
  Deallocate,
  Execute,
  Explain,
  Flush,
  Kill,
  Prepare,
  Rollback,
  SetNames,
  SetTransaction,
  SetVariables,
  Show,
  SplitTable,
  Use,
} from './ast-session.ts';

export type * from './ast-ddl.ts';
export type * from './ast-dml.ts';
export type * from './ast-expression.ts';
export type * from './ast-query.ts';
export type * from './ast-session.ts';
export type * from './ast-window.ts';

/** Any statement, tagged by `kind`. DESC table is `show` with subject `columns`. */
export type Statement =
  | Query
  | Insert
  | Update
  | Delete
  | CreateTable
  | DropTable
  | TruncateTable
  | CreateIndex
  | DropIndex
  | AlterTable
  | CreateDatabase
  | DropDatabase
  | Use
  | Begin
  | Commit
  | Rollback
  | SetVariables
  | SetNames
  | SetTransaction
  | Show
  | Explain
  | Prepare
  | Execute
  | Deallocate
  | Kill
  | AdminCheckTable
  | AnalyzeTable
  | SplitTable
  | Flush;
