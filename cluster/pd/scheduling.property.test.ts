/**
 * Whatever schedulers, administrators and one failing store at a time do: PD never asks for
 * anything that costs a region its quorum or puts two of its peers on one store; and left in peace,
 * it brings every region back to three voters.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelRegion } from '../../testing/pd-model.ts';
import { PdWorld } from '../../testing/pd-world.ts';
import type { RegionHeartbeatResponse } from './heartbeat.ts';
import { scheduleConfig } from './schedule-config.ts';
import { SCHEDULERS } from './schedulers/index.ts';

const STORES = [1, 2, 3, 4, 5];
const REGIONS = ['', 'd', 'h', 'm', 'r', 'v'];
const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;

/** Down stores are replaced after one minute, so that a short run sees it. */
const CONFIG = scheduleConfig(1, {
  maxStoreDownTimeUs: MINUTE_US,
  splitMergeIntervalUs: MINUTE_US,
  storeLimitPerMinute: 600,
});

type Action =
  | { readonly kind: 'scheduler'; readonly name: string; readonly on: boolean }
  | { readonly kind: 'run'; readonly us: number }
  | { readonly kind: 'kill' | 'busy'; readonly store: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'split'; readonly at: number; readonly key: string }
  | { readonly kind: 'move'; readonly at: number; readonly from: number; readonly to: number };

const store = fc.constantFrom(...STORES);
const at = fc.nat(20);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constant('scheduler' as const),
    name: fc.constantFrom(...SCHEDULERS.keys()),
    on: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('run' as const),
    us: fc.constantFrom(30_000, 150_000, 250_000, SECOND_US, 15 * SECOND_US, 90 * SECOND_US),
  }),
  fc.record({ kind: fc.constantFrom('kill' as const, 'busy' as const), store }),
  fc.record({ kind: fc.constant('restart' as const) }),
  fc.record({
    kind: fc.constant('split' as const),
    at,
    key: fc.constantFrom('b', 'f', 'j', 'o', 't', 'x'),
  }),
  fc.record({ kind: fc.constant('move' as const), at, from: store, to: store }),
);

class Trial {
  readonly broken: string[] = [];
  readonly world: PdWorld;

  constructor(bugs: ReadonlySet<string> = new Set()) {
    this.world = new PdWorld(
      { seed: '7', config: CONFIG, schedulers: [], bugs },
      {
        told: (_store, response) => this.judge(response),
        refused: ({ info }) => this.broken.push(`region ${info.id} is stale`),
      },
    );
    for (const id of STORES) this.world.addStore(id);
    REGIONS.forEach((startKey, index) => {
      const peers = [0, 1, 2].map((i) => {
        const node = ((index + i) % STORES.length) + 1;
        return { id: (index + 1) * 10 + node, store: node, role: 'voter' as const };
      });
      const region: ModelRegion = {
        info: {
          id: index + 1,
          startKey,
          endKey: REGIONS[index + 1] ?? '',
          epoch: { confVer: 1, version: 1 },
          peers,
        },
        leader: peers[0]?.id ?? 0,
        term: 5,
        bytes: 96 * 1024 * 1024,
        keys: 1_000_000,
        behind: new Map(),
        merging: undefined,
      };
      this.world.model.regions.set(region.info.id, region);
      this.world.heartbeat(region);
    });
    this.world.obeys = true;
  }

  do(next: Action): void {
    const { world } = this;
    const { pd, model, nowUs } = world;
    const regions = [...model.regions.values()];
    switch (next.kind) {
      case 'scheduler':
        if (next.on) pd.addScheduler(next.name, nowUs);
        else pd.removeScheduler(next.name);
        break;
      case 'run':
        world.elapse(next.us);
        break;
      case 'kill':
        if (STORES.every((id) => model.isUp(id))) model.kill(next.store, nowUs);
        break;
      case 'restart':
        for (const id of STORES) {
          if (model.isUp(id)) continue;
          model.restart(id, nowUs);
          world.storeHeartbeat(id);
        }
        world.report(regions);
        break;
      case 'busy':
        for (const one of model.stores.values()) one.busy = one.id === next.store;
        break;
      case 'split': {
        const region = regions[next.at % regions.length] as ModelRegion;
        const { startKey, endKey } = region.info;
        const isInside = next.key > startKey && (endKey === '' || next.key < endKey);
        if (isInside && model.isUp(model.leaderStore(region))) {
          world.report(model.split(region, next.key));
        }
        break;
      }
      case 'move': {
        const { id } = (regions[next.at % regions.length] as ModelRegion).info;
        pd.addOperator({ kind: 'move-peer', region: id, from: next.from, to: next.to }, nowUs);
        break;
      }
    }
    this.look();
  }

  /** Everything heals, the schedulers end, and a quarter of an hour goes by. */
  settle(): void {
    for (const name of SCHEDULERS.keys()) this.world.pd.removeScheduler(name);
    this.do({ kind: 'restart' });
    this.do({ kind: 'busy', store: 0 });
    this.do({ kind: 'run', us: 15 * MINUTE_US });
  }

  /** A command as it is given: nobody gets a vote who lags behind. */
  private judge(response: RegionHeartbeatResponse): void {
    this.look();
    if (response.kind !== 'change-peer') return;
    const { model } = this.world;
    const behind = model.regions.get(response.region)?.behind;
    for (const { kind, peer } of response.wishes) {
      if (kind === 'add-voter' && behind?.has(peer.id) && model.isUp(peer.store)) {
        this.broken.push(`region ${response.region} gives a vote to ${peer.id}, which lags`);
      }
    }
  }

  private look(): void {
    const { model } = this.world;
    let key = '';
    const regions = [...model.regions.values()].sort((a, b) =>
      a.info.startKey < b.info.startKey ? -1 : 1,
    );
    for (const region of regions) {
      const { id, peers, startKey, endKey } = region.info;
      const stores = new Set(peers.map((peer) => peer.store));
      if (stores.size < peers.length) this.broken.push(`region ${id} has two peers on one store`);
      if (!model.hasQuorum(region)) this.broken.push(`region ${id} has lost its quorum`);
      if (startKey !== key) this.broken.push(`no region, or two, at ${key}`);
      key = endKey;
    }
  }
}

describe('PD', () => {
  test('never costs a region its quorum, nor puts two of its peers on one store', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 5, maxLength: 40 }), (actions) => {
        const trial = new Trial();
        for (const next of actions) trial.do(next);
        expect(trial.broken).toEqual([]);
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  test('brings every region back to three voters once it is left in peace', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 5, maxLength: 30 }), (actions) => {
        const trial = new Trial();
        for (const next of actions) trial.do(next);
        trial.settle();
        const { pd, model } = trial.world;
        expect([...pd.operators.operators()]).toEqual([]);
        for (const { info, behind, merging } of model.regions.values()) {
          expect(info.peers.map(({ role }) => role)).toEqual(['voter', 'voter', 'voter']);
          expect([behind.size, merging]).toEqual([0, undefined]);
        }
      }),
      { seed: 12, numRuns: 30 },
    );
  });

  test.each([
    ['shuffle-leader-scheduler', 'shuffle-leader', 500],
    ['shuffle-region-scheduler', 'shuffle-region', 20],
  ])('%s keeps making progress for as long as it is on', (name, description, least) => {
    const trial = new Trial();
    trial.do({ kind: 'scheduler', name, on: true });
    let before = 0;
    for (let minute = 0; minute < 5; minute++) {
      trial.do({ kind: 'run', us: 10 * SECOND_US });
      const { finished } = trial.world.pd.counters.of(description);
      expect(finished - before).toBeGreaterThan(least);
      before = finished;
    }
    expect(trial.broken).toEqual([]);
  });

  test('random-merge goes on until one region is left', () => {
    const trial = new Trial();
    trial.do({ kind: 'scheduler', name: 'random-merge-scheduler', on: true });
    trial.do({ kind: 'run', us: 10 * MINUTE_US });
    expect(trial.world.model.regions.size).toBe(1);
    expect(trial.broken).toEqual([]);
  });

  test('all schedulers at once, with stores failing in turn, leave a whole cluster behind', () => {
    const trial = new Trial();
    for (const name of SCHEDULERS.keys()) trial.do({ kind: 'scheduler', name, on: true });
    for (let round = 0; round < 10; round++) {
      trial.do({ kind: 'kill', store: (round % STORES.length) + 1 });
      trial.do({ kind: 'run', us: 40 * SECOND_US });
      trial.do({ kind: 'restart' });
      for (const [index, key] of ['b', 'f', 'j', 'o', 't', 'x'].entries()) {
        trial.do({ kind: 'split', at: index, key });
      }
      trial.do({ kind: 'run', us: 20 * SECOND_US });
    }
    trial.settle();
    expect(trial.broken).toEqual([]);
    for (const { info } of trial.world.model.regions.values()) expect(info.peers).toHaveLength(3);
  });
});
