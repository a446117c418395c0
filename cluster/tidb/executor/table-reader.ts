import type { StorageKind } from '../../key.ts';
import type { KeyRange } from '../../tikv/request.ts';
import { BIGINT, DOUBLE, type SqlType, TEXT } from '../sql/catalog-type.ts';
import type { Buffered } from '../transaction.ts';
import type { StatementContext } from './context.ts';
import type { CopPlan } from './cop-plan.ts';
import { copProgram, pushedTypes } from './cop-program.ts';
import { InKeyOrder, RunLocally } from './own-changes.ts';
import { type Executor, type ExplainNode, type NextId, Plan, ReadyChunk } from './plan.ts';
import type { RangeBuilder } from './ranges.ts';
import { ScanExecutor, type ScanWish } from './scan-executor.ts';
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
  /** For EXPLAIN: the ranges, and whether the table was never analyzed. */
  readonly decidedBy: string;
  readonly pseudo: boolean;
  /** Rows come in order of their key, backwards if `descending`; by default in any. */
  readonly keepOrder?: boolean;
  readonly descending?: boolean;
  /** What stores make of the rows. */
  readonly pushed?: CopPlan | undefined;
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
  /** Numbers of what stores run: the scan, the selection, what follows. */
  private storeIds: readonly number[] = [];

  constructor(options: ReaderOptions) {
    super();
    const { pushed } = options;
    this.options = options;
    this.name = options.index === undefined ? 'TableReader' : 'IndexReader';
    this.types = pushedTypes(options.types, pushed);
    this.estimate = (pushed?.top ?? pushed?.selection ?? options).estimate;
  }

  override assignIds(next: NextId): void {
    const { pushed } = this.options;
    this.storeIds = [this.options, pushed?.selection, pushed?.top]
      .filter((executor) => executor !== undefined)
      .map(() => next());
    this.id = next();
  }

  override explain(): ExplainNode {
    const top = pushedNode(this.options, this.storeIds);
    const what = this.options.index === undefined ? 'data' : 'index';
    return { ...super.explain(), info: `${what}:${top.name}_${top.id}`, children: [top] };
  }

  protected start(ctx: StatementContext): Executor {
    const { options } = this;
    const ranges = options.ranges.build(ctx);
    if (ranges.length === 0) return new ReadyChunk(undefined);
    const changes = ownChanges(ctx, ranges);
    if (changes.length > 0) return this.startOnOwnChanges(ctx, ranges, changes);
    const { positions, pushed } = options;
    const program = copProgram(ctx, pushed);
    const few = pushed?.top?.kind === 'limit' && pushed.selection === undefined;
    const wish = { ranges, columns: positions, types: this.types, program, serial: few };
    return this.scan(ctx, wish);
  }

  private scan(
    ctx: StatementContext,
    wish: Pick<ScanWish, 'ranges' | 'columns' | 'types' | 'program' | 'serial'>,
  ): Executor {
    const { id, storeIds, options } = this;
    const { keepOrder = false, descending = false } = options;
    // Not spread: that takes longer than all the rest of starting a scan.
    const { ranges, columns, types, program, serial } = wish;
    const whole = { id, storeIds, ranges, columns, types, keepOrder, descending, program, serial };
    return new ScanExecutor(ctx, whole);
  }

  /** Stores hand over rows, the changes are laid over them, and the rest is done here. */
  private startOnOwnChanges(
    ctx: StatementContext,
    ranges: readonly KeyRange[],
    changes: readonly Buffered[],
  ): Executor {
    const { pushed, keepOrder, descending = false, ranges: builder, types } = this.options;
    const keys = builder.space.keyKinds.map((_, position) => position);
    const keyTypes = builder.space.keyKinds.map((kind) => KEY_TYPES[kind]);
    const ordered = keepOrder === true;
    const positions = ordered ? [...this.options.positions, ...keys] : this.options.positions;
    const rowTypes = ordered ? [...types, ...keyTypes] : types;
    const columns = [...positions, ...keys];
    const scanned = { ranges, columns, types: [...rowTypes, ...keyTypes] };
    const committed = this.scan(ctx, { ...scanned, program: undefined, serial: false });
    const all = new UnionScan({ ctx, committed, changes, positions, types: rowTypes });
    const rows = ordered ? new InKeyOrder(all, types.length, descending) : all;
    const program = copProgram(ctx, ordered ? pushed : inAnyOrder(pushed));
    return program === undefined ? rows : new RunLocally(rows, program);
  }
}

/** Types that count the bytes of a key's values. */
const KEY_TYPES: Readonly<Record<StorageKind, SqlType>> = {
  int: BIGINT,
  real: DOUBLE,
  string: TEXT,
};

/** The same plan for rows that come in no order. */
function inAnyOrder(pushed: CopPlan | undefined): CopPlan | undefined {
  if (pushed?.top?.kind !== 'stream-agg') return pushed;
  return { ...pushed, top: { ...pushed.top, kind: 'hash-agg' } };
}

const COP_NAMES = {
  'hash-agg': 'HashAgg',
  'stream-agg': 'StreamAgg',
  'top-n': 'TopN',
  limit: 'Limit',
} as const;

/** The last of the executors that stores run, with those below it, as EXPLAIN shows them. */
function pushedNode(options: ReaderOptions, ids: readonly number[]): ExplainNode {
  const { selection, top } = options.pushed ?? {};
  const rest = ids.slice(1);
  let node = scanNode(options, ids[0] ?? 0);
  for (const executor of [selection, top]) {
    if (executor === undefined) continue;
    const name = 'kind' in executor ? COP_NAMES[executor.kind] : 'Selection';
    const { info, estimate } = executor;
    const task = 'cop[tikv]' as const;
    node = {
      id: rest.shift() ?? 0,
      name,
      rows: estimate,
      task,
      access: '',
      info,
      children: [node],
    };
  }
  return node;
}

/** The scan below a reader, as EXPLAIN shows it. */
function scanNode(options: ReaderOptions, id: number): ExplainNode {
  const { index, table, estimate, decidedBy, keepOrder = false, descending } = options;
  const what = index === undefined ? 'Table' : 'Index';
  const full = decidedBy === '';
  const range = full ? '' : `${decidedBy}, `;
  const stats = options.pseudo ? ', stats:pseudo' : '';
  return {
    id,
    name: `${what}${full ? 'FullScan' : 'RangeScan'}`,
    rows: estimate,
    task: 'cop[tikv]',
    access: index === undefined ? `table:${table}` : `table:${table}, index:${index}`,
    info: `${range}keep order:${keepOrder}${descending === true ? ', desc' : ''}${stats}`,
    children: [],
  };
}

function ownChanges(ctx: StatementContext, ranges: readonly KeyRange[]): Buffered[] {
  const { buffer } = ctx.txn;
  if (buffer.size === 0) return [];
  return ranges.flatMap(({ start, end }) => [...buffer.range(start, end)]);
}
