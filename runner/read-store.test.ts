import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sampleSoakReport } from '../testing/sample-soak.ts';
import { resolveOptions } from './options.ts';
import { readStore } from './read-store.ts';
import { RunFolder, type RunRecord } from './run-folder.ts';
import { SOAK_FILES, SoakFolder } from './soak-folder.ts';
import { SHORT_RUNS } from './swarm-run-time.ts';
import { versions } from './version.ts';

const SWARM = { pins: {}, nemeses: [], runTime: SHORT_RUNS };
const PLAN = { case: 'ledger', swarm: SWARM, checkDeterminism: false };

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'wavetank-store-'));
});
afterEach(() => {
  rmSync(out, { recursive: true });
});

/** A run that has begun and was never heard of again. */
function leaveRun(store: string, seed: string, startedAt: string): RunFolder {
  const options = resolveOptions('ledger', { seed, preset: 'hot', nemeses: [] }, () => '1');
  const folder = RunFolder.create(store, options, startedAt);
  const schema = 'wavetank.record/1';
  const record: RunRecord = { schema, startedAt, versions: versions(), platform: '', options };
  folder.writeJson('run.json', record);
  return folder;
}

test('an empty store, or one that is not there, has an empty index', () => {
  expect(readStore(out)).toEqual({ runs: [], soaks: [] });
  expect(readStore(join(out, 'nothing'))).toEqual({ runs: [], soaks: [] });
});

test('runs come newest first, those kept by soaks among them', () => {
  const soak = SoakFolder.create(out, undefined, PLAN, '1..9');
  leaveRun(out, '7', '2026-11-21T09:00:00.000Z');
  leaveRun(soak.runsOf('8'), '8', '2026-11-21T10:00:00.000Z');
  leaveRun(out, '9', '2026-11-21T11:00:00.000Z').write('report.html', '');
  const { runs, soaks } = readStore(out);
  const [{ name = '' } = {}] = soaks;
  expect(runs.map(({ seed, soak, report, folder }) => [seed, soak, report, folder])).toEqual([
    ['9', '', 'ledger/20261121T110000Z-9/report.html', 'ledger/20261121T110000Z-9'],
    ['8', name, '', `soak/${name}/runs/8/ledger/20261121T100000Z-8`],
    ['7', '', '', 'ledger/20261121T090000Z-7'],
  ]);
  expect(runs[0]).toMatchObject({ verdict: 'unknown', cause: 'it has not come to an end' });
  expect(runs[0]?.configuration).toBe('hot, no nemesis');
});

test('a soak has what its summary says, and links into its folder', () => {
  const soak = SoakFolder.create(out, undefined, PLAN, '1..12');
  expect(readStore(out).soaks[0]).toMatchObject({ verdict: 'unknown', failures: [], summary: '' });
  soak.write(SOAK_FILES.summary, JSON.stringify(sampleSoakReport()));
  const [indexed] = readStore(out).soaks;
  expect(indexed).toMatchObject({
    verdict: 'invalid',
    seeds: '1..12',
    outcomes: [
      ['valid', 8],
      ['hung', 1],
      ['invalid', 3],
    ],
  });
  expect(indexed?.failures[0]).toMatchObject({
    what: 'ledger.total-zero: summed to -298, not 0, at 0:00:09',
    link: `soak/${indexed?.name}/runs/9/ledger/20261121T094631Z-9`,
  });
});

test('a soak elsewhere is there too, once, and a path with odd letters is a proper link', () => {
  const elsewhere = join(out, 'my soaks #1');
  mkdirSync(elsewhere);
  SoakFolder.create(out, join(elsewhere, 'a'), PLAN, '1');
  const inside = SoakFolder.create(out, undefined, PLAN, '1');
  const { soaks } = readStore(out, [join(elsewhere, 'a'), inside.path]);
  expect(soaks.map(({ folder }) => folder).sort()).toEqual([
    'my%20soaks%20%231/a',
    expect.stringMatching(/^soak\/\w+$/),
  ]);
});

test('what cannot be read is left out, and costs nothing else its place', () => {
  leaveRun(out, '7', '2026-11-21T09:00:00.000Z');
  leaveRun(out, '8', '2026-11-21T09:00:01.000Z').write('run.json', '{"schema": "wavet');
  const soak = SoakFolder.create(out, undefined, PLAN, '1');
  soak.write(SOAK_FILES.record, 'not JSON');
  mkdirSync(join(out, 'ledger', 'empty'));
  writeFileSync(join(out, 'a file'), '');
  const { runs, soaks } = readStore(out);
  expect(runs.map(({ seed }) => seed)).toEqual(['7']);
  expect(soaks).toEqual([]);
});
