import type { Column } from '../../column.ts';
import { MAX_CHUNK_ROWS } from '../chunk.ts';
import {
  capacityOf,
  columnBytes,
  dataBytes,
  fixedCellBytes,
  sizeClass,
} from '../memory/chunk-bytes.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { firstRowBytes, stateBytes } from './aggregate-bytes.ts';
import type { GroupedRows } from './aggregate-state.ts';
import { MapBuckets, type TableBytes } from './go-map-bytes.ts';
import { GroupKeyCodec } from './group-key.ts';
import type { Grouping, GroupingSpec } from './grouping.ts';

/** TiDB charges so much for a place in its lists of keys, which really are slices of 24 bytes. */
const KEY_PLACE = 12;
const SLICE_HEADER = 24;

/** What the groups of an aggregation weigh, apart from the maps they are in. */
export interface GroupBytes {
  readonly tables: TableBytes;
  readonly codec: GroupKeyCodec;
  /** Partial results of a fresh group, values of variable length aside. */
  readonly states: number;
  /** Keys of variable length that also come out of the aggregation. */
  readonly keptStrings: readonly number[];
}

/**
 * @param kept which keys are wanted above the aggregation: TiDB keeps them in FIRST_ROW functions,
 * we need none to do so but charge for it
 */
export function groupBytes(
  { keys, aggregates }: GroupingSpec,
  kept: readonly boolean[],
  tables: TableBytes,
): GroupBytes {
  const types: readonly SqlType[] = keys.map(({ type }) => type);
  let states = 0;
  for (const aggregate of aggregates) states += stateBytes(aggregate, tables);
  const keptKeys = types.flatMap((_, key) => (kept[key] === false ? [] : [key]));
  for (const key of keptKeys) states += firstRowBytes(types[key] as SqlType);
  const keptStrings = keptKeys.filter((key) => fixedCellBytes(types[key] as SqlType) === undefined);
  return { tables, codec: new GroupKeyCodec(types), states, keptStrings };
}

/** A chunk as an operator makes it for what it will read. */
export function emptyChunkBytes(types: readonly SqlType[]): number {
  let bytes = 0;
  for (const type of types) bytes += columnBytes(type, capacityOf(0, MAX_CHUNK_ROWS), 0);
  return bytes;
}

/** What a batch of rows has added to a map of groups. */
export interface Growth {
  /** Buckets of the map. */
  readonly buckets: number;
  /** Group keys. */
  readonly keys: number;
  /** Partial results, with what their values take. */
  readonly states: number;
}

/** Counts the bytes of one map of groups. Costs nothing for a row, a little for a fresh group. */
export class GroupMeter {
  /** Bytes of the keys as they are when each is a slice of its own. */
  keySlices = 0;
  private readonly bytes: GroupBytes;
  private readonly grouping: Grouping;
  private readonly maps: readonly MapBuckets[];
  private readonly countsValues: boolean;
  private valueBytes = 0;
  private lengths = new Int32Array(0);

  /**
   * @param maps TiDB's maps that these groups are spread over
   * @param countsValues values of variable length are new here, not shared with another map
   */
  constructor(
    bytes: GroupBytes,
    grouping: Grouping,
    maps: readonly MapBuckets[],
    countsValues: boolean,
  ) {
    this.bytes = bytes;
    this.grouping = grouping;
    this.maps = maps;
    this.countsValues = countsValues;
  }

  /**
   * What rows have added that the grouping has just taken in. `routes` tells, by group, in which
   * map each is.
   */
  grown(keys: readonly Column[], rows: GroupedRows, routes?: Uint8Array): Growth {
    const { opened, fresh, count } = rows;
    const values = this.countsValues ? this.grouping.valueBytes - this.valueBytes : 0;
    this.valueBytes += values;
    if (opened === 0) return { buckets: 0, keys: 0, states: values };
    if (opened > this.lengths.length) this.lengths = new Int32Array(Math.max(1024, opened));
    this.bytes.codec.lengths(keys, fresh, opened, this.lengths);
    let keyBytes = 0;
    for (let at = 0; at < opened; at++) {
      const length = this.lengths[at] as number;
      keyBytes += length;
      this.keySlices += sizeClass(length);
    }
    const kept = this.countsValues ? this.keptBytes(count - opened, count) : 0;
    const buckets = this.bucketsGrown(count - opened, count, routes);
    return { buckets, keys: keyBytes, states: opened * this.bytes.states + kept + values };
  }

  private keptBytes(from: number, to: number): number {
    let bytes = 0;
    for (const key of this.bytes.keptStrings) {
      bytes += dataBytes(this.grouping.keyRows.columns[key] as Column, to, from);
    }
    return bytes;
  }

  private bucketsGrown(from: number, to: number, routes: Uint8Array | undefined): number {
    const [only] = this.maps;
    if (this.maps.length === 1 && only !== undefined) return only.add(to - from);
    let bytes = 0;
    for (let group = from; group < to; group++) {
      bytes += (this.maps[(routes as Uint8Array)[group] as number] as MapBuckets).add(1);
    }
    return bytes;
  }
}

/** The room that a worker's list of keys takes for the rows of one chunk. */
export function keyBufferBytes(
  { codec }: GroupBytes,
  keys: readonly Column[],
  length: number,
): number {
  const rows = Int32Array.from({ length }, (_, row) => row);
  const lengths = new Int32Array(length);
  codec.lengths(keys, rows, length, lengths);
  let bytes = 0;
  for (const keyBytes of lengths) bytes += sizeClass(keyBytes);
  return new KeyList().refill(length, bytes);
}

/** A fresh map from group key to partial results. */
export function aggMap({ aggBucket, loadFactor }: TableBytes): MapBuckets {
  return new MapBuckets(aggBucket, loadFactor);
}

/** A fresh set of group keys. */
export function keySet(tables: TableBytes): MapBuckets {
  return new MapBuckets(tables.stringSetBucket, tables.loadFactor);
}

/** A worker's list of group keys, which keeps its room when it is emptied. */
export class KeyList {
  private room = 0;
  private held = 0;

  /** Bytes by which it grows, or shrinks, when it holds `count` keys that take `bytes`. */
  refill(count: number, bytes: number): number {
    while (this.room < count) this.room = grownRoom(this.room);
    const held = bytes + KEY_PLACE * this.room;
    const change = held - this.held;
    this.held = held;
    return change;
  }
}

/** Go's `append` to a full slice of slices. */
function grownRoom(room: number): number {
  const wanted = room < 1024 ? Math.max(1, room * 2) : room + Math.floor(room / 4);
  return Math.floor(sizeClass(wanted * SLICE_HEADER) / SLICE_HEADER);
}
