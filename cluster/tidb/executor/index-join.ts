import type { Column } from '../../column.ts';
import type { Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { chunkBytes } from '../memory/chunk-bytes.ts';
import type { Tracker } from '../memory/tracker.ts';
import { BuildTable, type Pairs } from './build-table.ts';
import { columnFor, computeColumn, RowBuffer, take, view } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { Join, joinKind } from './join.ts';
import type { JoinOptions } from './join-options.ts';
import type { LookUpRanges } from './look-up-ranges.ts';
import type { Executor, JoinRole, Plan } from './plan.ts';
import { selectRows } from './selection.ts';

/** A join whose inner side is read by the keys of the outer one. */
export interface IndexJoinOptions extends JoinOptions {
  /** The left side is the inner one. */
  readonly innerLeft: boolean;
  /** Where the inner side's reader learns what to look up. */
  readonly ranges: LookUpRanges;
}

/**
 * Index join: the outer side is read in batches, and for each of them the inner rows with its keys.
 * Source: TiDB `executor/index_lookup_join.go`.
 */
export class IndexJoin extends Join<IndexJoinOptions> {
  readonly name = 'IndexJoin';
  override readonly info: string;

  constructor(options: IndexJoinOptions) {
    super(options);
    const inner = (options.innerLeft ? options.left : options.right).name;
    this.info = `${joinKind(options)}, inner:${inner}, ${options.info}`;
  }

  /** What is built of is the outer side, which is read first. */
  protected override roleOf(input: Plan): JoinRole {
    return (input === this.options.left) === this.options.innerLeft ? 'Probe' : 'Build';
  }

  protected start(ctx: StatementContext): Executor {
    return new IndexJoinExecutor(ctx, this.id, this.options);
  }
}

/** An outer batch beside the inner rows of its keys. */
interface Batch {
  readonly outer: Chunk;
  readonly inner: RowBuffer;
  readonly table: BuildTable;
  readonly probe: ReturnType<BuildTable['probe']>;
  /** 1 for outer rows that have met one. */
  readonly matched: Uint8Array;
}

/** Rows of the outer side that are looked up at once: `tidb_index_join_batch_size`. */
const BATCH_ROWS = 25_000;

class IndexJoinExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly options: IndexJoinOptions;
  private readonly outer: Executor;
  private readonly outerPlan: Plan;
  private readonly innerPlan: Plan;
  private readonly outerKeys: readonly Compiled[];
  private readonly innerKeys: readonly Compiled[];
  private readonly tracker: Tracker;
  private readonly pairs: Pairs;
  private batch: Batch | undefined = undefined;
  private inner: Executor | undefined = undefined;
  private ended = false;
  private rest: Chunk | undefined = undefined;

  constructor(ctx: StatementContext, id: number, options: IndexJoinOptions) {
    const { innerLeft, left, right, equal } = options;
    this.ctx = ctx;
    this.options = options;
    this.outerPlan = innerLeft ? right : left;
    this.innerPlan = innerLeft ? left : right;
    this.outerKeys = equal.map((pair) => (innerLeft ? pair.right : pair.left));
    this.innerKeys = equal.map((pair) => (innerLeft ? pair.left : pair.right));
    this.outer = this.outerPlan.open(ctx);
    this.tracker = ctx.memory.newExecutorTracker(id);
    const rows = MAX_CHUNK_ROWS;
    this.pairs = { probe: new Int32Array(rows), build: new Int32Array(rows), count: 0 };
  }

  *next(): Wait<Chunk | undefined> {
    for (;;) {
      this.batch ??= yield* this.nextBatch();
      if (this.batch === undefined) return undefined;
      const joined = this.joinSome(this.batch);
      if (joined.length > 0) return joined;
    }
  }

  close(): void {
    this.ended = true;
    this.batch = undefined;
    this.rest = undefined;
    this.outer.close();
    this.inner?.close();
    this.tracker.release(this.tracker.consumed);
  }

  private *nextBatch(): Wait<Batch | undefined> {
    const outer = yield* this.readOuter();
    if (outer.length === 0) return undefined;
    yield* this.hold(outer, this.outerPlan);
    const inner = yield* this.readInner(outer);
    const table = new BuildTable(this.innerKeys, undefined);
    if (inner.length > 0) table.add(this.ctx, inner);
    const probe = table.probe(this.ctx, outer, this.outerKeys);
    return { outer, inner, table, probe, matched: new Uint8Array(outer.length) };
  }

  private *readOuter(): Wait<Chunk> {
    const rows = new RowBuffer();
    while (!this.ended && rows.length < BATCH_ROWS) {
      const chunk = this.rest ?? (yield* this.outer.next());
      this.rest = undefined;
      if (chunk === undefined) {
        this.ended = true;
        break;
      }
      const count = Math.min(chunk.length, BATCH_ROWS - rows.length);
      rows.append(chunk, undefined, count);
      if (count < chunk.length) this.rest = view(chunk, count, chunk.length - count);
    }
    return rows;
  }

  /** The inner rows of a batch's keys; those with a NULL in them have none. */
  private *readInner(outer: Chunk): Wait<RowBuffer> {
    const columns = this.outerKeys.map((key) => computeColumn(this.ctx, key, outer));
    const keys: Stored[][] = [];
    for (let row = 0; row < outer.length; row++) {
      const key = columns.map((column) => column.get(row));
      if (!key.includes(null)) keys.push(key);
    }
    const rows = new RowBuffer();
    if (keys.length === 0) return rows;
    this.options.ranges.look(this.ctx, keys);
    const inner = this.innerPlan.open(this.ctx);
    this.inner = inner;
    for (let chunk = yield* inner.next(); chunk !== undefined; chunk = yield* inner.next()) {
      yield* this.hold(chunk, this.innerPlan);
      rows.append(chunk);
    }
    inner.close();
    return rows;
  }

  private *hold(chunk: Chunk, { types }: Plan): Wait<void> {
    yield* this.tracker.consume(chunkBytes(chunk, types, chunk.length));
  }

  private joinSome(batch: Batch): Chunk {
    const { pairs } = this;
    batch.table.match(batch.probe, pairs);
    const { count } = pairs;
    if (count === 0) return this.endBatch(batch);
    const outer = take(batch.outer, pairs.probe, 0, count);
    const joined = this.beside(outer, take(batch.inner, pairs.build, 0, count));
    const kept = new Int32Array(count);
    const { other } = this.options;
    const left = other.length === 0 ? count : selectRows(this.ctx, joined, other, kept);
    for (let at = 0; at < left; at++) {
      batch.matched[pairs.probe[other.length === 0 ? at : (kept[at] as number)] as number] = 1;
    }
    return left === count ? joined : take(joined, kept, 0, left);
  }

  /** An outer join: rows that met nobody come with NULLs. */
  private endBatch(batch: Batch): Chunk {
    this.batch = undefined;
    this.tracker.release(this.tracker.consumed);
    const lonely = new Int32Array(batch.outer.length);
    let count = 0;
    if (this.options.type !== 'inner') {
      for (let row = 0; row < batch.outer.length; row++) {
        if (batch.matched[row] === 0) lonely[count++] = row;
      }
    }
    const columns = this.innerPlan.types.map((type): Column => {
      const column = columnFor(type, this.ctx, count);
      for (let row = 0; row < count; row++) column.push(null);
      return column;
    });
    return this.beside(take(batch.outer, lonely, 0, count), { columns, length: count });
  }

  private beside(outer: Chunk, inner: Chunk): Chunk {
    const columns = this.options.innerLeft
      ? [...inner.columns, ...outer.columns]
      : [...outer.columns, ...inner.columns];
    return { columns, length: outer.length };
  }
}
