/**
 * Which region holds which keys, and on which store. While a region is a single durable copy, this
 * one table is the durable truth that PD answers from and that stores check requests against; with
 * replication, stores own it and PD learns it from heartbeats.
 */
import type { RegionRoute } from './pd/request.ts';
import type { RegionInfo } from './tikv/request.ts';

/** All regions, by start key. They cover the whole key space without gap or overlap. */
export class RegionTable {
  /** Splits since the beginning. */
  splits = 0;
  private readonly regions: RegionInfo[];
  private readonly byId = new Map<number, RegionInfo>();
  private nextId = 2;

  /** Begins with one region, id 1, that holds everything. */
  constructor(store: number) {
    const first: RegionInfo = {
      id: 1,
      startKey: '',
      endKey: '',
      epoch: { confVer: 1, version: 1 },
      peers: [{ id: 2, store }],
    };
    this.regions = [first];
    this.byId.set(1, first);
  }

  /** The region with this id, if it exists. */
  get(id: number): RegionInfo | undefined {
    return this.byId.get(id);
  }

  /** The region that holds `key`. */
  locate(key: string): RegionInfo {
    return this.regions[this.indexOf(key)] as RegionInfo;
  }

  /** Regions overlapping `[startKey, endKey)`, in order; `endKey` '' is no bound. */
  overlapping(startKey: string, endKey: string, limit: number): RegionInfo[] {
    const found: RegionInfo[] = [];
    for (let i = this.indexOf(startKey); i < this.regions.length && found.length < limit; i++) {
      const region = this.regions[i] as RegionInfo;
      if (endKey !== '' && region.startKey >= endKey) break;
      found.push(region);
    }
    return found;
  }

  /** Every region, in order of keys. */
  all(): readonly RegionInfo[] {
    return this.regions;
  }

  /**
   * Splits the region that holds `key` there; the right part gets a new id and lives on `store`.
   * The left part keeps its id. Both get the next version. Nothing happens at an existing border.
   */
  split(key: string, store: number): RegionInfo | undefined {
    const index = this.indexOf(key);
    const left = this.regions[index] as RegionInfo;
    if (left.startKey === key) return undefined;
    const epoch = { confVer: left.epoch.confVer, version: left.epoch.version + 1 };
    const id = ++this.nextId;
    const right: RegionInfo = {
      id,
      startKey: key,
      endKey: left.endKey,
      epoch,
      peers: [{ id: ++this.nextId, store }],
    };
    const shrunk: RegionInfo = { ...left, endKey: key, epoch };
    this.regions.splice(index, 1, shrunk, right);
    this.byId.set(left.id, shrunk);
    this.byId.set(id, right);
    this.splits++;
    return right;
  }

  private indexOf(key: string): number {
    let low = 0;
    let high = this.regions.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.regions[middle] as RegionInfo).startKey <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The store that serves a region. */
export function leaderStore(region: RegionInfo): number {
  return (region.peers[0] as { store: number }).store;
}

/** A region and its leader, as PD tells them. */
export function routeOf(region: RegionInfo): RegionRoute {
  return { region, leaderStore: leaderStore(region) };
}
