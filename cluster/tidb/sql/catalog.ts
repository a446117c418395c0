/**
 * The catalog: which tables there are and how their rows become keys and columns.
 *
 * A row is a tuple in the order of the table's columns. Its key in the *record space* is made of
 * the primary key when that is clustered, else of a hidden column `_tidb_rowid`; the other columns
 * are the values stored there. Each other index is a space of its own, whose entries lead back to
 * the record's key (the *handle*):
 *
 * ```
 *   CREATE TABLE t (a INT, b INT, c INT, PRIMARY KEY (a) CLUSTERED, KEY (b), UNIQUE (c))
 *   records    key (a)       values (b, c)
 *   t.b        key (b, a)    values ()
 *   t.c        key (c, NULL) values (a)      c is NULL: key (NULL, a), so that NULLs never collide
 * ```
 *
 * The schema is one versioned object that all TiDB nodes of a cluster share, and a change takes
 * effect at once. The real thing keeps it in PD's etcd, and nodes follow within a lease, two
 * neighbouring versions living side by side (F1's protocol); that is left out. Definitions are
 * immutable: a change replaces a table's.
 */
import { SqlError } from '../../errors.ts';
import type { KeySpace, Stored } from '../../key.ts';
import type { SqlType } from './catalog-type.ts';

/** What a column holds when an INSERT does not say. */
export type ColumnDefault =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly value: Stored }
  | { readonly kind: 'now' };

/** A column of a table. */
export interface ColumnInfo {
  /** As spelled in the definition. */
  readonly name: string;
  readonly lowerName: string;
  /** Position in the table's tuple. */
  readonly offset: number;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly defaultValue: ColumnDefault;
  readonly onUpdateNow: boolean;
  readonly autoIncrement: boolean;
  /** `_tidb_rowid`: there, but not part of `*`. */
  readonly hidden: boolean;
}

/** A secondary index, or a primary key that is not clustered. */
export interface IndexInfo {
  readonly id: number;
  readonly name: string;
  readonly unique: boolean;
  readonly primary: boolean;
  /** Offsets of the indexed columns. */
  readonly columns: readonly number[];
  readonly space: KeySpace;
  /** The key ends with the handle: always without UNIQUE, and for entries with a NULL otherwise. */
  readonly handleInKey: boolean;
}

/** A table. */
export interface TableInfo {
  readonly id: number;
  readonly database: string;
  readonly name: string;
  /** All columns; a hidden row id comes last. */
  readonly columns: readonly ColumnInfo[];
  /** Offsets of the columns that make the record's key. */
  readonly handle: readonly number[];
  /** Offsets of the columns stored as values, in order. */
  readonly stored: readonly number[];
  /** Position of each column among key values followed by stored values. */
  readonly position: readonly number[];
  /** False: the handle is `_tidb_rowid`. */
  readonly clustered: boolean;
  readonly records: KeySpace;
  readonly indexes: readonly IndexInfo[];
  /** Ids of indexes are never used twice. */
  readonly nextIndexId: number;
  /** Offset of the AUTO_INCREMENT column. */
  readonly autoColumn: number | undefined;
}

/** A table's columns that people see. */
export function visibleColumns(table: TableInfo): readonly ColumnInfo[] {
  return table.clustered ? table.columns : table.columns.slice(0, -1);
}

/** A database whose tables nobody can make; the catalog knows its name only. */
const INFORMATION_SCHEMA = 'INFORMATION_SCHEMA';

/** The schema of one cluster; see the essay above. */
export class SchemaStore {
  private readonly databases = new Map<string, Map<string, TableInfo>>();
  private currentVersion = 1;

  constructor() {
    for (const name of ['mysql', 'test']) this.databases.set(name, new Map());
  }

  /** Grows with every change; cached plans ask for it. */
  get version(): number {
    return this.currentVersion;
  }

  /** Names of all databases, sorted. */
  databaseNames(): string[] {
    return [INFORMATION_SCHEMA, ...this.databases.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  hasDatabase(name: string): boolean {
    const lower = name.toLowerCase();
    return this.databases.has(lower) || name.toUpperCase() === INFORMATION_SCHEMA;
  }

  /** Adds a database. Throws 1007 when there is one of that name. */
  createDatabase(name: string): void {
    if (this.hasDatabase(name)) {
      throw new SqlError(1007, `Can't create database '${name}'; database exists`);
    }
    this.databases.set(name.toLowerCase(), new Map());
    this.currentVersion++;
  }

  /** Removes a database with its tables. Throws 1008 when there is none. */
  dropDatabase(name: string): void {
    if (!this.databases.delete(name.toLowerCase())) {
      throw new SqlError(1008, `Can't drop database '${name}'; database doesn't exist`);
    }
    this.currentVersion++;
  }

  /** Tables of a database by name. Throws 1049. */
  tablesOf(database: string): readonly TableInfo[] {
    if (database.toUpperCase() === INFORMATION_SCHEMA) return [];
    const tables = [...this.tables(database).values()];
    return tables.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The table if it exists; a database that does not exist has none. */
  find(database: string, name: string): TableInfo | undefined {
    return this.databases.get(database.toLowerCase())?.get(name.toLowerCase());
  }

  /** The table. Throws 1146. */
  table(database: string, name: string): TableInfo {
    const found = this.find(database, name);
    if (found === undefined) {
      throw new SqlError(1146, `Table '${database}.${name}' doesn't exist`);
    }
    return found;
  }

  /** Adds or replaces a table. Throws 1049. */
  put(table: TableInfo): void {
    this.tables(table.database).set(table.name.toLowerCase(), table);
    this.currentVersion++;
  }

  /** Removes a table. */
  drop(table: TableInfo): void {
    this.tables(table.database).delete(table.name.toLowerCase());
    this.currentVersion++;
  }

  /** Tables are as they were, but plans may differ now. */
  statisticsChanged(): void {
    this.currentVersion++;
  }

  private tables(database: string): Map<string, TableInfo> {
    const tables = this.databases.get(database.toLowerCase());
    if (tables === undefined) throw new SqlError(1049, `Unknown database '${database}'`);
    return tables;
  }
}
