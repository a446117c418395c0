import type { Wait } from '../../sim/index.ts';
import type { KeyRange } from '../../tikv/request.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { Buffered, ScanCursor } from '../transaction.ts';
import type { StatementContext } from './context.ts';
import { type Executor, type ExplainNode, type NextId, Plan, ReadyChunk } from './plan.ts';
import type { RangeBuilder } from './ranges.ts';
import { UnionScan } from './union-scan.ts';

/** What a reader reads. */
export interface ReaderOptions {
  readonly ranges: RangeBuilder;
  /** Wanted columns: positions among key values followed by stored values. */
  readonly positions: readonly number[];
  readonly types: readonly SqlType[];
  readonly estimate: number;
  /** For EXPLAIN: the table, and the index if one is read. */
  readonly table: string;
  readonly index: string | undefined;
  /** For EXPLAIN: the conditions behind the ranges. */
  readonly decidedBy: string;
}

/** Work of less than this is not worth an event of its own. */
const LEAST_CHARGE_US = 50;

/** Pays for rows that an operator took in. */
export function* chargeRows(ctx: StatementContext, rows: number): Wait<void> {
  ctx.rowsRead += rows;
  const { error } = ctx.session.interruption;
  if (error !== undefined) throw error;
  const us = Math.round(rows * ctx.costs.executorRowUs);
  if (us >= LEAST_CHARGE_US) yield* ctx.cpu.run(us);
}

/**
 * Scans ranges of the records or of one index, the transaction's own changes included.
 * Source: TiDB `executor/table_reader.go`, `executor/distsql.go`.
 */
export class TableReader extends Plan {
  readonly name: string;
  readonly inputs: readonly Plan[] = [];
  readonly types: readonly SqlType[];
  readonly estimate: number;
  private readonly options: ReaderOptions;
  private scanId = 0;
  private readonly keyPositions: readonly number[];

  constructor(options: ReaderOptions) {
    super();
    this.options = options;
    this.name = options.index === undefined ? 'TableReader' : 'IndexReader';
    this.types = options.types;
    this.estimate = options.estimate;
    this.keyPositions = options.ranges.space.keyKinds.map((_, position) => position);
  }

  override assignIds(next: NextId): void {
    this.scanId = next();
    this.id = next();
  }

  override explain(): ExplainNode {
    const scan = scanNode(this.options, this.scanId);
    const what = this.options.index === undefined ? 'data' : 'index';
    return { ...super.explain(), info: `${what}:${scan.name}_${scan.id}`, children: [scan] };
  }

  protected start(ctx: StatementContext): Executor {
    const { ranges: builder, positions } = this.options;
    const ranges = builder.build(ctx);
    if (ranges.length === 0) return new ReadyChunk(undefined);
    const changes = ownChanges(ctx, ranges);
    if (changes.length === 0) return new ScanExecutor(ctx, ranges, positions);
    const committed = new ScanExecutor(ctx, ranges, [...positions, ...this.keyPositions]);
    return new UnionScan({ ctx, committed, changes, positions, types: this.types });
  }
}

/** The scan below a reader, as EXPLAIN shows it. */
function scanNode(options: ReaderOptions, id: number): ExplainNode {
  const { ranges, index, table, estimate, decidedBy } = options;
  const what = index === undefined ? 'Table' : 'Index';
  const full = ranges.conditions.length === 0;
  const range = full ? '' : `range: decided by [${decidedBy}], `;
  return {
    id,
    name: `${what}${full ? 'FullScan' : 'RangeScan'}`,
    rows: estimate,
    task: 'cop[tikv]',
    access: index === undefined ? `table:${table}` : `table:${table}, index:${index}`,
    info: `${range}keep order:false`,
    children: [],
  };
}

function ownChanges(ctx: StatementContext, ranges: readonly KeyRange[]): Buffered[] {
  const { buffer } = ctx.txn;
  if (buffer.size === 0) return [];
  return ranges.flatMap(({ start, end }) => [...buffer.range(start, end)]);
}

class ScanExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly cursor: ScanCursor;

  constructor(ctx: StatementContext, ranges: readonly KeyRange[], columns: readonly number[]) {
    this.ctx = ctx;
    this.cursor = ctx.txn.scan({
      ranges,
      readTs: ctx.readTs,
      columns,
      keepOrder: false,
      descending: false,
      limit: undefined,
    });
  }

  *next(): Wait<Chunk | undefined> {
    for (;;) {
      const chunk = yield* this.cursor.next();
      if (chunk === undefined) return undefined;
      if (chunk.length === 0) continue;
      yield* chargeRows(this.ctx, chunk.length);
      return chunk;
    }
  }

  close(): void {
    this.cursor.close();
  }
}
