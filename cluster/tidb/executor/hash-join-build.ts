import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { LABEL_BUILD_SIDE } from '../memory/labels.ts';
import { recoverPanic } from '../memory/panic.ts';
import { RECOVERABLE_GOROUTINE } from '../memory/recover-sites.ts';
import type { Frame } from '../memory/stack.ts';
import type { Tracker } from '../memory/tracker.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { BuildTable } from './build-table.ts';
import type { Compiled, StatementContext } from './context.ts';
import { TABLE_BYTES } from './go-map-bytes.ts';
import type { HashJoinStats } from './hash-join-stats.ts';
import { HashTableBytes } from './hash-table-bytes.ts';
import { Pages } from './pages.ts';
import type { Executor, Plan } from './plan.ts';
import { SpillableRows } from './spillable-rows.ts';

/** Where quota panics of the build side come up. */
const PATH: readonly Frame[] = [
  {
    package: 'executor',
    method: '(*HashJoinExec).fetchAndBuildHashTable.func2',
    file: 'join.go',
    line: undefined,
  },
];

/** One input of a join, opened. */
export interface JoinSide {
  readonly plan: Plan;
  readonly executor: Executor;
  readonly keys: readonly Compiled[];
}

/**
 * The build side of a hash join: a container of rows, which can spill, and a hash table over them,
 * which stays in memory and which only versions from v6.1 on are charged for.
 */
export class HashJoinBuild {
  readonly table: BuildTable;
  private readonly ctx: StatementContext;
  private readonly side: JoinSide;
  private readonly tracker: Tracker;
  private readonly rows: SpillableRows;
  private readonly bytes: HashTableBytes | undefined;

  /**
   * @param id of the join: the label of its trackers
   * @param wanted columns that are read above
   */
  constructor(ctx: StatementContext, id: number, side: JoinSide, wanted: readonly boolean[]) {
    const { memory } = ctx;
    this.ctx = ctx;
    this.side = side;
    this.tracker = memory.newExecutorTracker(id);
    this.rows = new SpillableRows({
      types: side.plan.types,
      wanted,
      memory,
      label: LABEL_BUILD_SIDE,
      parent: this.tracker,
      disk: memory.spillAllowed ? memory.newDiskTracker(id) : undefined,
    });
    const tables = TABLE_BYTES[memory.profile.name];
    this.bytes = tables.joinBucket === 0 ? undefined : new HashTableBytes(tables);
    this.table = new BuildTable(side.keys, this.bytes);
  }

  /** Types of its columns. */
  get types(): readonly SqlType[] {
    return this.side.plan.types;
  }

  /** Reads the whole side, or until nobody wants it any more. */
  *read(wanted: () => boolean, stats: HashJoinStats | undefined): Wait<void> {
    const beganUs = this.nowUs;
    this.rows.mayBeSpilled('build');
    try {
      while (wanted()) {
        const askedUs = this.nowUs;
        const chunk = yield* this.side.executor.next();
        if (stats !== undefined) stats.buildFetchUs += this.nowUs - askedUs;
        if (chunk === undefined) break;
        yield* this.add(chunk);
      }
    } catch (caught) {
      throw recoverPanic(caught, RECOVERABLE_GOROUTINE, this.ctx.memory, PATH);
    }
    if (stats !== undefined) stats.buildUs = this.nowUs - beganUs;
  }

  /** Rows of the table by number. */
  gather(numbers: Int32Array, count: number): Wait<Chunk> {
    return this.rows.gather(this.ctx, numbers, count);
  }

  close(): void {
    this.side.executor.close();
    this.rows.close();
    this.tracker.release(this.tracker.consumed);
  }

  private get nowUs(): number {
    return this.ctx.memory.process.world.nowUs;
  }

  private *add(chunk: Chunk): Wait<void> {
    const windows = new Pages(chunk, MAX_CHUNK_ROWS);
    for (let window = windows.next(); window !== undefined; window = windows.next()) {
      if (this.rows.spilling && this.ctx.bugs.has('mem.spill.rowContainerRace')) continue;
      yield* this.rows.add(window);
      this.table.add(this.ctx, window);
      if (this.bytes !== undefined) yield* this.tracker.consume(this.bytes.takeGrowth());
    }
  }
}
