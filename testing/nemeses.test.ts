/**
 * Every nemesis, for a few minutes of virtual time, against a whole cluster under load: the
 * database must come through, and each fault must have been seen to happen and to be over.
 */
import { describe, expect, test } from 'vitest';
import { NEMESES } from '../nemesis/index.ts';
import type { Plan } from '../nemesis/plan.ts';
import { drain } from '../runner/run.ts';
import type { Settings } from '../runner/settings.ts';
import { runInMemory } from './run-in-memory.ts';

const SECOND_US = 1_000_000;

/** Some seven postings a second, and regions small enough to be split, merged and moved. */
const LOAD: Settings = {
  ...{ scaleDenominator: 32, accounts: 50, concurrency: 5, intervalUs: 5 * SECOND_US },
  ...{ tikv: 4, runTimeUs: 130 * SECOND_US },
};

async function underFaults(settings: Settings) {
  const { result, verdict } = await runInMemory({ ...LOAD, ...settings }, drain);
  expect(verdict).toMatchObject({ verdict: 'valid', cause: '' });
  expect(result.faults.length).toBeGreaterThan(0);
  return result;
}

/** Each store's disk hangs for a moment, and in that moment the store ends. */
function endings(fault: 'kill' | 'power_cut'): Plan {
  const faults = [0, 1, 2, 3].flatMap((store) => {
    const aimed = { nemesis: 'hand', target: `tikv-${store}`, parameters: {} };
    const atUs = store * 30 * SECOND_US;
    const cutUs = atUs + SECOND_US;
    return [
      { ...aimed, fault: 'stall_disk', atUs, untilUs: cutUs + SECOND_US },
      { ...aimed, fault, atUs: cutUs, untilUs: cutUs + 15 * SECOND_US },
    ];
  });
  return { faults };
}

test('a store that acknowledges too early is found out by losing power, not by being killed', {
  timeout: 120_000,
}, async () => {
  const hasty: Settings = { ...LOAD, seed: '1', bugs: ['raft.ack-before-persist'] };
  const verdicts = [];
  for (const fault of ['kill', 'power_cut'] as const) {
    verdicts.push((await runInMemory(hasty, drain, endings(fault))).verdict.verdict);
  }
  expect(verdicts).toEqual(['valid', 'invalid']);
});

test('a member of PD whose power fails while its disk hangs finds its log whole', async () => {
  const aimed = { nemesis: 'hand', target: 'pd-0', parameters: {} };
  const faults = [
    { ...aimed, fault: 'stall_disk', atUs: 0, untilUs: 2 * SECOND_US },
    { ...aimed, fault: 'power_cut', atUs: SECOND_US, untilUs: 8 * SECOND_US },
  ];
  for (const seed of ['1', '2', '3', '4', '5', '6', '7', '8']) {
    const short: Settings = { ...LOAD, tikv: 3, runTimeUs: 10 * SECOND_US, seed };
    expect((await runInMemory(short, drain, { faults })).verdict).toMatchObject({ cause: '' });
  }
});

describe('a ledger survives', () => {
  test.each(NEMESES.map(({ name }) => name))('%s', { timeout: 60_000 }, async (name) => {
    await underFaults({ nemeses: [name], seed: '32624' });
  });

  const trouble = ['random_kill', 'partition_one', 'loss', 'pause', 'big_skews', 'slow_disk'];
  test('several at once, and the same again', { timeout: 120_000 }, async () => {
    const settings: Settings = { nemeses: trouble, nemesisMode: 'overlap', seed: '5' };
    const result = await underFaults(settings);
    expect(new Set(result.faults.map(({ nemesis }) => nemesis))).toEqual(new Set(trouble));
    expect((await underFaults(settings)).hash).toBe(result.hash);
  });
});
