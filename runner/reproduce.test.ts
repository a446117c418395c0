import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderReproduction } from '../reports/reproduce-text.ts';
import { BREACH_LOG } from '../testing/sample-breach.ts';
import { reproduce } from './reproduce.ts';
import type { Reproduction } from './reproduction.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wavetank-reproduce-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** How a run of each version ends, and what a TiDB node of it logs. */
interface Ending {
  readonly verdict: string;
  readonly log: readonly string[];
}

const PANIC: Ending = { verdict: 'invalid', log: BREACH_LOG };
const CALM: Ending = { verdict: 'valid', log: [] };

/** Stands for `wavetank run`: ends as its table says for the version it is given. */
const WORKER = String.raw`
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
const valueOf = (flag) =>
  process.argv.find((arg) => arg.startsWith(flag + '='))?.slice(flag.length + 1);
const { verdict, log } = ENDINGS[valueOf('--tidb-version') ?? 'v8.5.0'];
if (verdict === 'crash') throw new RangeError('out of range');
const runDir = mkdtempSync(join(valueOf('--out'), 'run-'));
mkdirSync(join(runDir, 'logs'));
writeFileSync(join(runDir, 'logs', 'tidb-0.log'), log.join('\n'));
const memory = { quota: 16, peakTracked: 20, actions: { cancel: 1 } };
const verifications = { ok: 3, failed: 1 };
const schema = 'wavetank.run/1';
const cause = 'cause of ' + verdict;
process.stdout.write(
  JSON.stringify({ schema, verdict, cause, runDir, memory, verifications, report: '' }) + '\n',
);
`;

async function outcome(v5: Ending, v8: Ending): Promise<Reproduction> {
  const script = join(folder, 'worker.mjs');
  const endings = { 'v5.5.0-nightly': v5, 'v8.5.0': v8 };
  writeFileSync(script, `const ENDINGS = ${JSON.stringify(endings)};\n${WORKER}`);
  return reproduce({
    ...{ issue: '32624', seed: '7', settings: {}, jobs: 2, timeoutMs: 30_000, out: folder },
    program: { file: process.execPath, before: [script] },
    stop: new AbortController().signal,
    done: () => {},
  });
}

describe('the issue is reproduced', () => {
  test('if the old version fails as in the issue and the new one does not', async () => {
    const report = await outcome(PANIC, CALM);
    expect(report).toMatchObject({ reproduced: true, differences: [], seed: '7' });
    expect(report.columns.map(({ summary }) => summary?.verdict)).toEqual([
      ...['invalid', 'valid', 'valid'],
    ]);
    expect(report.issueLog.every(({ found }) => found)).toBe(true);
    const text = renderReproduction(report, { colour: false });
    expect(text).toContain('✓ reproduced');
    expect(text).toMatch(/destroy one token now × 2: 14 … 13 of 15/);
  });

  test('but not if nothing fails', async () => {
    const { reproduced, differences } = await outcome(CALM, CALM);
    expect(reproduced).toBe(false);
    expect(differences).toEqual([
      'v5.5.0-nightly: valid, not invalid (cause of valid)',
      'v5.5.0-nightly: no line, in order: destroy-token',
    ]);
  });

  test('nor if the new version fails, too', async () => {
    const { reproduced, differences } = await outcome(PANIC, PANIC);
    expect(reproduced).toBe(false);
    expect(differences).toHaveLength(2);
  });

  test('nor if it fails, but otherwise than in the issue', async () => {
    const other = BREACH_LOG.filter((line) => !line.includes('delegate to fallback'));
    const { reproduced, differences, issueLog } = await outcome({ ...PANIC, log: other }, CALM);
    expect(reproduced).toBe(false);
    expect(differences).toEqual(['v5.5.0-nightly: no line, in order: delegate']);
    expect(issueLog.filter(({ found }) => found)).toHaveLength(1);
  });

  test('nor if a run gives no answer; the others are kept', async () => {
    const { differences, columns } = await outcome({ verdict: 'crash', log: [] }, CALM);
    expect(differences[0]).toMatch(/^v5\.5\.0-nightly: .*out of range/);
    expect(columns.map(({ summary }) => summary?.verdict)).toEqual([undefined, 'valid', 'valid']);
  });
});
