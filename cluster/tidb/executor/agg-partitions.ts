import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import { ListInDisk } from '../memory/list-in-disk.ts';
import type { StatementMemory } from '../memory/statement-memory.ts';
import type { Tracker } from '../memory/tracker.ts';
import type { SqlType } from '../sql/catalog-type.ts';

/** Into so many partitions a parallel aggregation spills, by the hash of the group's key. */
export const PARTITIONS = 256;

/**
 * Groups that the workers of a parallel HashAgg have written to disk: their keys and their partial
 * results, all of one group in the same partition. Source: TiDB `executor/aggregate/agg_spill.go`.
 */
export class AggPartitions {
  private readonly types: readonly SqlType[];
  private readonly memory: StatementMemory;
  private readonly disk: Tracker;
  private readonly lists: (ListInDisk | undefined)[] = [];

  /** @param disk the operator's tracker of what it has on disk */
  constructor(types: readonly SqlType[], memory: StatementMemory, disk: Tracker) {
    this.types = types;
    this.memory = memory;
    this.disk = disk;
  }

  /** Writes groups of one partition. */
  *add(partition: number, groups: Chunk): Wait<void> {
    let list = this.lists[partition];
    if (list === undefined) {
      list = new ListInDisk(this.types, this.memory.storage);
      list.tracker.attachTo(this.disk);
      this.lists[partition] = list;
    }
    yield* list.add(groups);
  }

  /** How many chunks a partition has. */
  chunksOf(partition: number): number {
    return this.lists[partition]?.numChunks ?? 0;
  }

  /** Reads one of them. */
  *read(partition: number, chunk: number): Wait<Chunk> {
    const list = this.lists[partition];
    if (list === undefined) throw new Error(`nothing was written to partition ${partition}`);
    return yield* list.getChunk(chunk);
  }

  close(): void {
    for (const list of this.lists) list?.close();
  }
}
