import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../nemesis/plan.ts';
import { runInMemory } from '../../testing/run-in-memory.ts';
import { VirtualWire } from '../../testing/virtual-wire.ts';

const SECOND_US = 1_000_000;
const SETTINGS = {
  seed: '32624',
  runTimeUs: 2 * SECOND_US,
  preset: 'hot',
  accounts: 20,
  concurrency: 6,
} as const;
/** A TiDB node dies with connections open, and a store with requests under way. */
const PLAN: Plan = {
  faults: [
    kill('tidb-0', 0.4 * SECOND_US, 0.9 * SECOND_US),
    kill('tikv-1', 1.1 * SECOND_US, 1.6 * SECOND_US),
  ],
};

function kill(target: string, atUs: number, untilUs: number) {
  return { atUs, untilUs, nemesis: 'random_kill', fault: 'kill', target, parameters: {} };
}

async function throughMysql2() {
  const wire = new VirtualWire();
  const drain = () => wire.drain();
  const run = await runInMemory(SETTINGS, drain, PLAN, (source) => wire.over(source));
  return { ...run, seen: wire.seen };
}

describe('the ledger, through mysql2 and the MySQL protocol', () => {
  test('leaves the trace that it leaves through direct sessions, each time', async () => {
    const direct = await runInMemory(SETTINGS, async () => setImmediate(), PLAN);
    const first = await throughMysql2();
    const second = await throughMysql2();
    expect(direct.verdict.verdict).toBe('valid');
    expect(direct.result.faults.map(({ tookEffect }) => tookEffect)).toEqual([true, true]);
    const lost = direct.ops.filter(({ error }) => error?.includes('Lost connection') === true);
    expect(lost).not.toHaveLength(0);
    expect(first.seen.packets).toBeGreaterThan(1000);
    expect(first.ops).toEqual(direct.ops);
    expect(first.result.events).toBe(direct.result.events);
    expect([first.result.hash, second.result.hash]).toEqual([
      direct.result.hash,
      direct.result.hash,
    ]);
  });
});
