import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { Tracker } from '../memory/tracker.ts';
import { adjust } from './adjust.ts';
import { type AggPartitions, PARTITIONS } from './agg-partitions.ts';
import { columnOf, finalAggregate, partialTypes } from './aggregate.ts';
import type { GroupedRows } from './aggregate-state.ts';
import { take } from './columns.ts';
import type { StatementContext } from './context.ts';
import type { MapBuckets } from './go-map-bytes.ts';
import { Grouping, type GroupingSpec } from './grouping.ts';
import { aggMap, type GroupBytes, GroupMeter, keyBufferBytes } from './hash-agg-bytes.ts';
import { type FinalBytes, finalBytes } from './hash-agg-final-bytes.ts';

/** What the workers of one aggregation share. */
export interface WorkerParts {
  readonly ctx: StatementContext;
  readonly tracker: Tracker;
  readonly bytes: GroupBytes;
  /** How many partial, and how many final workers there are. */
  readonly concurrency: number;
}

/** Aggregates the chunks it is given, in a map of its own. */
export class PartialWorker {
  grouping: Grouping;
  private meter: GroupMeter;
  private charged: number;
  /** Its list of keys has been made. */
  private started = false;
  /** Final worker of each group. */
  private routes = new Uint8Array(1024);
  private readonly parts: WorkerParts;
  private readonly spec: GroupingSpec;

  constructor(parts: WorkerParts, spec: GroupingSpec) {
    this.parts = parts;
    this.spec = spec;
    const maps = this.newMaps();
    this.grouping = new Grouping(spec);
    this.meter = new GroupMeter(parts.bytes, this.grouping, maps, true);
    this.startsWith = maps.reduce((sum, { bytes }) => sum + bytes, 0);
    this.charged = this.startsWith;
  }

  /** What its maps weigh before there is any group. */
  readonly startsWith: number;

  /** Takes in a chunk of at most `tidb_max_chunk_size` rows. */
  *add(chunk: Chunk): Wait<void> {
    const { ctx, tracker, bytes } = this.parts;
    const keys = this.grouping.keysOf(ctx, chunk);
    if (!this.started) yield* tracker.consume(keyBufferBytes(bytes, keys, chunk.length));
    this.started = true;
    const rows = this.grouping.add(ctx, chunk, keys);
    this.route(keys, rows);
    const { buckets, keys: keyBytes, states } = this.meter.grown(keys, rows, this.routes);
    this.charged += buckets + keyBytes + states;
    if (!ctx.bugs.has('mem.mapGrowthNotCharged')) yield* adjust(tracker, buckets);
    // A text may give way to a shorter one.
    yield* adjust(tracker, keyBytes + states);
  }

  /** Hands every group over to its final worker, in batches; `number` is its own. */
  *shuffle(finals: readonly FinalWorker[], batchRows: number, number: number): Wait<void> {
    const partials = this.grouping.partials(this.parts.ctx);
    const { rows, starts } = byRoute(this.routes, partials.length, finals.length);
    for (const [to, worker] of finals.entries()) {
      const end = starts[to + 1] as number;
      for (let at = starts[to] as number; at < end; at += batchRows) {
        const batch = rows.subarray(at, Math.min(end, at + batchRows));
        yield* worker.merge(take(partials, batch, 0, batch.length), number);
      }
    }
  }

  /** Writes all groups to disk and forgets them. */
  *spill(partitions: AggPartitions): Wait<void> {
    const { ctx, bytes } = this.parts;
    const keys = this.grouping.keyRows.columns;
    const count = this.grouping.count;
    const routes = new Uint8Array(count);
    for (let group = 0; group < count; group++) {
      routes[group] = bytes.codec.hash(keys, group) % PARTITIONS;
    }
    const partials = this.grouping.partials(ctx);
    const { rows, starts } = byRoute(routes, count, PARTITIONS);
    for (let to = 0; to < PARTITIONS; to++) {
      const part = rows.subarray(starts[to], starts[to + 1]);
      if (part.length > 0) yield* partitions.add(to, take(partials, part, 0, part.length));
    }
    yield* this.reset();
  }

  private reset(): Wait<void> {
    const { parts, spec } = this;
    parts.tracker.release(this.charged);
    const maps = this.newMaps();
    this.grouping = new Grouping(spec);
    this.meter = new GroupMeter(parts.bytes, this.grouping, maps, true);
    this.charged = this.startsWith;
    return parts.tracker.consume(this.startsWith);
  }

  private newMaps(): MapBuckets[] {
    const { bytes, concurrency } = this.parts;
    const length = bytes.tables.mapPerFinalWorker ? concurrency : 1;
    return Array.from({ length }, () => aggMap(bytes.tables));
  }

  private route(keys: readonly Column[], { fresh, opened, count }: GroupedRows): void {
    if (count > this.routes.length) {
      const routes = new Uint8Array(Math.max(count, this.routes.length * 2));
      routes.set(this.routes);
      this.routes = routes;
    }
    const { bytes, concurrency } = this.parts;
    const first = count - opened;
    for (let at = 0; at < opened; at++) {
      this.routes[first + at] = bytes.codec.hash(keys, fresh[at] as number) % concurrency;
    }
  }
}

/** Groups in order of where they go, and where those of each destination begin. */
export function byRoute(
  routes: Uint8Array,
  count: number,
  destinations: number,
): { readonly rows: Int32Array; readonly starts: Int32Array } {
  const starts = new Int32Array(destinations + 1);
  for (let at = 0; at < count; at++) {
    const next = (routes[at] as number) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let to = 0; to < destinations; to++) {
    starts[to + 1] = (starts[to + 1] as number) + (starts[to] as number);
  }
  const ends = starts.slice();
  const rows = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    const to = routes[at] as number;
    const end = ends[to] as number;
    rows[end] = at;
    ends[to] = end + 1;
  }
  return { rows, starts };
}

/** How the groups of a partial worker are read: keys, then partial results, by column. */
export function mergingSpec({ keys, aggregates }: GroupingSpec): GroupingSpec {
  let at = keys.length;
  const merged = aggregates.map((aggregate) => {
    const final = finalAggregate(aggregate, at);
    at += partialTypes(aggregate).length;
    return final;
  });
  return {
    keys: keys.map(({ type }, i) => columnOf(type, i)),
    aggregates: merged,
    merges: true,
  };
}

/** Merges the partial results of its share of the groups. */
export class FinalWorker {
  readonly grouping: Grouping;
  private readonly parts: WorkerParts;
  private readonly bytes: FinalBytes;

  /** @param restores it reads from disk: what it gets is in no partial worker's map any more */
  constructor(parts: WorkerParts, spec: GroupingSpec, restores: boolean) {
    this.parts = parts;
    this.grouping = new Grouping(spec);
    this.bytes = finalBytes(parts.bytes, this.grouping, restores);
  }

  /** What its tables weigh before there is any group. */
  get startsWith(): number {
    return this.bytes.startsWith;
  }

  /** Takes in a batch of partial results of one partial worker, or of a file. */
  *merge(batch: Chunk, source = 0): Wait<void> {
    const { ctx, tracker } = this.parts;
    const keys = this.grouping.keysOf(ctx, batch);
    const rows = this.grouping.add(ctx, batch, keys);
    for (const bytes of this.bytes.merged(keys, rows, batch.length, source)) {
      yield* adjust(tracker, bytes);
    }
  }

  /** Everything is merged: the results. */
  *finish(): Wait<Chunk> {
    const { ctx, tracker } = this.parts;
    yield* adjust(tracker, this.bytes.finished(this.grouping.count));
    return this.grouping.results(ctx);
  }
}
