import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import { RowContainer } from '../memory/row-container.ts';
import type { StatementMemory } from '../memory/statement-memory.ts';
import type { Tracker } from '../memory/tracker.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { columnFor, RowBuffer, take } from './columns.ts';
import type { StatementContext } from './context.ts';

/** Where the bytes of rows that can be spilled are counted. */
export interface SpillableOptions {
  readonly types: readonly SqlType[];
  /** Columns that are wanted of rows that are gathered; what it says nothing of is. */
  readonly wanted?: readonly boolean[];
  readonly memory: StatementMemory;
  /** Label of their tracker. */
  readonly label: number;
  /** The operator's own tracker. */
  readonly parent: Tracker;
  /** The operator's tracker of what it has on disk; undefined if it may not spill. */
  readonly disk: Tracker | undefined;
}

/**
 * Rows that an operator keeps to read them in any order: one behind the other while they are in
 * memory, in a file once the quota was exceeded, from where each is read when it is wanted. Source:
 * TiDB `executor/hash_table.go`, `hashRowContainer`; `util/chunk`, `SortedRowContainer`.
 */
export class SpillableRows {
  length = 0;
  /** The rows once more, to be gathered fast; gone when they have been spilled. */
  inMemory: RowBuffer | undefined;
  private readonly container: RowContainer;
  private readonly options: SpillableOptions;
  /** Number of the first row of each chunk of the container. */
  private readonly starts: number[] = [];

  constructor(options: SpillableOptions) {
    const { types, memory, label, parent, disk } = options;
    this.options = options;
    this.inMemory = new RowBuffer(options.wanted);
    this.container = new RowContainer(types, memory);
    this.container.tracker.label = label;
    this.container.tracker.attachTo(parent);
    if (disk !== undefined) this.container.diskTracker.attachTo(disk);
  }

  /** From now on exceeding the quota moves them to disk: the first row is about to come. */
  mayBeSpilled(why: 'build' | 'sort'): void {
    const { memory, disk } = this.options;
    if (disk === undefined) return;
    const { container } = this;
    memory.addAction(why === 'build' ? container.action() : container.sortAction(), 'hard');
  }

  /** Adds a chunk of at most `tidb_max_chunk_size` rows. */
  *add(chunk: Chunk): Wait<void> {
    this.starts.push(this.length);
    this.length += chunk.length;
    this.inMemory?.append(chunk);
    yield* this.container.add(chunk, MAX_CHUNK_ROWS);
  }

  /** They are being written to disk, or are about to be. */
  get spilling(): boolean {
    return this.container.spilling;
  }

  /** Whether they are on disk; waits for a spill that is under way or about to begin. */
  *spilled(): Wait<boolean> {
    yield* this.container.settle();
    return this.container.spilled;
  }

  /** Rows by number, from wherever they are. */
  *gather(ctx: StatementContext, numbers: Int32Array, count: number): Wait<Chunk> {
    if (yield* this.spilled()) this.inMemory = undefined;
    const { inMemory } = this;
    const { wanted } = this.options;
    if (inMemory === undefined) return yield* this.fetch(numbers, count);
    if (inMemory.columns.length > 0) return take(inMemory, numbers, 0, count, wanted);
    return { columns: this.options.types.map((type) => columnFor(type, ctx)), length: 0 };
  }

  close(): void {
    this.inMemory = undefined;
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
