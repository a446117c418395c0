import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Clockwork, EmptyWorld } from '../testing/clockwork.ts';
import { type RunOptions, resolveOptions } from './options.ts';
import { SILENT } from './progress.ts';
import { replay } from './replay.ts';
import type { RunReport } from './report.ts';
import { run } from './run.ts';
import { RunFolder } from './run-folder.ts';
import type { Observer, SimulationInput } from './simulation.ts';

/** The folder is what is tested here, so the cluster is an empty world and the case a clockwork. */
vi.mock('./assemble.ts', () => ({
  assemble: (options: RunOptions, observer: Observer): SimulationInput => {
    const world = new EmptyWorld();
    return {
      cluster: world,
      version: 'v8.5.0',
      case: new Clockwork(world),
      plan: { faults: [] },
      runTimeUs: options.runTimeUs,
      random: () => ({ nextInt: () => 0, nextInt63: () => 0n }),
      observer,
    };
  },
}));

const options = resolveOptions('ledger', { runTimeUs: 10_000_000, seed: '7' }, () => '1');

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'wavetank-run-'));
});
afterEach(() => {
  rmSync(out, { recursive: true });
});

async function runHere(stopping = () => false): Promise<RunReport> {
  return run({ options, out, progress: SILENT, stopping });
}

describe('a run', () => {
  test('leaves a folder with everything, named after time and seed', async () => {
    const { summary } = await runHere();
    expect(summary).toMatchObject({
      verdict: 'valid',
      exitCode: 0,
      seed: '7',
      scale: '1/64',
      simulatedSeconds: 13,
      operations: { ok: 10, fail: 0, info: 0 },
    });
    expect(summary.cause).toBe(
      'all 13 checks held over 10 operations, 0 verifications and 0 faults in 13s of virtual time',
    );
    expect(summary.runDir).toMatch(/[/\\]ledger[/\\]\d{8}T\d{6}Z-7$/);
    // The page is there once the package is built.
    const files = readdirSync(summary.runDir).filter((name) => name !== 'report.html');
    expect(files.sort()).toEqual([
      'checkpoints.txt',
      'history-000.ndjson',
      'junit.xml',
      'logs',
      'metrics.json',
      'plan.yaml',
      'report.json',
      'run.json',
    ]);
    expect(readdirSync(join(summary.runDir, 'logs'))).toEqual(['tikv-0.log']);
    const record = new RunFolder(summary.runDir).readRecord();
    expect(record).toMatchObject({ options, summary: { verdict: 'valid', hash: summary.hash } });
    const history = readFileSync(join(summary.runDir, 'history-000.ndjson'), 'utf8');
    expect(history.trimEnd().split('\n')).toHaveLength(10);
  });

  test('that is interrupted is unknown, and everything up to then is written', async () => {
    let asked = 0;
    const { summary } = await runHere(() => ++asked > 80);
    expect(summary).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(summary.cause).toMatch(/^interrupted in the safety phase, at 8s\d+ms/);
    const history = readFileSync(join(summary.runDir, 'history-000.ndjson'), 'utf8');
    expect(history.trimEnd().split('\n')).toHaveLength(6);
    expect(new RunFolder(summary.runDir).readRecord().summary?.verdict).toBe('unknown');
  });

  test('gives the line that runs it again, with what is not at its default', async () => {
    const { replayCommand } = await runHere();
    expect(replayCommand).toBe('npx wavetank run ledger --run-time=10s --seed=7');
  });

  test('is found again by path, by name, and as the last', async () => {
    const first = (await runHere()).summary.runDir;
    const second = (await runHere()).summary.runDir;
    expect(second).not.toBe(first);
    expect(RunFolder.find(out, first).path).toBe(first);
    expect(RunFolder.find(out, 'last').path).toBe(second);
    expect(() => RunFolder.find(out, 'lost')).toThrow(/no run "lost": expected a run folder/);
  });
});

describe('a replay', () => {
  test('of a whole run and of an interrupted one has the same hash', async () => {
    let asked = 0;
    for (const stopping of [() => false, () => ++asked > 80]) {
      const { summary } = await runHere(stopping);
      const again = await replay(new RunFolder(summary.runDir), SILENT, () => false);
      expect(again).toMatchObject({ same: true, hash: summary.hash, difference: '', warnings: [] });
    }
  });

  test('says what differs', async () => {
    const { summary } = await runHere();
    const folder = new RunFolder(summary.runDir);
    const record = folder.readRecord();
    folder.writeJson('run.json', { ...record, summary: { ...summary, hash: 'another' } });
    const again = await replay(folder, SILENT, () => false);
    expect(again).toMatchObject({
      same: false,
      difference: 'the traces have no checkpoint in common',
    });
  });
});
