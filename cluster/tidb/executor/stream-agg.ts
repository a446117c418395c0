import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import type { Tracker } from '../memory/tracker.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { Aggregate } from './aggregate.ts';
import { stateBytes } from './aggregate-bytes.ts';
import { type AggregateState, SortedRows } from './aggregate-state.ts';
import { columnFor, computeColumn, RowBuffer, view } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { TABLE_BYTES } from './go-map-bytes.ts';
import type { GroupingSpec } from './grouping.ts';
import { KeptKeys } from './kept-keys.ts';
import { KeyRuns } from './key-runs.ts';
import { newState } from './new-aggregate-state.ts';
import { Pages } from './pages.ts';
import { type Executor, Plan } from './plan.ts';

/**
 * GROUP BY of rows that come in order of the keys: a group ends where the next begins, so only one
 * is ever open, and nothing is hashed. Without keys everything is one group, which exists even if
 * no row came. The keys that are kept come out first, then the aggregates. Source: TiDB
 * `executor/aggregate.go`, `StreamAggExec`.
 */
export class StreamAgg extends Plan {
  readonly name = 'StreamAgg';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly child: Plan;
  private readonly spec: GroupingSpec;
  private readonly given: KeptKeys;

  /**
   * @param spec `merges` where the input is partial results: see `finalAggregate`
   * @param kept which keys are wanted above
   */
  constructor(child: Plan, spec: GroupingSpec, info: string, kept: readonly boolean[]) {
    super();
    this.child = child;
    this.inputs = [child];
    this.spec = spec;
    this.info = info;
    const types = [...spec.keys, ...spec.aggregates].map(({ type }) => type);
    this.given = new KeptKeys(types.length, kept);
    this.types = this.given.typesOf(types);
    this.estimate = spec.keys.length === 0 ? 1 : Math.max(1, child.estimate * 0.8);
  }

  protected start(ctx: StatementContext): Executor {
    return this.given.of(new StreamAggExecutor(ctx, this.id, this.child.open(ctx), this.spec));
  }
}

/** Groups whose aggregates are not given out yet; the last one is open. */
interface OpenGroups {
  readonly states: readonly AggregateState[];
  /** A row of keys for each. */
  readonly keys: RowBuffer;
  count: number;
}

/** No row opens a group. */
const NONE = new Int32Array(0);

class StreamAggExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly child: Executor;
  private readonly spec: GroupingSpec;
  private readonly tracker: Tracker;
  private readonly runs: KeyRuns;
  /** Rows of the last chunk that begin a group; made anew only for longer chunks. */
  private begins = new Int32Array(0);
  private open: OpenGroups;
  private pages: Pages | undefined = undefined;
  private ended = false;

  constructor(ctx: StatementContext, id: number, child: Executor, spec: GroupingSpec) {
    this.ctx = ctx;
    this.child = child;
    this.spec = spec;
    this.tracker = ctx.memory.newExecutorTracker(id);
    this.runs = new KeyRuns(spec.keys.length);
    this.open = newGroups(spec);
  }

  *next(): Wait<Chunk | undefined> {
    if (this.tracker.consumed === 0) yield* this.tracker.consume(this.stateBytes());
    for (;;) {
      const page = this.pages?.next();
      if (page !== undefined) return page;
      if (this.ended) return undefined;
      const chunk = yield* this.child.next();
      if (chunk === undefined) this.end();
      else this.add(chunk);
    }
  }

  close(): void {
    this.ended = true;
    this.pages = undefined;
    this.child.close();
    this.tracker.release(this.tracker.consumed);
  }

  private stateBytes(): number {
    const tables = TABLE_BYTES[this.ctx.memory.profile.name];
    const of = (aggregate: Aggregate): number => 8 + stateBytes(aggregate, tables);
    return this.spec.aggregates.reduce((sum, each) => sum + of(each), 8);
  }

  private end(): void {
    this.ended = true;
    if (this.spec.keys.length === 0) this.open.count = 1;
    this.giveOut();
  }

  /** Rows up to where the last group of the chunk begins close all groups before it. */
  private add(chunk: Chunk): void {
    const keys = this.spec.keys.map((key) => computeColumn(this.ctx, key, chunk));
    if (chunk.length > this.begins.length) this.begins = new Int32Array(chunk.length);
    const { begins } = this;
    const count = this.runs.find(keys, chunk.length, begins);
    const cut = count === 0 ? 0 : (begins[count - 1] as number);
    if (cut > 0) this.take(chunk, keys, begins.subarray(0, count - 1), 0, cut);
    if (count > 0 && this.open.count > 0) this.giveOut();
    const last = count === 0 ? NONE : Int32Array.of(0);
    this.take(chunk, keys, last, cut, chunk.length);
  }

  /** @param fresh rows that open a group, counted from `from` */
  private take(
    chunk: Chunk,
    keys: readonly Column[],
    fresh: Int32Array,
    from: number,
    to: number,
  ): void {
    const { open } = this;
    const length = to - from;
    const part = view(chunk, from, length);
    const rows = new SortedRows(length, fresh, fresh.length, open.count);
    open.count = rows.count;
    const keyRows = view({ columns: keys, length: chunk.length }, from, length);
    open.keys.append(keyRows, fresh, fresh.length);
    for (const state of open.states) {
      if (this.spec.merges) state.merge(this.ctx, part, rows);
      else state.update(this.ctx, part, rows);
    }
  }

  private giveOut(): void {
    const { ctx, open, spec } = this;
    const { count: length, keys } = open;
    this.open = newGroups(spec);
    if (length === 0) return;
    const results = open.states.map((state) => state.results(ctx, length));
    const keyColumns =
      keys.columns.length > 0
        ? keys.columns
        : spec.keys.map(({ type }: Compiled) => columnFor(type, ctx));
    this.pages = new Pages({ columns: [...keyColumns, ...results], length }, MAX_CHUNK_ROWS);
  }
}

function newGroups(spec: GroupingSpec): OpenGroups {
  return { states: spec.aggregates.map(newState), keys: new RowBuffer(), count: 0 };
}
