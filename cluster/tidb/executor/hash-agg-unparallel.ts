import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { chunkBytes } from '../memory/chunk-bytes.ts';
import { ListInDisk } from '../memory/list-in-disk.ts';
import type { Tracker } from '../memory/tracker.ts';
import { adjust } from './adjust.ts';
import { AggSpillAction, type Spilling } from './agg-spill-action.ts';
import { RowBuffer, take } from './columns.ts';
import { type MapBuckets, TABLE_BYTES } from './go-map-bytes.ts';
import { Grouping } from './grouping.ts';
import { aggMap, type GroupBytes, GroupMeter, groupBytes, keySet } from './hash-agg-bytes.ts';
import type { HashAggOptions } from './hash-agg-options.ts';
import { Pages } from './pages.ts';
import type { Executor } from './plan.ts';

/** The tables of one round. */
interface Round {
  readonly grouping: Grouping;
  readonly meter: GroupMeter;
  /** From group key to partial results. */
  readonly map: MapBuckets;
  /** The set of group keys. */
  readonly groups: MapBuckets;
}

/**
 * HashAgg in one worker: with DISTINCT, or where `tidb_executor_concurrency` is 1. It can spill: in
 * spill mode rows of the groups it knows go on being aggregated, all others are written to disk.
 * When the input has ended the groups are given out and forgotten, and what was written is the
 * input of the next round, until a round writes nothing.
 * Source: TiDB `executor/aggregate.go`, `HashAggExec.unparallelExec`.
 */
export class UnparallelHashAgg implements Executor, Spilling {
  readonly tracker: Tracker;
  private readonly options: HashAggOptions;
  private readonly bytes: GroupBytes;
  private readonly action: AggSpillAction | undefined;
  private readonly disk: ListInDisk;
  private round: Round | undefined = undefined;
  private pages: Pages | undefined = undefined;
  private drained = false;
  private spills = false;
  /** Chunks on disk that have been read, and that may be read in this round. */
  private read = 0;
  private readable = 0;
  /** Rows on their way to disk. */
  private unwritten = new RowBuffer();

  constructor(options: HashAggOptions) {
    const { id, ctx, spec, kept, child } = options;
    const { memory } = ctx;
    this.options = options;
    this.tracker = memory.newExecutorTracker(id);
    this.bytes = groupBytes(spec, kept, TABLE_BYTES[memory.profile.name]);
    this.disk = new ListInDisk(child.types, memory.storage);
    if (!memory.spillAllowed) return;
    this.disk.tracker.attachTo(memory.newDiskTracker(id));
    this.action = new AggSpillAction(memory, this, false);
    memory.addAction(this.action, 'soft');
  }

  get ready(): boolean {
    return !this.spills && this.round !== undefined;
  }

  begin(): void {
    this.spills = true;
  }

  *next(): Wait<Chunk | undefined> {
    for (;;) {
      const page = this.pages?.next();
      if (page !== undefined) return page;
      const again = this.pages === undefined || this.disk.numChunks > this.readable;
      if (!again) return undefined;
      this.readable = this.disk.numChunks;
      this.pages = new Pages(yield* this.runRound(), MAX_CHUNK_ROWS);
    }
  }

  close(): void {
    this.options.child.executor.close();
    if (this.action !== undefined) this.action.finished = true;
    this.round = undefined;
    this.pages = undefined;
    if (!this.options.ctx.bugs.has('mem.spillFileLeak')) this.disk.close();
    this.tracker.release(this.tracker.consumed);
  }

  /** Aggregates what there is to read, but for what is spilled, and gives the results. */
  private *runRound(): Wait<Chunk> {
    const round = yield* this.beginRound();
    for (let chunk = yield* this.input(); chunk !== undefined; chunk = yield* this.input()) {
      const windows = new Pages(chunk, MAX_CHUNK_ROWS);
      for (let window = windows.next(); window !== undefined; window = windows.next()) {
        // The row that makes the map grow is the one that may begin the spill mode.
        const grows = round.map.room < window.length && !this.spills;
        const steps = new Pages(window, grows ? 1 : window.length);
        for (let step = steps.next(); step !== undefined; step = steps.next()) {
          yield* this.add(round, step);
        }
      }
    }
    yield* this.flush();
    return round.grouping.results(this.options.ctx);
  }

  private *beginRound(): Wait<Round> {
    const { options, bytes } = this;
    this.round = undefined;
    this.spills = this.spills && options.ctx.bugs.has('mem.spillModeNeverEnds');
    const grouping = new Grouping(options.spec);
    const map = aggMap(bytes.tables);
    const meter = new GroupMeter(bytes, grouping, [map], true);
    const round = { grouping, meter, map, groups: keySet(bytes.tables) };
    yield* this.tracker.replaceBytesUsed(bytes.tables.aggBucket + bytes.tables.stringSetBucket);
    this.round = round;
    return round;
  }

  private *input(): Wait<Chunk | undefined> {
    if (!this.drained) {
      const chunk = yield* this.options.child.executor.next();
      if (chunk !== undefined) return chunk;
      this.drained = true;
    }
    return this.read < this.readable ? yield* this.disk.getChunk(this.read++) : undefined;
  }

  private *add(round: Round, chunk: Chunk): Wait<void> {
    const { ctx, child } = this.options;
    const { grouping, meter, groups } = round;
    let taken = chunk;
    let keys: readonly Column[] = grouping.keysOf(ctx, chunk);
    if (this.spills && grouping.count > 0) {
      taken = yield* this.spillUnknown(grouping, chunk, keys);
      if (taken.length === 0) return;
      keys = grouping.keysOf(ctx, taken);
    } else if (grouping.count === 0) {
      yield* this.tracker.consume(chunkBytes(chunk, child.types, MAX_CHUNK_ROWS));
    }
    const rows = grouping.add(ctx, taken, keys);
    const grown = meter.grown(keys, rows);
    yield* adjust(this.tracker, grown.buckets);
    yield* adjust(this.tracker, grown.states + grown.keys);
    yield* adjust(this.tracker, groups.add(rows.opened) + grown.keys);
  }

  /** Sends rows of unknown groups to disk; the others. */
  private *spillUnknown(grouping: Grouping, chunk: Chunk, keys: readonly Column[]): Wait<Chunk> {
    const groups = new Int32Array(chunk.length);
    grouping.table.find(keys, chunk.length, groups);
    const known = new Int32Array(chunk.length);
    const unknown = new Int32Array(chunk.length);
    let [knownCount, unknownCount] = [0, 0];
    for (let row = 0; row < chunk.length; row++) {
      if ((groups[row] as number) >= 0) known[knownCount++] = row;
      else unknown[unknownCount++] = row;
    }
    if (unknownCount === 0) return chunk;
    if (unknownCount === MAX_CHUNK_ROWS)
      yield* this.disk.add(take(chunk, unknown, 0, unknownCount));
    else this.unwritten.append(chunk, unknown, unknownCount);
    if (this.unwritten.length >= MAX_CHUNK_ROWS) yield* this.flush();
    return take(chunk, known, 0, knownCount);
  }

  private *flush(): Wait<void> {
    const { unwritten } = this;
    if (unwritten.length === 0) return;
    this.unwritten = new RowBuffer();
    yield* this.disk.add(unwritten);
  }
}
