import { MapBuckets, type TableBytes } from './go-map-bytes.ts';

/** A row pointer and the next entry of the same key. */
const ENTRY_BYTES = 16;
const FIRST_SLICE = 64;
const LARGEST_SLICE = 8192;
/** TiDB's map from hash to entries is cut into so many. */
const SHARDS = 320;

/**
 * What the hash table of a join weighs, its rows aside: slices of entries that double in length,
 * and maps from hash to the first entry. Source: TiDB `executor/hash_table.go`,
 * `concurrent_map.go`.
 */
export class HashTableBytes {
  private readonly shards: MapBuckets[];
  private room = 0;
  private slice = FIRST_SLICE / 2;
  private entries = 0;
  private grown = 0;

  /** @param tables of a version that tracks them */
  constructor({ joinBucket, loadFactor }: TableBytes) {
    const shards = Array.from({ length: SHARDS }, () => new MapBuckets(joinBucket, loadFactor));
    this.shards = shards;
  }

  /** An entry is made, for a hash that was not there yet or for one that was. */
  add(hash: number, fresh: boolean): void {
    if (++this.entries > this.room) {
      this.slice = Math.min(LARGEST_SLICE, this.slice * 2);
      this.room += this.slice;
      this.grown += this.slice * ENTRY_BYTES;
    }
    if (fresh) this.grown += (this.shards[(hash >>> 0) % SHARDS] as MapBuckets).add(1);
  }

  /** Bytes by which it has grown since this was asked last. */
  takeGrowth(): number {
    const { grown } = this;
    this.grown = 0;
    return grown;
  }
}
