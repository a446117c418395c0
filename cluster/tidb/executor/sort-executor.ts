import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { LABEL_SORTED_ROWS } from '../memory/labels.ts';
import type { Tracker } from '../memory/tracker.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { StatementContext } from './context.ts';
import { TABLE_BYTES } from './go-map-bytes.ts';
import type { SortKey } from './order.ts';
import { Pages } from './pages.ts';
import type { Executor } from './plan.ts';
import { SortMerge } from './sort-merge.ts';
import { SortPartition } from './sort-partition.ts';
import { SpillableRows } from './spillable-rows.ts';

/** Chunk and place of a row, four bytes each. */
const ROW_POINTER = 8;

/** What a running sort needs. */
export interface SortOptions {
  readonly ctx: StatementContext;
  readonly id: number;
  readonly keys: readonly SortKey[];
  readonly types: readonly SqlType[];
  readonly child: Executor;
}

/**
 * A sort that runs. Its rows are one partition until the quota is exceeded; then that is sorted and
 * written to disk, and another one begun. At the end the partitions are merged. Source: TiDB
 * `executor/sort.go`.
 */
export class SortExecutor implements Executor {
  private readonly options: SortOptions;
  private readonly tracker: Tracker;
  private readonly disk: Tracker | undefined;
  private readonly partitions: SortPartition[] = [];
  private merge: SortMerge | undefined = undefined;

  constructor(options: SortOptions) {
    const { ctx, id } = options;
    this.options = options;
    this.tracker = ctx.memory.newExecutorTracker(id);
    this.disk = ctx.memory.spillAllowed ? ctx.memory.newDiskTracker(id) : undefined;
  }

  *next(): Wait<Chunk | undefined> {
    this.merge ??= yield* this.readChild();
    const [only, second] = this.partitions;
    if (only === undefined || second !== undefined) return yield* this.merge.next();
    return (yield* only.fetch()) ? only.batch : undefined;
  }

  close(): void {
    this.options.child.close();
    for (const partition of this.partitions) partition.close();
    this.tracker.release(this.tracker.consumed);
  }

  private *readChild(): Wait<SortMerge> {
    let current = this.begin();
    for (let chunk = yield* this.options.child.next(); chunk !== undefined; ) {
      const windows = new Pages(chunk, MAX_CHUNK_ROWS);
      for (let window = windows.next(); window !== undefined; window = windows.next()) {
        if (yield* current.rows.spilled()) {
          current.sortRows();
          current.rows.inMemory = undefined;
          current = this.begin();
        }
        yield* this.add(current, window);
      }
      chunk = yield* this.options.child.next();
    }
    current.sortRows();
    const forgets = this.options.ctx.bugs.has('mem.sortPartitionLost');
    if (forgets && this.partitions.length > 1) this.partitions.pop()?.close();
    return new SortMerge(this.partitions, this.options.keys);
  }

  private *add({ rows }: SortPartition, chunk: Chunk): Wait<void> {
    yield* rows.add(chunk);
    const { profile } = this.options.ctx.memory;
    if (!TABLE_BYTES[profile.name].rowPointers) return;
    yield* this.tracker.consume(ROW_POINTER * chunk.length);
  }

  private begin(): SortPartition {
    const { ctx, types, keys } = this.options;
    const rows = new SpillableRows({
      types,
      memory: ctx.memory,
      label: LABEL_SORTED_ROWS,
      parent: this.tracker,
      disk: this.disk,
    });
    rows.mayBeSpilled('sort');
    const partition = new SortPartition(ctx, keys, rows);
    this.partitions.push(partition);
    return partition;
  }
}
