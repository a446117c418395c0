import { Gate, sleep, type Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { chunkBytes } from './chunk-bytes.ts';
import { LABEL_ROW_CONTAINER } from './labels.ts';
import { ListInDisk } from './list-in-disk.ts';
import { errorOf } from './panic.ts';
import { SpillDiskAction } from './spill-disk-action.ts';
import type { Frame } from './stack.ts';
import type { StatementMemory } from './statement-memory.ts';
import { Tracker } from './tracker.ts';

const SPILL_FRAME: Frame = {
  package: 'util/chunk',
  method: '(*SpillDiskAction).Action',
  file: 'row_container.go',
  line: 393,
};
const SORT_FRAME: Frame = {
  ...SPILL_FRAME,
  method: '(*SortAndSpillDiskAction).Action',
  line: undefined,
};
/** Rows to be sorted are spilled if they hold more than this part of the quota. */
const SORT_PART = 10;

/**
 * Rows in memory until its action is triggered, in a file from then on. Its owner attaches both
 * trackers under its own and registers `action()`. Source: TiDB `util/chunk/row_container.go`.
 */
export class RowContainer {
  /** Bytes in memory. */
  readonly tracker = new Tracker(LABEL_ROW_CONTAINER);
  private readonly types: readonly SqlType[];
  private readonly memory: StatementMemory;
  private chunks: Chunk[] = [];
  private readonly list: ListInDisk;
  private onDisk = false;
  private closed = false;
  /** Opened when the rows being written have been written: until then nothing may be added. */
  private writing: Gate | undefined = undefined;
  private spillError: unknown = undefined;
  private spillAction: SpillDiskAction | undefined = undefined;

  constructor(types: readonly SqlType[], memory: StatementMemory) {
    this.types = types;
    this.memory = memory;
    this.list = new ListInDisk(types, memory.storage);
  }

  /** Bytes on disk. */
  get diskTracker(): Tracker {
    return this.list.tracker;
  }

  /** The action that has it spill, made when first asked for. */
  action(): SpillDiskAction {
    this.spillAction ??= new SpillDiskAction(this.memory, {
      name: 'spill',
      spill: () => this.spill(),
      held: () => this.tracker.consumed,
      worthwhile: () => true,
      logLine: 367,
      frame: SPILL_FRAME,
    });
    return this.spillAction;
  }

  /** Instead of `action`, for rows to be sorted: they have to be many, lest there be many files. */
  sortAction(): SpillDiskAction {
    this.spillAction ??= new SpillDiskAction(this.memory, {
      name: 'sort-spill',
      spill: () => this.spill(),
      held: () => this.tracker.consumed,
      worthwhile: ({ limit }) => this.tracker.consumed > Math.trunc(limit / SORT_PART),
      logLine: 561,
      frame: SORT_FRAME,
    });
    return this.spillAction;
  }

  /** Whether the rows are in a file. */
  get spilled(): boolean {
    return this.onDisk;
  }

  /** Whether they are being written, or are about to be. */
  get spilling(): boolean {
    return this.writing !== undefined || this.spillAction?.starting === true;
  }

  get numChunks(): number {
    return this.onDisk ? this.list.numChunks : this.chunks.length;
  }

  get numRows(): number {
    if (this.onDisk) return this.list.numRows;
    return this.chunks.reduce((rows, { length }) => rows + length, 0);
  }

  /**
   * Adds a chunk, which is the container's from now on; `capacity` is that of TiDB's chunk. Throws
   * what went wrong when spilling.
   */
  *add(chunk: Chunk, capacity: number): Wait<void> {
    yield* this.settle();
    this.check();
    if (this.onDisk) {
      yield* this.list.add(chunk);
      return;
    }
    this.chunks.push(chunk);
    yield* this.tracker.consume(chunkBytes(chunk, this.types, capacity));
  }

  /** Waits until no rows are being written: who reads and who writes keep each other out. */
  *settle(): Wait<void> {
    // Whatever was done since the trigger took longer than starting a goroutine.
    if (this.spillAction?.starting === true) yield* sleep(this.memory.process, 0);
    while (this.writing !== undefined) yield* this.writing.wait(this.memory.process);
  }

  /** A chunk, from wherever it is. */
  *getChunk(at: number): Wait<Chunk> {
    yield* this.settle();
    this.check();
    if (this.onDisk) return yield* this.list.getChunk(at);
    const chunk = this.chunks[at];
    if (chunk === undefined) throw new Error(`there is no chunk ${at}`);
    return chunk;
  }

  /** Rows that are in the file, each by its chunk and its place in that. */
  *getRows(chunks: Int32Array, rows: Int32Array): Wait<Chunk> {
    this.check();
    return yield* this.list.getRows(chunks, rows);
  }

  /** Empties it for a new group of rows. */
  *reset(): Wait<void> {
    yield* this.settle();
    this.giveBack();
    this.onDisk = false;
    this.spillAction?.reset();
  }

  /** Gives everything back; a spill that is under way stops. */
  close(): void {
    this.closed = true;
    this.giveBack();
    if (this.spillAction === undefined) return;
    this.spillAction.finished = true;
    this.spillAction.spillEnds();
  }

  private *spill(): Wait<void> {
    if (this.onDisk || this.closed) return;
    const writing = new Gate();
    this.writing = writing;
    this.spillAction?.spillBegins();
    try {
      for (const chunk of this.chunks) {
        yield* this.list.add(chunk);
        if (this.closed) return;
      }
      this.onDisk = true;
      this.chunks = [];
      this.tracker.release(this.tracker.consumed);
    } catch (error) {
      this.spillError = errorOf(error);
      const text = this.spillError instanceof Error ? this.spillError.message : '';
      this.memory.log('ERROR', 'row_container.go', 'spill to disk failed', [['error', text]]);
    } finally {
      this.writing = undefined;
      this.spillAction?.spillEnds();
      writing.open();
    }
  }

  private check(): void {
    if (this.spillError !== undefined) throw this.spillError;
  }

  private giveBack(): void {
    this.chunks = [];
    this.tracker.release(this.tracker.consumed);
    this.list.close();
  }
}
