import { type Column, newColumn, StringColumn } from './column.ts';
import type { Dictionary } from './dictionary.ts';
import { type KeySpace, prefixEnd, type StorageKind } from './key.ts';
import type { Wait } from './sim/index.ts';
import type { ImportedRows, Importer } from './surface.ts';
import {
  type IndexInfo,
  type SchemaStore,
  type TableInfo,
  visibleColumns,
} from './tidb/sql/catalog.ts';
import { trimEnd } from './tidb/sql/catalog-keys.ts';
import { storageKind } from './tidb/sql/catalog-type.ts';
import { type TxnClient, TxnStorage } from './tidb/txn/index.ts';
import type { Leaf } from './tikv/columns/leaf.ts';
import { runWithin, sortIntoLeaves } from './tikv/columns/sorted-run.ts';

/** How long one region may take to take its records in, ms of back-off. */
const PATIENCE_MS = 20_000;

/** What an import needs of its cluster. */
export interface ImportContext {
  /** A client of its own for each import. */
  readonly client: () => TxnClient;
  readonly schema: SchemaStore;
  readonly dictionary: Dictionary;
  /** Records of a region that is full. */
  readonly regionKeys: number;
}

/** Records of one key space, before they are cut at the borders of regions. */
interface SpaceRows {
  readonly space: KeySpace;
  readonly columns: readonly Column[];
}

/**
 * Physical import, as TiDB Lightning's local backend and IMPORT INTO do it: rows become records and
 * index entries, which are sorted here, outside the cluster; regions are cut where each will be
 * full; each region's Raft then agrees on one entry that makes its part of the sorted records its
 * own (`tikv/ingest.ts`). They are the records that transactions would have left behind, with a
 * commit timestamp of PD's, in the columns that every read scans; what is saved is transactions.
 * The table must be empty and nobody may write to it meanwhile.
 */
export class BulkImport implements Importer {
  private readonly context: ImportContext;

  constructor(context: ImportContext) {
    this.context = context;
  }

  columnsOf(database: string, name: string): Column[] {
    const { schema, dictionary } = this.context;
    return visibleColumns(schema.table(database, name)).map(({ type }) =>
      newColumn(storageKind(type), dictionary, 0),
    );
  }

  load(database: string, name: string, rows: ImportedRows): Promise<void> {
    const table = this.context.schema.table(database, name);
    const client = this.context.client();
    const { process } = client;
    return new Promise((resolve, reject) => {
      process.spawn(this.run(client, table, rows), (error) => {
        process.world.scheduler.userWork = true;
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  }

  private *run(client: TxnClient, table: TableInfo, { columns, length }: ImportedRows): Wait<void> {
    const { dictionary } = this.context;
    const storage = new TxnStorage(client);
    const commitTs = yield* storage.currentTs();
    const all = table.clustered ? columns : [...columns, yield* this.rowIds(storage, length)];
    for (const { space, columns: parts } of this.spacesOf(table, all, length)) {
      const leaves = sortIntoLeaves(space, dictionary, parts, length, commitTs);
      yield* storage.splitRegions(this.borders(space, leaves));
      yield* this.ingest(client, space, leaves);
    }
  }

  /** The hidden handle of rows without a clustered key. */
  private *rowIds(storage: TxnStorage, rows: number): Wait<Column> {
    const first = yield* storage.allocateIds(rows);
    const ids = newColumn('int', this.context.dictionary, rows);
    for (let row = 0; row < rows; row++) ids.set(row, first + row);
    ids.length = rows;
    return ids;
  }

  private *spacesOf(
    table: TableInfo,
    columns: readonly Column[],
    rows: number,
  ): Generator<SpaceRows, void> {
    const at = (offsets: readonly number[]): Column[] =>
      offsets.map((offset) => columns[offset] as Column);
    const handle = at(table.handle);
    yield { space: table.records, columns: [...handle.map(withoutPadding), ...at(table.stored)] };
    for (const index of table.indexes) {
      const keys = at(index.columns).map(withoutPadding);
      const handles = index.handleInKey ? this.handlesInKey(index, keys, handle, rows) : [];
      yield { space: index.space, columns: [...keys, ...handles, ...(index.unique ? handle : [])] };
    }
  }

  /** Of a unique index only entries with a NULL need the handle to be told apart. */
  private handlesInKey(
    { unique, space }: IndexInfo,
    keys: readonly Column[],
    handle: readonly Column[],
    rows: number,
  ): Column[] {
    if (!unique) return handle.map(withoutPadding);
    return handle.map((column, i) => {
      const kind = space.keyKinds[keys.length + i] as StorageKind;
      const spelled = newColumn(kind, this.context.dictionary, 0);
      for (let row = 0; row < rows; row++) {
        spelled.push(keys.some((key) => key.get(row) === null) ? column.get(row) : null);
      }
      return withoutPadding(spelled);
    });
  }

  /** First keys of the regions: the space begins one, so that no other table's data is in it. */
  private borders(space: KeySpace, leaves: readonly Leaf[]): string[] {
    if (leaves.length === 0) return [];
    const borders = [space.prefix];
    let rows = 0;
    for (const leaf of leaves) {
      if (rows + leaf.rows > this.context.regionKeys) {
        borders.push(leaf.firstKey);
        rows = 0;
      }
      rows += leaf.rows;
    }
    return borders;
  }

  /** Gives every region its part, one region after the other. */
  private *ingest(client: TxnClient, space: KeySpace, leaves: readonly Leaf[]): Wait<void> {
    const { sender } = client;
    const end = prefixEnd(space.prefix);
    const backoff = client.backoff(PATIENCE_MS);
    let start = space.prefix;
    while (start < end) {
      const region = yield* sender.regions.locate(start);
      const { endKey } = region.info;
      const until = endKey === '' || endKey > end ? end : endKey;
      const run = runWithin(space, leaves, start, until);
      if (run !== undefined) {
        const reply = yield* sender.send(region, { kind: 'ingest', run }, backoff);
        if (reply === undefined) continue;
        if (reply.refused !== undefined) throw new Error(`${space.name}: ${reply.refused}`);
      }
      start = until;
    }
  }
}

/** The column as keys hold it (`keyValue`): itself, where no string ends with a blank. */
function withoutPadding(column: Column): Column {
  if (column.vacant || column.kind !== 'string') return column;
  const { dictionary, length } = column;
  const trimmed = new Map<number, number>();
  for (const [code, text] of dictionary.strings.entries()) {
    if (text.endsWith(' ')) trimmed.set(code, dictionary.code(trimEnd(text)));
  }
  if (trimmed.size === 0) return column;
  const copy = new StringColumn(length, dictionary);
  for (let row = 0; row < length; row++) {
    const code = column.codes[row] as number;
    copy.codes[row] = trimmed.get(code) ?? code;
  }
  copy.length = length;
  return copy;
}
