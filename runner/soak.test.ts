import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CALLS, type FakeRun, fakeWorker } from '../testing/fake-worker.ts';
import { type SoakEnd, type SoakRequest, soak } from './soak.ts';
import { SoakFolder, type SoakPlan } from './soak-folder.ts';
import type { SeedResult } from './soak-ledger.ts';
import { SILENT_SOAK } from './soak-progress.ts';
import { SHORT_RUNS } from './swarm-run-time.ts';

const SWARM = { pins: {}, nemeses: ['random_kill'], runTime: SHORT_RUNS };
const PLAN: SoakPlan = { case: 'ledger', swarm: SWARM, checkDeterminism: false };

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'wavetank-soak-'));
});
afterEach(() => {
  rmSync(out, { recursive: true });
});

function newFolder(plan: Partial<SoakPlan> = {}): SoakFolder {
  return SoakFolder.create(out, undefined, { ...PLAN, ...plan }, 'some');
}

/** A soak of all seeds in the table, in its order. */
function soakOf(
  folder: SoakFolder,
  runs: Readonly<Record<string, FakeRun>>,
  request: Partial<SoakRequest> = {},
): Promise<SoakEnd> {
  return soak({
    folder,
    seeds: Object.keys(runs),
    jobs: 4,
    timeoutMs: 30_000,
    forMs: undefined,
    keepPassing: false,
    program: fakeWorker(out, runs),
    progress: SILENT_SOAK,
    stop: new AbortController().signal,
    now: () => performance.now(),
    ...request,
  });
}

function bySeed({ results }: SoakEnd): Record<string, SeedResult> {
  return Object.fromEntries(results.map((result) => [result.seed, result]));
}

function calls(): string[] {
  return readFileSync(join(out, CALLS), 'utf8').trimEnd().split('\n');
}

function ledgerSeeds(folder: SoakFolder): string[] {
  const lines = readFileSync(folder.file('ledger.ndjson'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as SeedResult).seed);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(10);
}

describe('whatever becomes of a worker is a result, and costs no other seed its own', () => {
  test('when it answers, crashes, runs out of memory, or is killed', async () => {
    const folder = newFolder();
    const runs: Record<string, FakeRun> = {
      1: 'valid',
      2: 'invalid',
      3: 'no-progress',
      4: 'unknown',
      5: 'case-crash',
      6: 'crash',
      7: 'garbage',
      8: 'memory',
      9: 'suicide',
      10: 'interrupted',
      11: 'valid',
    };
    const end = await soakOf(folder, runs);
    expect(end.ending).toBe('complete');
    const found = bySeed(end);
    expect(Object.values(found).map(({ seed, outcome, check }) => [seed, outcome, check])).toEqual([
      ['1', 'valid', ''],
      ['2', 'invalid', 'ledger.total-zero'],
      ['3', 'no-progress', 'progress.after-heal'],
      ['4', 'unknown', 'faults.healed'],
      ['5', 'crashed', 'run.complete'],
      ['6', 'crashed', 'worker'],
      ['7', 'crashed', 'worker'],
      ['8', 'crashed', 'worker'],
      ['9', 'killed', 'worker'],
      ['10', 'killed', 'worker'],
      ['11', 'valid', ''],
    ]);
    expect(found['2']?.cause).toBe('summed to 2, not 0');
    expect(found['6']?.cause).toBe('TypeError: x is not a function');
    expect(found['8']?.cause).toBe('out of memory');
    expect(found['9']?.cause).toMatch(
      /^killed by SIGKILL, by hand or by a system short of memory$/,
    );
    expect(new Set(ledgerSeeds(folder))).toEqual(new Set(Object.keys(runs)));
  });

  test('when it hangs: asked to end, then killed', async () => {
    const runs = { 1: 'hang', 2: 'deaf', 3: 'valid' } as const;
    const end = await soakOf(newFolder(), runs, { timeoutMs: 6000, graceMs: 500 });
    const { 1: hang, 2: deaf, 3: valid } = bySeed(end);
    expect(hang).toMatchObject({ outcome: 'hung', cause: 'no result within 6 s of wall time' });
    expect(deaf).toMatchObject({
      outcome: 'hung',
      cause: 'no result within 6 s of wall time and did not end when asked to',
    });
    expect(valid?.outcome).toBe('valid');
  });

  test('when it cannot be started at all', async () => {
    const program = { file: join(out, 'nothing-here'), before: [] };
    const end = await soakOf(newFolder(), { 1: 'valid' }, { program });
    expect(bySeed(end)['1']).toMatchObject({ outcome: 'crashed', check: 'worker' });
    expect(bySeed(end)['1']?.cause).toContain('ENOENT');
  });
});

describe('a soak', () => {
  test('hands each worker its whole draw, and lets it read no configuration', async () => {
    await soakOf(newFolder({ swarm: { ...SWARM, pins: { tikv: 4 } } }), { 7: 'valid' });
    const [line = ''] = calls();
    expect(line).toMatch(/^run ledger .*--seed=7 /);
    for (const flag of ['run-time', 'nemesis', 'preset', 'scale', 'tidb-replicas', 'txn-mode']) {
      expect(line).toContain(`--${flag}=`);
    }
    expect(line).toMatch(/--tikv-replicas=4 .*--no-config .*--json --quiet --tied$/);
  });

  test('keeps failing runs whole and removes those that pass', async () => {
    const folder = newFolder();
    const {
      1: passed,
      2: failed,
      3: crashed,
    } = bySeed(await soakOf(folder, { 1: 'valid', 2: 'invalid', 3: 'crash' }));
    expect(passed?.runDir).toBe('');
    expect(existsSync(folder.runsOf('1'))).toBe(false);
    expect(failed?.runDir).toBe(join('runs', '2', 'ledger', '20260101T000000Z-2'));
    expect(existsSync(folder.file(`${failed?.runDir}/run.json`))).toBe(true);
    expect(crashed?.runDir).toBe(join('runs', '3', 'ledger', '20260101T000000Z-3'));
    const words = readFileSync(join(folder.runsOf('3'), 'worker.log'), 'utf8');
    expect(words).toContain('x is not a function');
  });

  test('keeps those that pass too, if asked', async () => {
    const folder = newFolder();
    await soakOf(folder, { 1: 'valid' }, { keepPassing: true });
    expect(folder.keptRuns()).toHaveLength(1);
  });

  test('runs no more workers at a time than it may', async () => {
    const runs = { 1: 'wait', 2: 'wait', 3: 'wait', 4: 'wait' } as const;
    const running = soakOf(newFolder(), runs, { jobs: 2 });
    await until(() => existsSync(join(out, CALLS)) && calls().length >= 2);
    await setTimeout(300);
    expect(calls()).toHaveLength(2);
    writeFileSync(join(out, 'go'), '');
    expect((await running).results).toHaveLength(4);
  });

  test('starts no seed when its time is over, but lets those that run end', async () => {
    let ms = 0;
    const now = (): number => (ms += 1000);
    const runs = { 1: 'valid', 2: 'valid', 3: 'valid', 4: 'valid' } as const;
    const end = await soakOf(newFolder(), runs, { jobs: 1, forMs: 5000, now });
    expect(end.ending).toBe('time');
    expect(end.results.length).toBeGreaterThan(0);
    expect(end.results.length).toBeLessThan(4);
  });
});

describe('a soak that checks determinism', () => {
  test('runs each seed a second time, and a trace that differs is the worst there is', async () => {
    const folder = newFolder({ checkDeterminism: true });
    const runs = {
      1: 'valid',
      2: 'other-trace',
      3: 'invalid',
      4: 'crash',
      5: 'replay-crash',
    } as const;
    const found = bySeed(await soakOf(folder, runs));
    expect(found['1']).toMatchObject({ outcome: 'valid', compared: true });
    expect(found['2']).toMatchObject({
      outcome: 'mismatch',
      check: 'trace-hash',
      cause: 'run twice: the traces part after event 4096',
      compared: true,
    });
    expect(found['3']).toMatchObject({ outcome: 'invalid', compared: true });
    expect(found['4']).toMatchObject({ outcome: 'crashed', compared: false });
    expect(found['5']).toMatchObject({ outcome: 'crashed', check: 'replay', compared: false });
    expect(existsSync(folder.runsOf('2'))).toBe(true);
    expect(calls().filter((line) => line.startsWith('replay '))).toHaveLength(4);
  });
});

describe('a soak that goes on', () => {
  test('runs only the seeds without a result, and remembers the others', async () => {
    const folder = newFolder();
    await soakOf(folder, { 1: 'valid', 2: 'invalid' });
    const end = await soakOf(SoakFolder.open(folder.path), {
      ...{ 1: 'crash', 2: 'crash', 3: 'valid' },
    });
    expect(end.results.map(({ seed, outcome }) => `${seed} ${outcome}`).sort()).toEqual([
      '1 valid',
      '2 invalid',
      '3 valid',
    ]);
    expect(calls()).toHaveLength(3);
  });

  test('after a kill that tore the last line runs that seed again', async () => {
    const folder = newFolder();
    await soakOf(folder, { 1: 'valid', 2: 'invalid' }, { jobs: 1 });
    appendFileSync(folder.file('ledger.ndjson'), '{"seed":"3","outc');
    const end = await soakOf(folder, { 1: 'crash', 2: 'crash', 3: 'valid' });
    expect(end.results).toHaveLength(3);
    expect(ledgerSeeds(folder)).toEqual(['1', '2', '3']);
  });

  test('removes what was left of runs that were cut off', async () => {
    const folder = newFolder();
    await soakOf(folder, { 1: 'invalid' });
    await soakOf(folder, { 2: 'invalid' });
    rmSync(folder.file('ledger.ndjson'));
    writeFileSync(folder.file('ledger.ndjson'), '');
    await soakOf(folder, {});
    expect(folder.keptRuns()).toEqual([]);
  });

  test('is refused while another process is at it, but not after one that is gone', async () => {
    const folder = newFolder();
    writeFileSync(folder.file('soak.pid'), `${process.ppid}\n`);
    await expect(soakOf(folder, { 1: 'valid' })).rejects.toThrow(/process \d+ is soaking here/);
    writeFileSync(folder.file('soak.pid'), '999999999\n');
    expect((await soakOf(folder, { 1: 'valid' })).results).toHaveLength(1);
    expect(existsSync(folder.file('soak.pid'))).toBe(false);
  });
});

describe('a soak that is stopped', () => {
  test('ends its workers, keeps what it has, and later does what is left', async () => {
    const folder = newFolder();
    const stop = new AbortController();
    const runs = { 1: 'valid', 2: 'invalid', 3: 'hang', 4: 'wait', 5: 'valid' } as const;
    const running = soakOf(folder, runs, { jobs: 2, stop: stop.signal });
    await until(() => existsSync(join(out, CALLS)) && calls().length === 4);
    await setTimeout(200);
    stop.abort();
    const end = await running;
    expect(end.ending).toBe('stopped');
    expect(ledgerSeeds(folder).sort()).toEqual(['1', '2']);
    expect(folder.keptRuns()).toHaveLength(1);
    writeFileSync(join(out, 'go'), '');
    const again = await soakOf(folder, { ...runs, 3: 'valid' });
    expect(again.ending).toBe('complete');
    expect(again.results.map(({ seed }) => seed).sort()).toEqual(['1', '2', '3', '4', '5']);
  });

  test('before it began starts nothing', async () => {
    const end = await soakOf(newFolder(), { 1: 'valid' }, { stop: AbortSignal.abort() });
    expect(end).toMatchObject({ ending: 'stopped', results: [] });
    expect(existsSync(join(out, CALLS))).toBe(false);
  });
});

test('a failure of the soak itself ends its workers', async () => {
  const folder = newFolder();
  const runs = { 1: 'valid', 2: 'hang' } as const;
  const progress = {
    ...SILENT_SOAK,
    ended() {
      throw new Error('no space left');
    },
  };
  const started = performance.now();
  await expect(soakOf(folder, runs, { progress })).rejects.toThrow('no space left');
  expect(performance.now() - started).toBeLessThan(15_000);
});
