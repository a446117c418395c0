import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { LABEL_BUILD_SIDE } from '../memory/labels.ts';
import { RowContainer } from '../memory/row-container.ts';
import type { StatementMemory } from '../memory/statement-memory.ts';
import type { Tracker } from '../memory/tracker.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { columnFor, RowBuffer, take } from './columns.ts';
import type { StatementContext } from './context.ts';

/**
 * The rows of a join's build side: one behind the other while they are in memory, in a file once
 * the quota was exceeded, from where each is read when it is wanted. Source: TiDB
 * `executor/hash_table.go`, `hashRowContainer`.
 */
export class BuildRows {
  private readonly container: RowContainer;
  private readonly types: readonly SqlType[];
  /** The same rows again, to be gathered fast; gone when the container has spilled. */
  private rows: RowBuffer | undefined = new RowBuffer();
  /** Number of the first row of each chunk of the container. */
  private readonly starts: number[] = [];
  private length = 0;

  private readonly memory: StatementMemory;

  /**
   * @param tracker of the join
   * @param id of the join: the label of what it has on disk
   */
  constructor(types: readonly SqlType[], memory: StatementMemory, tracker: Tracker, id: number) {
    this.types = types;
    this.memory = memory;
    this.container = new RowContainer(types, memory);
    this.container.tracker.label = LABEL_BUILD_SIDE;
    this.container.tracker.attachTo(tracker);
    if (memory.spillAllowed) this.container.diskTracker.attachTo(memory.newDiskTracker(id));
  }

  /** From now on exceeding the quota moves them to disk: the first row is about to come. */
  mayBeSpilled(): void {
    if (this.memory.spillAllowed) this.memory.addAction(this.container.action(), 'hard');
  }

  /** Adds a chunk of at most `tidb_max_chunk_size` rows. */
  *add(chunk: Chunk): Wait<void> {
    this.starts.push(this.length);
    this.length += chunk.length;
    this.rows?.append(chunk);
    yield* this.container.add(chunk, MAX_CHUNK_ROWS);
  }

  /** Rows by number, from wherever they are. */
  *gather(ctx: StatementContext, numbers: Int32Array, count: number): Wait<Chunk> {
    yield* this.container.settle();
    if (this.container.spilled) this.rows = undefined;
    if (this.rows === undefined) return yield* this.fetch(numbers, count);
    if (this.rows.columns.length > 0) return take(this.rows, numbers, 0, count);
    return { columns: this.types.map((type) => columnFor(type, ctx)), length: 0 };
  }

  close(): void {
    this.rows = undefined;
    this.container.close();
  }

  private *fetch(numbers: Int32Array, count: number): Wait<Chunk> {
    const chunks = new Int32Array(count);
    const rows = new Int32Array(count);
    for (let at = 0; at < count; at++) {
      const number = numbers[at] as number;
      const chunk = this.chunkOf(number);
      chunks[at] = chunk;
      rows[at] = number - (this.starts[chunk] as number);
    }
    return yield* this.container.getRows(chunks, rows);
  }

  /** The last chunk that does not begin behind a row. */
  private chunkOf(row: number): number {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] as number) <= row) low = middle;
      else high = middle;
    }
    return low;
  }
}
