import { type Column, newColumn } from '../../column.ts';
import { type Key, makeKey, type StorageKind, type Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { IndexInfo, TableInfo } from '../sql/catalog.ts';
import { handleKey } from '../sql/catalog-keys.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { StatementContext } from './context.ts';
import { type Executor, Plan, ReadyChunk } from './plan.ts';
import type { RangeBuilder } from './ranges.ts';
import { chargeRows } from './scan-executor.ts';

/** Which rows a point get reads. */
export interface PointGetOptions {
  readonly table: TableInfo;
  /** The unique index by which they are found; undefined: by the records' key. */
  readonly index: IndexInfo | undefined;
  /** Points for all columns of that key. */
  readonly points: RangeBuilder;
  /** Wanted columns: positions among the record's key values followed by its stored values. */
  readonly positions: readonly number[];
  readonly types: readonly SqlType[];
  readonly estimate: number;
  /** More than one key is possible. */
  readonly several: boolean;
  /** For EXPLAIN. */
  readonly access: string;
  readonly info: string;
}

/**
 * Rows of which all of a unique key is known: got from the stores by key, without a scan. What the
 * transaction itself has written comes from its buffer. Source: TiDB `executor/point_get.go`,
 * `batch_point_get.go`.
 */
export class PointGet extends Plan {
  readonly name: string;
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[] = [];
  override readonly info: string;
  private readonly options: PointGetOptions;

  constructor(options: PointGetOptions) {
    super();
    this.options = options;
    this.name = options.several ? 'Batch_Point_Get' : 'Point_Get';
    this.types = options.types;
    this.estimate = options.estimate;
    this.info = options.info;
  }

  protected override access(): string {
    return this.options.access;
  }

  protected start(ctx: StatementContext): Executor {
    return new PointGetExecutor(ctx, this.options);
  }
}

class PointGetExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly options: PointGetOptions;
  private result: Executor | undefined = undefined;

  constructor(ctx: StatementContext, options: PointGetOptions) {
    this.ctx = ctx;
    this.options = options;
  }

  *next(): Wait<Chunk | undefined> {
    this.result ??= yield* this.read();
    return yield* this.result.next();
  }

  close(): void {
    this.result ??= new ReadyChunk(undefined);
  }

  private *read(): Wait<Executor> {
    const { ctx, options } = this;
    const keys = yield* this.recordKeys();
    const found = yield* this.get(keys);
    const kinds = [...options.table.records.keyKinds, ...options.table.records.valueKinds];
    const columns: Column[] = options.positions.map((position) =>
      newColumn(kinds[position] as StorageKind, ctx.scratch),
    );
    let rows = 0;
    for (const [i, values] of found.entries()) {
      if (values === undefined) continue;
      const tuple = [...(keys[i] as Key).values, ...values];
      for (const [at, position] of options.positions.entries()) {
        (columns[at] as Column).push(tuple[position] as Stored);
      }
      rows++;
    }
    yield* chargeRows(ctx, rows);
    return new ReadyChunk({ columns, length: rows });
  }

  /** The keys of the records, looked up in the index if they are known by it. */
  private *recordKeys(): Wait<Key[]> {
    const { table, index, points } = this.options;
    const tuples = points.tuples(this.ctx);
    if (index === undefined) return tuples.map((tuple) => handleKey(table, tuple));
    const open = index.handleInKey ? table.handle.map(() => null) : [];
    const keys = tuples.map((tuple) => makeKey(index.space, [...tuple, ...open]));
    const entries = yield* this.get(keys);
    return entries.flatMap((handle) => (handle === undefined ? [] : [handleKey(table, handle)]));
  }

  /** What is stored under some keys, as this transaction sees it. */
  private *get(keys: readonly Key[]): Wait<readonly (readonly Stored[] | undefined)[]> {
    const { txn, readTs } = this.ctx;
    const own = keys.map((key) => txn.buffer.get(key));
    const absent = keys.filter((_, i) => own[i] === undefined);
    const committed = absent.length === 0 ? [] : yield* txn.batchGet(absent, readTs);
    let at = 0;
    return own.map((change) => (change === undefined ? committed[at++] : change.values));
  }
}
