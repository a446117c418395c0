import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NEMESES } from '../nemesis/index.ts';
import { SECOND_US } from './duration.ts';
import { resolveOptions } from './options.ts';
import type { Settings } from './settings.ts';
import { drawSettings, SWARM_DIMENSIONS, type Swarm } from './swarm.ts';

const NAMES = ['kill', 'pause', 'partition', 'skew', 'corrupt', 'shuffle'];
const SWARM: Swarm = {
  pins: {},
  nemeses: NAMES,
  runTime: { fromUs: 30 * SECOND_US, toUs: 90 * SECOND_US },
};

/** One value that no draw gives, for each dimension. */
const PINS: Required<Pick<Settings, (typeof SWARM_DIMENSIONS)[number]>> = {
  tidb: 9,
  tikv: 9,
  pd: 9,
  nemeses: ['another'],
  nemesisMode: 'overlap',
  preset: 'oom',
  scaleDenominator: 2,
  accounts: 999,
  concurrency: 999,
  intervalUs: 1,
  txnMode: 'optimistic',
  verifyFrom: 'leader',
  runTimeUs: 1,
  memQuotaBytes: 999,
  oomAction: 'log',
  executorConcurrency: 99,
  tmpStorage: 'off',
  tmpStorageQuotaBytes: 999,
  serverMemoryLimit: '99%',
  memoryMix: { sort: 99, join: 0, aggregate: 0, distinct: 0 },
};

const SEED = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String);
const PINNED = fc.subarray([...SWARM_DIMENSIONS]);

function pinsOf(names: readonly (keyof typeof PINS)[]): Settings {
  return Object.fromEntries(names.map((name) => [name, PINS[name]]));
}

function without(settings: Settings, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}

describe('the draw of a seed', () => {
  test('is the same each time, and depends on nothing that was drawn before', () => {
    fc.assert(
      fc.property(SEED, SEED, (seed, other) => {
        const first = drawSettings(seed, SWARM);
        drawSettings(other, SWARM);
        expect(drawSettings(seed, SWARM)).toEqual(first);
        expect(first.seed).toBe(seed);
      }),
      { seed: 1 },
    );
  });

  test('has what is pinned as it is pinned, and all else as if nothing were', () => {
    fc.assert(
      fc.property(SEED, PINNED, (seed, names) => {
        const free = drawSettings(seed, SWARM);
        const pinned = drawSettings(seed, { ...SWARM, pins: pinsOf(names) });
        expect(pinned).toMatchObject(pinsOf(names));
        expect(without(pinned, names)).toEqual(without(free, names));
      }),
      { seed: 2 },
    );
  });

  test('loses nothing but the nemesis that is excluded, and shifts nothing else', () => {
    fc.assert(
      fc.property(SEED, fc.constantFrom(...NAMES), (seed, excluded) => {
        const nemeses = NAMES.filter((name) => name !== excluded);
        const { nemeses: all = [], ...rest } = drawSettings(seed, SWARM);
        const { nemeses: left = [], ...others } = drawSettings(seed, { ...SWARM, nemeses });
        expect(others).toEqual(rest);
        expect(left).not.toContain(excluded);
        if (all.length !== 1) expect(left).toEqual(all.filter((name) => name !== excluded));
      }),
      { seed: 3 },
    );
  });

  test('does not depend on the order in which nemeses are registered', () => {
    fc.assert(
      fc.property(SEED, (seed) => {
        const turned = { ...SWARM, nemeses: NAMES.toReversed() };
        expect(drawSettings(seed, turned)).toEqual(drawSettings(seed, SWARM));
      }),
      { seed: 4 },
    );
  });

  test('has a run time inside the range, both ends included', () => {
    const runTime = { fromUs: 5 * SECOND_US, toUs: 7 * SECOND_US };
    const seen = seeds(100).map((seed) => drawSettings(seed, { ...SWARM, runTime }).runTimeUs);
    expect(new Set(seen)).toEqual(new Set([5, 6, 7].map((s) => s * SECOND_US)));
  });

  test('is one that can run, with every nemesis there is', () => {
    const swarm = { ...SWARM, nemeses: NEMESES.map(({ name }) => name) };
    for (const seed of seeds(500)) {
      const options = resolveOptions('ledger', drawSettings(seed, swarm), () => 'none');
      expect(options.seed).toBe(seed);
    }
  });

  test('has as many members of PD as pinned nemeses need', () => {
    const pins: Settings = { nemeses: ['kill_pd_nonleader_5min'] };
    for (const seed of seeds(50)) expect(drawSettings(seed, { ...SWARM, pins }).pd).toBe(3);
  });
});

describe('a thousand draws', () => {
  const draws = seeds(1000).map((seed) => drawSettings(seed, SWARM));

  test('control memory in every way, of the version that has all of it only', () => {
    const seen = (name: keyof Settings): Set<unknown> =>
      new Set(draws.map((draw) => JSON.stringify(draw[name])));
    expect(seen('oomAction')).toEqual(new Set(['"cancel"', '"log"']));
    expect(seen('tmpStorage')).toEqual(new Set(['"on"', '"off"']));
    expect(seen('executorConcurrency')).toEqual(new Set(['1', '2', '5', '16']));
    expect(seen('serverMemoryLimit')).toContain('"10%"');
    for (const name of ['memQuotaBytes', 'tmpStorageQuotaBytes', 'memoryMix'] as const) {
      expect(seen(name)).toContain(undefined);
      expect(seen(name).size).toBeGreaterThan(3);
    }
    const older = drawSettings('1', { ...SWARM, pins: { profile: 'v6.5.0' } });
    expect(older.oomAction).toBeUndefined();
    expect(older.tikv).toBe(drawSettings('1', SWARM).tikv);
  });

  test('see every value of every dimension, and leave things to the preset too', () => {
    const values = (name: keyof Settings): Set<unknown> => new Set(draws.map((draw) => draw[name]));
    expect(values('tidb')).toEqual(new Set([1, 2]));
    expect(values('tikv')).toEqual(new Set([3, 4, 5]));
    expect(values('pd')).toEqual(new Set([1, 3]));
    expect(values('preset')).toEqual(new Set(['oom', 'hot']));
    expect(values('nemesisMode')).toEqual(new Set(['round-robin', 'overlap']));
    expect(values('txnMode')).toEqual(new Set(['pessimistic', 'optimistic']));
    expect(values('accounts')).toContain(undefined);
    expect(values('accounts')).toContain(2);
    expect(values('scaleDenominator')).toContain(undefined);
    expect(values('runTimeUs').size).toBe(61);
  });

  test('have no nemesis at times, one often, and many too; each comes first somewhere', () => {
    const sizes = draws.map(({ nemeses = [] }) => nemeses.length);
    const share = (size: number): number => sizes.filter((n) => n === size).length / 1000;
    expect(share(0)).toBeCloseTo(1 / 7, 1);
    expect(share(1)).toBeGreaterThan(0.25);
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(4);
    expect(new Set(draws.map(({ nemeses = [] }) => nemeses[0]))).toEqual(
      new Set([...NAMES, undefined]),
    );
  });

  test('tie no dimension to another', () => {
    const together = new Set(
      draws.map(({ tikv, preset, txnMode }) => `${tikv} ${preset} ${txnMode}`),
    );
    expect(together.size).toBe(3 * 2 * 2);
  });
});

function seeds(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i + 1));
}
