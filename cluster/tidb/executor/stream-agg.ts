import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import type { Tracker } from '../memory/tracker.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { Aggregate } from './aggregate.ts';
import { stateBytes } from './aggregate-bytes.ts';
import type { AggregateState } from './aggregate-state.ts';
import { columnFor, computeColumn, KeyWords, RowBuffer, view } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { TABLE_BYTES } from './go-map-bytes.ts';
import type { GroupingSpec } from './grouping.ts';
import { KeptKeys } from './kept-keys.ts';
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

class StreamAggExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly child: Executor;
  private readonly spec: GroupingSpec;
  private readonly tracker: Tracker;
  private readonly words: readonly KeyWords[];
  /** Words of the keys of the row before. */
  private readonly last: Float64Array;
  private open: OpenGroups;
  private pages: Pages | undefined = undefined;
  private ended = false;

  constructor(ctx: StatementContext, id: number, child: Executor, spec: GroupingSpec) {
    this.ctx = ctx;
    this.child = child;
    this.spec = spec;
    this.tracker = ctx.memory.newExecutorTracker(id);
    this.words = spec.keys.map(() => new KeyWords());
    this.last = new Float64Array(spec.keys.length);
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
    const begins = this.beginnings(keys, chunk.length);
    const cut = begins.length === 0 ? 0 : (begins[begins.length - 1] as number);
    if (cut > 0) this.take(chunk, keys, begins, 0, cut);
    if (begins.length > 0 && this.open.count > 0) this.giveOut();
    this.take(chunk, keys, begins, cut, chunk.length);
  }

  /** Rows that begin a group. */
  private beginnings(keys: readonly Column[], length: number): number[] {
    const begins: number[] = [];
    const words = keys.map((key, i) => (this.words[i] as KeyWords).of(key, length));
    let known = this.open.count > 0;
    for (let row = 0; row < length; row++) {
      let same = known;
      for (let i = 0; i < words.length && same; i++) {
        same = (words[i] as Float64Array)[row] === this.last[i];
      }
      if (same) continue;
      begins.push(row);
      known = true;
      for (let i = 0; i < words.length; i++) {
        this.last[i] = (words[i] as Float64Array)[row] as number;
      }
    }
    return begins;
  }

  private take(
    chunk: Chunk,
    keys: readonly Column[],
    begins: readonly number[],
    from: number,
    to: number,
  ): void {
    const length = to - from;
    const part = view(chunk, from, length);
    const groups = new Int32Array(length);
    const fresh = new Int32Array(begins.length);
    let opened = 0;
    for (const begin of begins) if (begin >= from && begin < to) fresh[opened++] = begin - from;
    const { open } = this;
    let at = 0;
    for (let row = 0; row < length; row++) {
      if (at < opened && fresh[at] === row) at++;
      groups[row] = open.count + at - 1;
    }
    open.count += opened;
    open.keys.append(view({ columns: keys, length: chunk.length }, from, length), fresh, opened);
    const rows = { groups, fresh, opened, count: open.count };
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
