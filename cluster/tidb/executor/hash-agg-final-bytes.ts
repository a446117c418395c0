import type { Column } from '../../column.ts';
import type { GroupedRows } from './aggregate-state.ts';
import type { MapBuckets } from './go-map-bytes.ts';
import type { Grouping } from './grouping.ts';
import { aggMap, type GroupBytes, GroupMeter, KeyList, keySet } from './hash-agg-bytes.ts';

/** What a final worker is charged for. Source: TiDB `executor/aggregate`, `HashAggFinalWorker`. */
export interface FinalBytes {
  /** What its tables weigh before there is any group. */
  readonly startsWith: number;
  /**
   * Charges, in order, for a batch that has been merged.
   *
   * @param source number of the partial worker that it is from
   */
  merged(keys: readonly Column[], rows: GroupedRows, length: number, source: number): number[];
  /** The charge for listing the results of so many groups. */
  finished(groups: number): number;
}

/** @param restores it reads from disk: what it gets is in no partial worker's map any more */
export function finalBytes(bytes: GroupBytes, grouping: Grouping, restores: boolean): FinalBytes {
  if (!bytes.tables.finalTakesOver) return new OwnTables(bytes, grouping);
  return restores ? new RestoredMap(bytes, grouping) : new TakenMap(bytes);
}

/** Until v7: a map, a set and lists of keys of its own; only values of texts are shared. */
class OwnTables implements FinalBytes {
  private readonly bytes: GroupBytes;
  private readonly meter: GroupMeter;
  private readonly groups: MapBuckets;
  private readonly keyList = new KeyList();

  constructor(bytes: GroupBytes, grouping: Grouping) {
    this.bytes = bytes;
    this.groups = keySet(bytes.tables);
    this.meter = new GroupMeter(bytes, grouping, [aggMap(bytes.tables)], false);
  }

  get startsWith(): number {
    const { tables } = this.bytes;
    return tables.aggBucket + tables.stringSetBucket;
  }

  merged(keys: readonly Column[], rows: GroupedRows, length: number): number[] {
    const before = this.meter.keySlices;
    const grown = this.meter.grown(keys, rows);
    const list = this.keyList.refill(length, this.meter.keySlices - before);
    const set = this.groups.add(rows.opened) + grown.keys;
    return [list, grown.buckets, grown.states + grown.keys, set];
  }

  finished(groups: number): number {
    return this.keyList.refill(groups, this.meter.keySlices);
  }
}

/**
 * From v8.0: the map of the first partial worker becomes its own, for nothing, and takes in the
 * groups of the others as they are. Only buckets can come with them.
 */
class TakenMap implements FinalBytes {
  readonly startsWith: number;
  private readonly map: MapBuckets;
  private first: number | undefined = undefined;

  constructor({ tables }: GroupBytes) {
    this.startsWith = tables.aggBucket;
    this.map = aggMap(tables);
  }

  merged(_keys: readonly Column[], rows: GroupedRows, _length: number, source: number): number[] {
    this.first ??= source;
    const buckets = this.map.add(rows.opened);
    return source === this.first ? [] : [buckets];
  }

  finished(): number {
    return 0;
  }
}

/** From v8.0: a partition that was spilled, in a map that it alone has. */
class RestoredMap implements FinalBytes {
  readonly startsWith = 0;
  private readonly meter: GroupMeter;

  constructor(bytes: GroupBytes, grouping: Grouping) {
    this.meter = new GroupMeter(bytes, grouping, [aggMap(bytes.tables)], true);
  }

  merged(keys: readonly Column[], rows: GroupedRows): number[] {
    const { buckets, keys: keyBytes, states } = this.meter.grown(keys, rows);
    return [buckets, keyBytes + states];
  }

  finished(): number {
    return 0;
  }
}
