import { type Column, newColumn } from '../../column.ts';
import type { StorageKind, Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { TableInfo } from '../sql/catalog.ts';
import { handleKey } from '../sql/catalog-keys.ts';
import type { StatementContext } from './context.ts';
import { LimitExecutor, type RowWindow, windowOf } from './limit.ts';
import { type Executor, type ExplainNode, type NextId, Plan, ReadyChunk } from './plan.ts';
import type { RangeBuilder } from './ranges.ts';
import { chargeRows } from './scan-executor.ts';
import { type ReaderOptions, TableReader } from './table-reader.ts';

/** What an index look-up reads. */
export interface LookUpOptions {
  readonly table: TableInfo;
  readonly index: ReaderOptions;
  /** Positions of the handle's columns among the index's key values and stored values. */
  readonly handleAt: readonly number[];
  /** Wanted columns of the record, and the whole table as a way around the index. */
  readonly records: ReaderOptions;
  readonly limit?: EmbeddedLimit | undefined;
}

/** LIMIT of the entries of the index: no record is looked up in vain. */
export interface EmbeddedLimit {
  readonly window: RowWindow;
  /** `offset:0, count:1`, for EXPLAIN. */
  readonly info: string;
  /** Makes the same of all rows of the table, where the way around the index is taken. */
  readonly around: (whole: Plan) => Plan;
}

/**
 * Reads an index for handles, then the records by handle, both at one timestamp. A transaction that
 * has changed the table itself reads the records instead, where its own changes can be laid over
 * them. Source: TiDB `executor/distsql.go` (`IndexLookUpExecutor`).
 */
export class IndexLookUp extends Plan {
  readonly name = 'IndexLookUp';
  readonly inputs: readonly Plan[] = [];
  readonly types: ReaderOptions['types'];
  readonly estimate: number;
  override readonly info: string;
  private readonly options: LookUpOptions;
  private readonly whole: TableReader;
  private readonly around: Plan;
  private readonly entries: TableReader;

  constructor(options: LookUpOptions) {
    super();
    const { limit } = options;
    this.options = options;
    this.types = options.records.types;
    this.whole = new TableReader(options.records);
    this.around = limit === undefined ? this.whole : limit.around(this.whole);
    this.entries = new TableReader(options.index);
    this.estimate = this.entries.estimate;
    this.info = limit === undefined ? '' : `limit embedded(${limit.info})`;
  }

  override assignIds(next: NextId): void {
    this.entries.assignIds(next);
    this.whole.assignIds(next);
    this.id = next();
    if (this.around !== this.whole) this.around.id = this.id;
  }

  override explain(): ExplainNode {
    const rows = this.estimate;
    const [entries] = this.entries.explain().children as [ExplainNode];
    const record = scanOf(this.whole.explain());
    const stats = this.options.index.pseudo ? ', stats:pseudo' : '';
    const info = `keep order:false${stats}`;
    const probe = { ...record, name: 'TableRowIDScan', rows, info };
    const children: ExplainNode[] = [
      { ...entries, role: 'Build' },
      { ...probe, role: 'Probe' },
    ];
    return { ...super.explain(), children };
  }

  protected start(ctx: StatementContext): Executor {
    const { buffer } = ctx.txn;
    const all: RangeBuilder = this.options.records.ranges;
    const [range] = all.build(ctx);
    const changed =
      buffer.size > 0 && range !== undefined && buffer.range(range.start, range.end).length > 0;
    return changed
      ? this.around.open(ctx)
      : new LookUpExecutor(ctx, this.options, this.openEntries(ctx));
  }

  private openEntries(ctx: StatementContext): Executor {
    const { limit } = this.options;
    if (limit === undefined) return this.entries.open(ctx);
    const { offset, count } = windowOf(ctx, limit.window);
    if (count === 0) return new ReadyChunk(undefined);
    return new LimitExecutor(this.entries.open(ctx), offset, count);
  }
}

/** The lowest line: what is scanned. */
function scanOf(node: ExplainNode): ExplainNode {
  const [below] = node.children;
  return below === undefined ? node : scanOf(below);
}

class LookUpExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly options: LookUpOptions;
  private readonly entries: Executor;
  private result: Executor | undefined = undefined;

  constructor(ctx: StatementContext, options: LookUpOptions, entries: Executor) {
    this.ctx = ctx;
    this.options = options;
    this.entries = entries;
  }

  *next(): Wait<Chunk | undefined> {
    this.result ??= yield* this.lookUp();
    return yield* this.result.next();
  }

  close(): void {
    this.entries.close();
  }

  private *lookUp(): Wait<Executor> {
    const { table, handleAt } = this.options;
    const keys = [];
    for (let chunk = yield* this.entries.next(); chunk !== undefined; ) {
      for (let row = 0; row < chunk.length; row++) {
        const handle = handleAt.map((_, i) => (chunk as Chunk).columns[i]?.get(row) as Stored);
        keys.push(handleKey(table, handle));
      }
      chunk = yield* this.entries.next();
    }
    if (keys.length === 0) return new ReadyChunk(undefined);
    const found = yield* this.ctx.txn.batchGet(keys, this.ctx.readTs);
    const columns = this.emptyColumns();
    let rows = 0;
    for (const [i, values] of found.entries()) {
      if (values === undefined) continue;
      const tuple = [...(keys[i] as { values: readonly Stored[] }).values, ...values];
      for (const [at, position] of this.options.records.positions.entries()) {
        (columns[at] as Column).push(tuple[position] as Stored);
      }
      rows++;
    }
    yield* chargeRows(this.ctx, rows);
    return new ReadyChunk({ columns, length: rows });
  }

  private emptyColumns(): Column[] {
    const { records } = this.options.table;
    const kinds = [...records.keyKinds, ...records.valueKinds];
    return this.options.records.positions.map((position) =>
      newColumn(kinds[position] as StorageKind, this.ctx.scratch),
    );
  }
}
