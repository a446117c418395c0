import { LEDGER_PRESETS, type MemoryMix, PRESET_SCALES } from '../cases/index.ts';
import { Rng } from '../cluster/sim/rng.ts';
import { findNemesis } from '../nemesis/index.ts';
import { SECOND_US } from './duration.ts';
import type { Settings } from './settings.ts';
import type { RunTimeRange } from './swarm-run-time.ts';

/**
 * Swarm testing (Groce et al., ISSTA 2012): instead of one configuration that has everything in it,
 * each seed draws its own. A fault that is always on can hide what another would have shown, so
 * leaving things out finds more than putting everything in.
 *
 * The draw is a pure function of the seed. Each dimension has a stream of its own: to pin one, or
 * to leave a nemesis out, shifts none of the others, so a failure stays in sight while a person
 * narrows it down by hand.
 */

/** What can be drawn. Everything else of a run is the same for all seeds of a soak. */
export const SWARM_DIMENSIONS = [
  ...['tidb', 'tikv', 'pd', 'nemeses', 'nemesisMode', 'preset', 'scaleDenominator'],
  ...['accounts', 'concurrency', 'intervalUs', 'txnMode', 'verifyFrom', 'runTimeUs'],
  ...['memQuotaBytes', 'oomAction', 'executorConcurrency', 'tmpStorage', 'tmpStorageQuotaBytes'],
  ...['serverMemoryLimit', 'memoryMix'],
] as const satisfies readonly (keyof Settings)[];

/** Name of a setting that a swarm draws. */
export type SwarmDimension = (typeof SWARM_DIMENSIONS)[number];

/** What a swarm draws from. Plain JSON: a soak keeps it, so that it draws the same when resumed. */
export interface Swarm {
  /** Settings that are as they are, whatever the seed. */
  readonly pins: Settings;
  /** Nemeses that may be drawn. */
  readonly nemeses: readonly string[];
  readonly runTime: RunTimeRange;
}

/** Half of the seeds verify as tipocket does, of the leaders alone. */
const VERIFIED = [
  ...(['leader', 'leader', 'leader', 'leader'] as const),
  ...(['follower', 'leader-and-follower', 'stale', 'stale'] as const),
];

/** The settings of one seed: what it drew, under the pins. A dimension left out is the preset’s. */
export function drawSettings(seed: string, swarm: Swarm): Settings {
  const drawn: { -readonly [K in keyof Settings]: Settings[K] } = {};
  const stream = (label: string): Rng => new Rng(seed, `swarm/${label}`);
  drawn.tidb = pick(stream('tidb'), [1, 2]);
  drawn.tikv = pick(stream('tikv'), [3, 4, 5]);
  drawn.pd = pick(stream('pd'), [1, 3, 3, 3]);
  // Nemeses that are pinned stay, and get the members they need.
  if ((swarm.pins.nemeses ?? []).some((name) => leastPd(name) > 1)) drawn.pd = 3;
  const members = swarm.pins.pd ?? drawn.pd;
  drawn.nemeses = drawNemeses(
    stream,
    swarm.nemeses.filter((name) => leastPd(name) <= members),
  );
  drawn.nemesisMode = pick(stream('nemesis-mode'), ['round-robin', 'round-robin', 'overlap']);
  drawn.preset = pick(stream('preset'), ['oom', 'hot']);
  drawn.txnMode = pick(stream('txn-mode'), ['pessimistic', 'pessimistic', 'optimistic']);
  drawn.verifyFrom = pick(stream('verify-from'), VERIFIED);
  drawn.concurrency = pick(stream('concurrency'), [1, 2, 3, 5, 8, 13, 21]);
  drawn.intervalUs = pick(stream('interval'), [1, 2, 5, 10, 30]) * SECOND_US;
  drawn.runTimeUs = drawRunTime(stream('run-time'), swarm.runTime);
  const accounts = pick(stream('accounts'), [undefined, undefined, 2, 3, 7, 20, 60, 200]);
  if (accounts !== undefined) drawn.accounts = accounts;
  const scale = pick(stream('scale'), [undefined, 16, 64, 64, 256, 1024]);
  if (scale !== undefined) drawn.scaleDenominator = scale;
  return { ...drawn, ...drawMemory(stream, drawn, swarm.pins), ...swarm.pins, seed };
}

function leastPd(nemesis: string): number {
  return findNemesis(nemesis)?.leastPd ?? 1;
}

const MEBIBYTE = 2 ** 20;
const KIBIBYTE = 2 ** 10;

/**
 * Memory control, of the version that has all of it. The quota of all is such that a verification
 * can live with it even where nothing may be spilled: one that is always denied shows nothing.
 * Readers draw smaller ones of their own.
 */
function drawMemory(
  stream: (label: string) => Rng,
  { preset = 'oom', scaleDenominator = PRESET_SCALES[preset], accounts }: Settings,
  { profile }: Settings,
): Settings {
  if (profile !== undefined && profile !== 'v8.5.0') return {};
  const drawn: { -readonly [K in keyof Settings]: Settings[K] } = {};
  const accountCount = accounts ?? LEDGER_PRESETS[preset](scaleDenominator).accounts;
  const needed = MEBIBYTE + accountCount * KIBIBYTE;
  const quota = pick(stream('mem-quota'), [undefined, undefined, 1, 1, 2, 8]);
  if (quota !== undefined) drawn.memQuotaBytes = quota * needed;
  drawn.oomAction = pick(stream('oom-action'), ['cancel', 'cancel', 'cancel', 'log']);
  drawn.executorConcurrency = pick(stream('executor-concurrency'), [1, 1, 2, 5, 5, 16]);
  drawn.tmpStorage = pick(stream('tmp-storage'), ['on', 'on', 'on', 'on', 'off']);
  const tmp = pick(stream('tmp-storage-quota'), [undefined, undefined, undefined, 1, 4, 16]);
  if (tmp !== undefined) drawn.tmpStorageQuotaBytes = tmp * MEBIBYTE;
  const limit = pick(stream('server-memory-limit'), [undefined, undefined, '0', '40%', '10%']);
  if (limit !== undefined) drawn.serverMemoryLimit = limit;
  const mix = drawMix(stream('memory-mix'));
  if (mix !== undefined) drawn.memoryMix = mix;
  return drawn;
}

/** Two seeds of three have readers. */
function drawMix(rng: Rng): MemoryMix | undefined {
  const has = rng.chance(2, 3);
  const weight = (): number => pick(rng, [0, 0, 1, 1, 3]);
  const mix = { sort: weight(), join: weight(), aggregate: weight(), distinct: weight() };
  const total = mix.sort + mix.join + mix.aggregate + mix.distinct;
  return has && total > 0 ? mix : undefined;
}

/**
 * No nemesis, one, or each by the toss of a loaded coin, in random order. Whether a nemesis is
 * among many is decided by a stream of its own name: what else there is to draw from has no say.
 * Of some forty nemeses a few are three and many are ten: with more at once nothing works for so
 * long that nothing can be seen to be wrong.
 */
function drawNemeses(stream: (label: string) => Rng, names: readonly string[]): readonly string[] {
  const rank = (name: string): number => stream(`nemesis-rank/${name}`).nextU32();
  const ranks = new Map(names.map((name) => [name, rank(name)]));
  const order = [...names].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
  const mix = pick(stream('nemesis-mix'), ['none', 'one', 'one', 'few', 'few', 'few', 'many']);
  if (mix === 'none') return [];
  const inTwelve = { one: 0, few: 1, many: 3 }[mix];
  const drawn = order.filter((name) => stream(`nemesis/${name}`).chance(inTwelve, 12));
  return drawn.length > 0 ? drawn : order.slice(0, 1);
}

function drawRunTime(rng: Rng, { fromUs, toUs }: RunTimeRange): number {
  const seconds = Math.floor((toUs - fromUs) / SECOND_US);
  return fromUs + rng.nextInt(seconds + 1) * SECOND_US;
}

function pick<const T>(rng: Rng, from: readonly T[]): T {
  return from[rng.nextInt(from.length)] as T;
}
