import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { RowContainer } from '../memory/row-container.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { columnFor, take } from './columns.ts';
import type { StatementContext } from './context.ts';
import { Join, joinKind } from './join.ts';
import type { JoinOptions } from './join-options.ts';
import { Pages } from './pages.ts';
import type { Executor, JoinRole, Plan } from './plan.ts';
import { selectRows } from './selection.ts';
import { SortedInput } from './sorted-input.ts';
import type { Value } from './value.ts';

/**
 * Merge join: both inputs come in order of the equal pairs, which the planner has seen to. Of the
 * inner side only the rows of one key are held, in memory or on disk; the outer side is streamed.
 * Source: TiDB `executor/merge_join.go`.
 */
export class MergeJoin extends Join {
  readonly name = 'MergeJoin';
  override readonly info: string;

  constructor(options: JoinOptions) {
    super(options);
    this.info = `${joinKind(options)}, ${options.info}`;
  }

  /** The outer side is the left one, but in a right join. */
  protected override roleOf(input: Plan): JoinRole {
    return (input === this.options.left) === (this.options.type === 'right') ? 'Build' : 'Probe';
  }

  protected start(ctx: StatementContext): Executor {
    return new MergeJoinExecutor(ctx, this.id, this.options);
  }
}

/** Rows of the outer side that have one key, as far as they stand in one chunk. */
interface OuterRun {
  readonly chunk: Chunk;
  readonly rows: Int32Array;
  /** 1 for rows that have met one. */
  readonly matched: Uint8Array;
  /** The chunk of the inner group that is being met, and how many of the rows have met it. */
  group: number;
  met: number;
}

class MergeJoinExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly options: JoinOptions;
  private readonly outer: SortedInput;
  private readonly inner: SortedInput;
  private readonly innerTypes: readonly SqlType[];
  /** Rows of the inner side with the key they were last read for. */
  private readonly container: RowContainer;
  private run: OuterRun | undefined = undefined;
  /** The key of the rows in the container. */
  private held: readonly Value[] | undefined = undefined;
  private registered = false;

  constructor(ctx: StatementContext, id: number, options: JoinOptions) {
    const { left, right, type, equal } = options;
    this.ctx = ctx;
    this.options = options;
    const opened = [left.open(ctx), right.open(ctx)] as const;
    const leftSide = new SortedInput(
      ctx,
      opened[0],
      equal.map((pair) => pair.left),
    );
    const rightSide = new SortedInput(
      ctx,
      opened[1],
      equal.map((pair) => pair.right),
    );
    const swapped = type === 'right';
    this.outer = swapped ? rightSide : leftSide;
    this.inner = swapped ? leftSide : rightSide;
    this.innerTypes = (swapped ? left : right).types;
    const { memory } = ctx;
    this.container = new RowContainer(this.innerTypes, memory);
    this.container.tracker.attachTo(memory.newExecutorTracker(id));
    if (memory.spillAllowed) this.container.diskTracker.attachTo(memory.newDiskTracker(id));
  }

  *next(): Wait<Chunk | undefined> {
    for (;;) {
      if (this.run !== undefined) {
        const chunk = yield* this.joinSome(this.run);
        if (chunk.length > 0) return chunk;
        continue;
      }
      if (!(yield* this.outer.ready())) return undefined;
      yield* this.beginRun();
    }
  }

  close(): void {
    this.run = undefined;
    this.outer.close();
    this.inner.close();
    this.container.close();
  }

  /** Takes the outer rows of the next key, and sees to it that the inner ones are there. */
  private *beginRun(): Wait<void> {
    const { outer } = this;
    const key = outer.keysAt();
    const matches = !key.includes(null) && (yield* this.findGroup(key));
    const { chunk, rows } = outer.takeRun();
    const matched = new Uint8Array(rows.length);
    this.run = { chunk, rows, matched, group: matches ? 0 : this.container.numChunks, met: 0 };
  }

  /** Whether the inner side has rows of a key; they are in the container then. */
  private *findGroup(key: readonly Value[]): Wait<boolean> {
    const { inner, container } = this;
    if (this.held !== undefined && inner.order(key, this.held) === 0) return true;
    yield* container.reset();
    this.held = undefined;
    while (yield* inner.ready()) {
      const own = inner.keysAt();
      const sign = own.includes(null) ? -1 : inner.order(own, key);
      if (sign > 0) return false;
      if (sign === 0) {
        yield* this.readGroup(key);
        return true;
      }
      inner.takeRun();
    }
    return false;
  }

  private *readGroup(key: readonly Value[]): Wait<void> {
    const { inner, container, ctx } = this;
    if (!this.registered && ctx.memory.spillAllowed) {
      ctx.memory.addAction(container.action(), 'hard');
      this.registered = true;
    }
    this.held = key;
    do {
      const { chunk, rows } = inner.takeRun();
      const pages = new Pages(take(chunk, rows, 0, rows.length), MAX_CHUNK_ROWS);
      for (let page = pages.next(); page !== undefined; page = pages.next()) {
        yield* container.add(page, MAX_CHUNK_ROWS);
      }
    } while ((yield* inner.ready()) && inner.order(inner.keysAt(), key) === 0);
  }

  private *joinSome(run: OuterRun): Wait<Chunk> {
    if (run.group >= this.container.numChunks) return this.endRun(run);
    const group = yield* this.container.getChunk(run.group);
    const most = Math.max(1, Math.floor(MAX_CHUNK_ROWS / group.length));
    const first = run.met;
    const end = Math.min(run.rows.length, first + most);
    run.met = end;
    if (end === run.rows.length) {
      run.group++;
      run.met = 0;
    }
    return this.cross(run, first, end, group);
  }

  /** Outer rows `[first, end)` of a run, each beside every row of a chunk of the group. */
  private cross(run: OuterRun, first: number, end: number, group: Chunk): Chunk {
    const count = (end - first) * group.length;
    const outerRows = new Int32Array(count);
    const innerRows = new Int32Array(count);
    for (let at = 0; at < count; at++) {
      outerRows[at] = run.rows[first + Math.floor(at / group.length)] as number;
      innerRows[at] = at % group.length;
    }
    const outer = take(run.chunk, outerRows, 0, count);
    const joined = this.beside(outer, take(group, innerRows, 0, count));
    const { other } = this.options;
    if (other.length === 0) {
      run.matched.fill(1, first, end);
      return joined;
    }
    const kept = new Int32Array(count);
    const left = selectRows(this.ctx, joined, other, kept);
    for (let i = 0; i < left; i++) {
      run.matched[first + Math.floor((kept[i] as number) / group.length)] = 1;
    }
    return take(joined, kept, 0, left);
  }

  /** An outer join: rows that met nobody come with NULLs. */
  private endRun(run: OuterRun): Chunk {
    this.run = undefined;
    if (this.options.type === 'inner') return { columns: [], length: 0 };
    const lonely = run.rows.filter((_, i) => run.matched[i] === 0);
    const outer = take(run.chunk, lonely, 0, lonely.length);
    const columns = this.innerTypes.map((type): Column => {
      const column = columnFor(type, this.ctx, lonely.length);
      for (let row = 0; row < lonely.length; row++) column.push(null);
      return column;
    });
    return this.beside(outer, { columns, length: lonely.length });
  }

  private beside(outer: Chunk, inner: Chunk): Chunk {
    const columns =
      this.options.type === 'right'
        ? [...inner.columns, ...outer.columns]
        : [...outer.columns, ...inner.columns];
    return { columns, length: outer.length };
  }
}
