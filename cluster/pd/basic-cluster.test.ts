import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../sim/rng.ts';
import { BasicCluster } from './basic-cluster.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import { scheduleConfig } from './schedule-config.ts';

interface Shape {
  readonly id: number;
  readonly startKey: string;
  readonly endKey: string;
  readonly version?: number;
  readonly confVer?: number;
  readonly term?: number;
  readonly stores?: readonly number[];
  readonly bytes?: number;
  readonly pending?: readonly number[];
}

/** Peer ids are `10 × region + store`; the first store leads. */
function heartbeat(shape: Shape): RegionHeartbeat {
  const { id, startKey, endKey, version = 1, confVer = 1, stores = [1, 2, 3] } = shape;
  const peers = stores.map((store) => ({ id: id * 10 + store, store, role: 'voter' as const }));
  return {
    region: { id, startKey, endKey, epoch: { confVer, version }, peers },
    leader: peers[0]?.id ?? 0,
    term: shape.term ?? 5,
    downPeers: [],
    pendingPeers: (shape.pending ?? []).map((store) => id * 10 + store),
    approximateSizeBytes: shape.bytes ?? 100,
    approximateKeys: 1,
  };
}

function cluster(...shapes: readonly Shape[]): BasicCluster {
  const made = new BasicCluster(scheduleConfig());
  for (const shape of shapes) expect(made.regionHeartbeat(heartbeat(shape), 0)).toBe(true);
  return made;
}

function ids(regions: readonly (RegionHeartbeat | undefined)[]): (number | undefined)[] {
  return regions.map((region) => region?.region.id);
}

describe('regions by key', () => {
  const made = cluster(
    { id: 1, startKey: '', endKey: 'b' },
    { id: 2, startKey: 'b', endKey: 'd' },
    { id: 3, startKey: 'e', endKey: '' },
  );

  test('a key belongs to the region whose range holds it, or to none that is known', () => {
    const keys = ['', 'a', 'b', 'c', 'd', 'e', 'z'];
    expect(ids(keys.map((key) => made.regionByKey(key)))).toEqual([1, 1, 2, 2, undefined, 3, 3]);
  });

  test('neighbours are those that meet, not those behind a gap', () => {
    const [first, second, third] = made.scanRegions('', 10);
    expect(ids(made.neighbours(first as RegionHeartbeat))).toEqual([undefined, 2]);
    expect(ids(made.neighbours(second as RegionHeartbeat))).toEqual([1, undefined]);
    expect(ids(made.neighbours(third as RegionHeartbeat))).toEqual([undefined, undefined]);
  });

  test('the only region has no neighbours, though its ends are spelt alike', () => {
    const alone = cluster({ id: 1, startKey: '', endKey: '' });
    expect(ids(alone.neighbours(alone.region(1) as RegionHeartbeat))).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('a heartbeat', () => {
  test.each([
    ['of an older version', { version: 1, confVer: 3 }],
    ['of an older conf_ver', { version: 3, confVer: 1 }],
    ['of an older term', { version: 2, confVer: 2, term: 4 }],
  ])('%s is refused', (_what, part) => {
    const made = cluster({ id: 1, startKey: 'a', endKey: 'c', version: 2, confVer: 2 });
    const stale = { id: 1, startKey: 'a', endKey: 'c', ...part };
    expect(made.regionHeartbeat(heartbeat(stale), 0)).toBe(false);
  });

  test('without a leader among the peers is refused', () => {
    const made = cluster();
    const orphan = { ...heartbeat({ id: 1, startKey: 'a', endKey: 'c' }), leader: 99 };
    expect(made.regionHeartbeat(orphan, 0)).toBe(false);
  });

  test('of a region that has moved on since it was last heard of leaves nothing behind', () => {
    const made = cluster({ id: 1, startKey: 'a', endKey: 'c', bytes: 7 });
    made.regionHeartbeat(heartbeat({ id: 1, startKey: 'x', endKey: 'z', version: 5 }), 0);
    expect(ids([made.regionByKey('b'), made.regionByKey('y')])).toEqual([undefined, 1]);
    expect([made.regionCount, made.averageRegionBytes]).toEqual([1, 100]);
  });

  test('moves the region from one store’s books to the other’s', () => {
    const made = cluster({ id: 1, startKey: 'a', endKey: 'c', bytes: 7, pending: [3] });
    const counts = (id: number): number[] => {
      const store = made.store(id);
      if (store === undefined) return [];
      const { leaders, followers, pending, regionBytes } = store;
      return [leaders.size, followers.size, pending.size, regionBytes];
    };
    expect([1, 2, 3].map(counts)).toEqual([
      [1, 0, 0, 7],
      [0, 1, 0, 7],
      [0, 1, 1, 7],
    ]);
    const moved = { id: 1, startKey: 'a', endKey: 'c', confVer: 2, stores: [2, 1, 4], bytes: 9 };
    made.regionHeartbeat(heartbeat(moved), 0);
    expect([1, 2, 3, 4].map(counts)).toEqual([
      [0, 1, 0, 9],
      [1, 0, 0, 9],
      [0, 0, 0, 0],
      [0, 1, 0, 9],
    ]);
  });
});

test('a store is what its silence says, unless it is to go', () => {
  const made = cluster();
  made.storeHeartbeat({ store: 1, regionCount: 0, leaderCount: 0 }, 0);
  const store = made.store(1);
  const states = [20, 20.1, 1799, 1800].map((seconds) => store?.state(seconds * 1_000_000));
  expect(states).toEqual(['up', 'disconnected', 'disconnected', 'down']);
  made.removeStore(1);
  expect(store?.state(0)).toBe('offline');
  expect(made.isScalingIn).toBe(true);
  made.storeHeartbeat({ store: 1, regionCount: 0, leaderCount: 0 }, 0);
  expect(store?.state(0)).toBe('tombstone');
  expect([made.stores, made.isScalingIn]).toEqual([[], false]);
});

test('every region that a store leads is drawn, each about as often', () => {
  const shapes = ['a', 'b', 'c', 'd'].map((startKey, at) => {
    return { id: at + 1, startKey, endKey: String.fromCharCode(98 + at) };
  });
  const made = cluster(...shapes, { id: 9, startKey: 'x', endKey: 'y', stores: [2, 1, 3] });
  const store = made.store(1);
  if (store === undefined) throw new Error('no store');
  const rng = new Rng('1', 'draws');
  const drawn = new Map<number, number>();
  for (let draw = 0; draw < 4000; draw++) {
    const id = made.randomRegion(store, 'leaders', rng)?.region.id ?? 0;
    drawn.set(id, (drawn.get(id) ?? 0) + 1);
  }
  expect([...drawn.keys()].sort()).toEqual([1, 2, 3, 4]);
  for (const count of drawn.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test('whatever is heard, ranges never overlap and the books agree with the regions', () => {
  const key = fc.constantFrom('', 'a', 'b', 'c', 'd', 'e', 'f');
  const shape = fc.record({
    id: fc.integer({ min: 1, max: 6 }),
    startKey: key,
    endKey: key,
    version: fc.integer({ min: 1, max: 6 }),
    confVer: fc.integer({ min: 1, max: 3 }),
    stores: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    bytes: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 40 }), (shapes) => {
      const made = new BasicCluster(scheduleConfig());
      for (const one of shapes) {
        if (one.endKey !== '' && one.startKey >= one.endKey) continue;
        made.regionHeartbeat(heartbeat(one), 0);
      }
      checkBooks(made);
    }),
    { seed: 3, numRuns: 500 },
  );
});

/** Compares what is kept with what can be counted anew. */
function checkBooks(made: BasicCluster): void {
  const regions = made.scanRegions('', 100);
  expect(regions).toHaveLength(made.regionCount);
  for (const [at, { region }] of regions.entries()) {
    expect(made.region(region.id)?.region).toBe(region);
    const next = regions[at + 1]?.region;
    if (next !== undefined)
      expect(region.endKey !== '' && region.endKey <= next.startKey).toBe(true);
  }
  for (const store of made.stores) {
    const here = regions.filter(({ region }) =>
      region.peers.some((peer) => peer.store === store.id),
    );
    const bytes = here.reduce((sum, { approximateSizeBytes }) => sum + approximateSizeBytes, 0);
    expect([store.regionCount, store.regionBytes]).toEqual([here.length, bytes]);
  }
}
