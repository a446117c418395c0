import type { ProfileName } from '../../profiles.ts';

/** What the tables of Go that operators keep weigh in a version of TiDB. */
export interface TableBytes {
  /** A bucket of a map from group key to partial results: 8 cells. */
  readonly aggBucket: number;
  /** A bucket of a set of strings. */
  readonly stringSetBucket: number;
  /** A bucket of a set of 64-bit integers or doubles. */
  readonly numberSetBucket: number;
  /** Keys a bucket holds on average before the map doubles. */
  readonly loadFactor: number;
  /** A partial worker keeps a map for each final worker, not one for all (from v7.2). */
  readonly mapPerFinalWorker: boolean;
  /** A final worker takes over the map of a partial worker (from v8.0); before, it has its own. */
  readonly finalTakesOver: boolean;
  /** An aggregation with several workers can spill (from v8.0). */
  readonly parallelSpill: boolean;
  /** Sorting is charged for its row pointers (from v6.1; before, by a slip, for none). */
  readonly rowPointers: boolean;
  /** A bucket of a hash join's map from hash to rows; 0 where its table is not tracked. */
  readonly joinBucket: number;
}

/** 8 hash bits, 8 cells of key and value, a pointer to the overflow, and the bucket's slot. */
function bucket(cell: number): number {
  return 8 * (1 + cell) + 16;
}

const STRING = 16;
const SLICE = 24;
const NUMBER = 8;
const POINTER = 8;

function tables(
  slack: number,
): Pick<TableBytes, 'aggBucket' | 'stringSetBucket' | 'numberSetBucket'> {
  return {
    aggBucket: Math.floor(bucket(STRING + SLICE) * slack),
    stringSetBucket: Math.floor(bucket(STRING) * slack),
    numberSetBucket: Math.floor(bucket(NUMBER) * slack),
  };
}

const JOIN_BUCKET = bucket(NUMBER + POINTER) * 1.5;

const V5_5: TableBytes = {
  ...tables(1),
  loadFactor: 6.5,
  mapPerFinalWorker: false,
  finalTakesOver: false,
  parallelSpill: false,
  rowPointers: false,
  joinBucket: 0,
};
const V6_5: TableBytes = { ...V5_5, ...tables(1.5), rowPointers: true, joinBucket: JOIN_BUCKET };

/** Source: TiDB `util/hack/map_abi.go` and what came before it, `hashmap.DefBucketMemoryUsage…`. */
export const TABLE_BYTES: Readonly<Record<ProfileName, TableBytes>> = {
  'v5.5.0-nightly': V5_5,
  'v6.5.0': V6_5,
  'v8.5.0': {
    ...V6_5,
    loadFactor: 6,
    mapPerFinalWorker: true,
    finalTakesOver: true,
    parallelSpill: true,
  },
};

/** The buckets of one map of Go: one at first, and as many again whenever they are too full. */
export class MapBuckets {
  readonly bucketBytes: number;
  /** All buckets, in bytes. */
  bytes: number;
  private readonly loadFactor: number;
  private keys = 0;
  private buckets = 1;

  constructor(bucketBytes: number, loadFactor: number) {
    this.bucketBytes = bucketBytes;
    this.loadFactor = loadFactor;
    this.bytes = bucketBytes;
  }

  /** Keys that find room without another bucket. */
  get room(): number {
    return Math.floor(this.loadFactor * this.buckets) - this.keys;
  }

  /** Adds keys; how many bytes of buckets came with them. */
  add(keys: number): number {
    this.keys += keys;
    const before = this.bytes;
    while (this.keys > this.loadFactor * this.buckets) {
      this.bytes += this.bucketBytes * this.buckets;
      this.buckets *= 2;
    }
    return this.bytes - before;
  }
}
