import type { DataType, Expression } from './ast-expression.ts';
import type { TableName } from './ast-query.ts';

/** A column of CREATE TABLE or ALTER TABLE … ADD COLUMN. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: DataType;
  /** Undefined when neither NULL nor NOT NULL was written. */
  readonly nullable: boolean | undefined;
  readonly defaultValue: Expression | undefined;
  readonly onUpdate: Expression | undefined;
  readonly autoIncrement: boolean;
  /** AUTO_RANDOM[(bits)]: 5 bits unless said otherwise; undefined without it. */
  readonly autoRandomBits: number | undefined;
  readonly primaryKey: boolean;
  /** What PRIMARY KEY said about clustering; undefined when it said nothing. */
  readonly clustered: boolean | undefined;
  readonly unique: boolean;
  readonly comment: string | undefined;
}

/** One part of an index: a column, with a prefix length for strings. */
export interface IndexPart {
  readonly column: string;
  readonly length: number | undefined;
  readonly descending: boolean;
}

/** A table-level key, or the key of CREATE INDEX. */
export interface IndexDefinition {
  readonly type: 'primary' | 'unique' | 'index';
  readonly name: string | undefined;
  readonly parts: readonly IndexPart[];
  /** Primary keys only; undefined when nothing was said. */
  readonly clustered: boolean | undefined;
  readonly comment: string | undefined;
}

/** `name = value` behind a table or database definition; the name in upper case. */
export interface DefinitionOption {
  readonly name: string;
  readonly value: string;
}

/** CREATE TABLE with columns, or CREATE TABLE … LIKE. */
export interface CreateTable {
  readonly kind: 'create-table';
  readonly table: TableName;
  readonly ifNotExists: boolean;
  readonly temporary: boolean;
  readonly columns: readonly ColumnDefinition[];
  readonly indexes: readonly IndexDefinition[];
  readonly options: readonly DefinitionOption[];
  /** Set for CREATE TABLE t LIKE other; columns and indexes are then empty. */
  readonly like: TableName | undefined;
}

/** DROP TABLE. */
export interface DropTable {
  readonly kind: 'drop-table';
  readonly ifExists: boolean;
  readonly tables: readonly TableName[];
}

/** TRUNCATE [TABLE]. */
export interface TruncateTable {
  readonly kind: 'truncate-table';
  readonly table: TableName;
}

/** CREATE [UNIQUE] INDEX. */
export interface CreateIndex {
  readonly kind: 'create-index';
  readonly ifNotExists: boolean;
  readonly table: TableName;
  readonly index: IndexDefinition;
}

/** DROP INDEX. */
export interface DropIndex {
  readonly kind: 'drop-index';
  readonly ifExists: boolean;
  readonly table: TableName;
  readonly name: string;
}

/** Where a new column goes: at the end unless said otherwise. */
export type ColumnPosition =
  | { readonly place: 'last' }
  | { readonly place: 'first' }
  | { readonly place: 'after'; readonly column: string };

/** One change of ALTER TABLE. */
export type TableChange =
  | {
      readonly change: 'add-column';
      readonly column: ColumnDefinition;
      readonly position: ColumnPosition;
    }
  | { readonly change: 'drop-column'; readonly name: string }
  | { readonly change: 'modify-column'; readonly from: string; readonly column: ColumnDefinition }
  | { readonly change: 'add-index'; readonly index: IndexDefinition }
  | { readonly change: 'drop-index'; readonly name: string }
  | { readonly change: 'drop-primary-key' }
  | { readonly change: 'rename-table'; readonly to: TableName }
  | { readonly change: 'set-option'; readonly option: DefinitionOption }
  | { readonly change: 'set-tiflash-replica'; readonly count: number };

/** ALTER TABLE. */
export interface AlterTable {
  readonly kind: 'alter-table';
  readonly table: TableName;
  readonly changes: readonly TableChange[];
}

/** CREATE DATABASE. */
export interface CreateDatabase {
  readonly kind: 'create-database';
  readonly ifNotExists: boolean;
  readonly name: string;
  readonly options: readonly DefinitionOption[];
}

/** DROP DATABASE. */
export interface DropDatabase {
  readonly kind: 'drop-database';
  readonly ifExists: boolean;
  readonly name: string;
}
