import { describe, expect, test } from 'vitest';
import { Rng } from '../sim/rng.ts';
import { Coordinator } from './coordinator.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import { scheduleConfig } from './schedule-config.ts';

const SECOND_US = 1_000_000;

function coordinator(regions: number): Coordinator {
  let nextId = 1_000_000;
  const pd = new Coordinator({
    config: scheduleConfig(),
    nowUs: 0,
    stream: (label) => new Rng('1', label),
    allocId: () => nextId++,
  });
  for (const store of [1, 2, 3]) {
    pd.storeHeartbeat({ store, regionCount: regions, leaderCount: 0 }, 0);
  }
  for (let id = 1; id <= regions; id++) pd.regionHeartbeat(heartbeat(id, regions), 0);
  return pd;
}

function heartbeat(id: number, last: number): RegionHeartbeat {
  const peers = [0, 1, 2].map((i) => ({
    id: id * 10 + i,
    store: ((id + i) % 3) + 1,
    role: 'voter' as const,
  }));
  return {
    region: {
      id,
      startKey: id === 1 ? '' : String.fromCharCode(id),
      endKey: id === last ? '' : String.fromCharCode(id + 1),
      epoch: { confVer: 1, version: 1 },
      peers,
    },
    leader: id * 10,
    term: 5,
    downPeers: [],
    pendingPeers: [],
    approximateSizeBytes: 96 * 1024 * 1024,
    approximateKeys: 1_000_000,
  };
}

/** How often a coordinator wants to be called within a time, with stores that stay alive. */
function ticks(pd: Coordinator, fromUs: number, untilUs: number): number {
  let count = 0;
  for (let nowUs = fromUs; nowUs < untilUs; count++) {
    for (const store of [1, 2, 3]) {
      pd.storeHeartbeat({ store, regionCount: 0, leaderCount: 0 }, nowUs);
    }
    expect(pd.tick(nowUs)).toEqual([]);
    expect(pd.nextDueUs).toBeGreaterThan(nowUs);
    nowUs = pd.nextDueUs;
  }
  return count;
}

describe('a cluster at rest', () => {
  test('is looked at every five seconds, by each balancer and by the patrol', () => {
    const pd = coordinator(20);
    expect(pd.schedulers()).toEqual(['balance-leader-scheduler', 'balance-region-scheduler']);
    ticks(pd, 0, 60 * SECOND_US);
    const count = ticks(pd, 60 * SECOND_US, 160 * SECOND_US);
    expect(count).toBeLessThanOrEqual(63);
    expect(count).toBeGreaterThanOrEqual(20);
  });

  test('of ten thousand regions costs a batch at a time', () => {
    const pd = coordinator(10_000);
    let most = 0;
    const { cluster } = pd;
    const scan = cluster.scanRegions.bind(cluster);
    cluster.scanRegions = (key, limit) => {
      const found = scan(key, limit);
      most = Math.max(most, found.length);
      return found;
    };
    ticks(pd, 0, 10 * SECOND_US);
    expect(most).toBe(128);
  });

  test('calls nobody while nothing is known', () => {
    const pd = coordinator(0);
    expect(ticks(pd, 0, 30 * SECOND_US)).toBe(10);
    expect(pd.isPrepared).toBe(false);
  });
});

test('the ids for a split are one for each new region and one for each of its peers', () => {
  const pd = coordinator(2);
  const { region } = heartbeat(1, 2);
  expect(pd.askBatchSplit(region, 2, 0)).toEqual([
    { region: 1_000_000, peers: [1_000_001, 1_000_002, 1_000_003] },
    { region: 1_000_004, peers: [1_000_005, 1_000_006, 1_000_007] },
  ]);
});

test('sizes and keys shrink with the scale, times and counts do not', () => {
  const config = scheduleConfig(64, { maxReplicas: 1 });
  expect(config).toMatchObject({
    maxMergeRegionBytes: 327_680,
    maxMergeRegionKeys: 3125,
    megabyteBytes: 16_384,
    maxStoreDownTimeUs: 1800 * SECOND_US,
    maxReplicas: 1,
    mergeScheduleLimit: 8,
  });
});
