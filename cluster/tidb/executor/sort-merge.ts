import type { Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import type { NotNull } from './coerce.ts';
import { RowBuffer } from './columns.ts';
import { orderOf } from './compare.ts';
import type { SortKey } from './order.ts';
import type { SortPartition } from './sort-partition.ts';
import { readValue } from './value.ts';

/** Compares the next rows of two partitions by one key. */
type CompareNext = (a: SortPartition, b: SortPartition) => number;

/**
 * Merges sorted partitions with a heap of their next rows. Of equal rows that of the earlier
 * partition comes first, as it came. Source: TiDB `executor/sort.go`, `multiWayMerge`.
 */
export class SortMerge {
  private readonly compares: readonly CompareNext[];
  private readonly partitions: readonly SortPartition[];
  /** Numbers of the partitions that have rows, as a heap. */
  private heap: number[] | undefined = undefined;

  constructor(partitions: readonly SortPartition[], keys: readonly SortKey[]) {
    this.partitions = partitions;
    this.compares = keys.map(compareNext);
  }

  /** The next rows; undefined is the end. */
  *next(): Wait<Chunk | undefined> {
    this.heap ??= yield* this.fill();
    const { heap } = this;
    const merged = new RowBuffer();
    const row = new Int32Array(1);
    while (merged.length < MAX_CHUNK_ROWS) {
      const [first] = heap;
      if (first === undefined) break;
      const partition = this.partition(first);
      row[0] = partition.at;
      merged.append(partition.batch, row, 1);
      if (!(yield* partition.advance())) {
        heap[0] = heap.at(-1) as number;
        heap.pop();
      }
      this.sink(heap);
    }
    return merged.length > 0 ? merged : undefined;
  }

  private *fill(): Wait<number[]> {
    const heap: number[] = [];
    for (const [number, partition] of this.partitions.entries()) {
      if (yield* partition.fetch()) heap.push(number);
    }
    return heap.sort((a, b) => this.compare(a, b));
  }

  /** Lets the root go down to where it belongs. */
  private sink(heap: number[]): void {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < heap.length && this.comesBefore(heap, left, least)) least = left;
      if (right < heap.length && this.comesBefore(heap, right, least)) least = right;
      if (least === at) return;
      const moved = heap[at] as number;
      heap[at] = heap[least] as number;
      heap[least] = moved;
      at = least;
    }
  }

  private comesBefore(heap: readonly number[], a: number, b: number): boolean {
    return this.compare(heap[a] as number, heap[b] as number) < 0;
  }

  private compare(a: number, b: number): number {
    const [left, right] = [this.partition(a), this.partition(b)];
    for (const compare of this.compares) {
      const sign = compare(left, right);
      if (sign !== 0) return sign;
    }
    return a - b;
  }

  private partition(number: number): SortPartition {
    return this.partitions[number] as SortPartition;
  }
}

function compareNext({ compiled: { type }, descending }: SortKey, key: number): CompareNext {
  const order = orderOf(type.kind);
  const sign = descending ? -1 : 1;
  const next = ({ keys, at }: SortPartition) => {
    const column = keys[key];
    return column === undefined ? null : readValue(column, at, type);
  };
  return (a, b) => {
    const x = next(a);
    const y = next(b);
    if (x === null || y === null) return x === y ? 0 : x === null ? -sign : sign;
    return order(x as NotNull, y as NotNull) * sign;
  };
}
