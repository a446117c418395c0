import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BUGS } from '../cluster/bugs.ts';
import { planProblems } from '../nemesis/plan-problems.ts';
import { renderMutantsMarkdown } from '../reports/mutants-markdown.ts';
import { renderMutantsText } from '../reports/mutants-text.ts';
import { adversityOf, fault, hot, type MutantRecipe, nameOf, optionsOf } from './mutant-recipe.ts';
import { MUTANT_RECIPES, SEEN_ELSEWHERE } from './mutant-recipes.ts';
import { type MutantResult, type MutantsRequest, runMutants } from './mutants.ts';
import { composeMutantsReport } from './mutants-report.ts';
import { topologyFor } from './options.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wavetank-mutants-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const PAUSED = [fault('pause', 'pd-0', [2, 12])];
const LIMIT: MutantRecipe = {
  bugs: ['sql.limitBeforeOrder'],
  group: 'client and sql',
  settings: hot(4),
  seeds: ['1', '2'],
};
const LEASE: MutantRecipe = {
  bugs: ['tso.twoLeaders'],
  group: 'pd and time',
  settings: hot(20),
  faults: PAUSED,
  seeds: ['1'],
};
const PAIR: MutantRecipe = { ...LEASE, bugs: ['pd.leaseTooLong', 'tso.twoLeaders'] };

/**
 * Runs recipes with a worker whose verdict depends on the defects that are on (`none` without any)
 * and its seed: `sql.limitBeforeOrder/2`. What is not in the table is valid.
 */
async function results(
  recipes: readonly MutantRecipe[],
  verdicts: Readonly<Record<string, string>>,
  request: Partial<MutantsRequest> = {},
): Promise<{ results: readonly MutantResult[]; calls: readonly string[] }> {
  const script = join(folder, 'worker.mjs');
  writeFileSync(script, `const VERDICTS = ${JSON.stringify(verdicts)};\n${WORKER}`);
  const runs = join(folder, 'runs');
  const all = await runMutants({
    ...{ recipes, jobs: 2, timeoutMs: 30_000, folder: runs, done: () => {} },
    program: { file: process.execPath, before: [script] },
    stop: new AbortController().signal,
    ...request,
  });
  const calls = readdirSync(folder).filter((name) => name.startsWith('call-'));
  return { results: all, calls };
}

const WORKER = String.raw`
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
const args = process.argv.slice(2);
const valueOf = (flag) => args.find((arg) => arg.startsWith(flag + '='))?.slice(flag.length + 1);
const seed = valueOf('--seed');
mkdtempSync(join(dirname(fileURLToPath(import.meta.url)), 'call-'));
const verdict = VERDICTS[(valueOf('--bug') ?? 'none') + '/' + seed] ?? 'valid';
if (verdict === 'crash') throw new RangeError('out of range');
const runDir = join(valueOf('--out'), 'ledger', seed);
mkdirSync(runDir, { recursive: true });
const cause = verdict === 'valid' ? 'all held' : 'tso.increasing: node 1 gave 7';
const checks = [{ name: 'cluster.invariants', verdict, cause, ops: [], atUs: 15_000_000 }];
const phases = [{ name: 'setup', fromUs: 0 }, { name: 'safety', fromUs: 10_000_000 }];
const summary = { schema: 'wavetank.run/1', verdict, cause, runDir, checks, wallSeconds: 2 };
writeFileSync(join(runDir, 'report.json'), JSON.stringify({ summary, checks, phases }));
process.stdout.write(JSON.stringify(summary) + '\n');
`;

describe('a recipe', () => {
  test('kills with the first seed that ends invalid, and says what saw it and when', async () => {
    const verdicts = { 'sql.limitBeforeOrder/1': 'valid', 'sql.limitBeforeOrder/2': 'invalid' };
    const { results: all } = await results([LIMIT], verdicts);
    const [result] = all;
    expect(result?.outcome).toBe('killed');
    expect(result?.tried.map(({ seed, verdict }) => [seed, verdict])).toEqual([
      ['1', 'valid'],
      ['2', 'invalid'],
    ]);
    expect(result?.tried[1]).toMatchObject({ check: 'tso.increasing', detectedUs: 5_000_000 });
    expect(result?.controls.map(({ seed, verdict }) => [seed, verdict])).toEqual([['2', 'valid']]);
    expect(composeMutantsReport(end(all))).toMatchObject({ exitCode: 0, killed: 1, folder: '' });
  });

  test('is survived when no seed ends invalid, and lists what was tried', async () => {
    const { results: all } = await results([LIMIT], { 'sql.limitBeforeOrder/2': 'unknown' });
    expect(all[0]?.outcome).toBe('survived');
    expect(all[0]?.tried.map(({ verdict }) => verdict)).toEqual(['valid', 'unknown']);
    const report = composeMutantsReport(end(all));
    expect(report).toMatchObject({ exitCode: 1, survived: 1, folder: 'runs' });
    expect(renderMutantsText(report, { colour: false })).toMatch(
      /sql\.limitBeforeOrder: valid with the defect, .*\n {2}npx wavetank run ledger .*--seed=1/,
    );
  });

  test('proves nothing when its control is invalid too', async () => {
    const verdicts = { 'sql.limitBeforeOrder/1': 'invalid', 'none/1': 'invalid' };
    const { results: all } = await results([LIMIT], verdicts);
    const report = composeMutantsReport(end(all));
    expect(report).toMatchObject({ exitCode: 1, killed: 1, controls: { runs: 1, valid: 0 } });
    expect(renderMutantsText(report, { colour: false })).toMatch(/invalid without \(all of\)/);
    // The run with the defect ended as it should; what is left is the control.
    expect(readdirSync(join(folder, 'runs'))).toHaveLength(1);
  });

  test('is unsettled when its worker fails, and its exit code is not a pass', async () => {
    const { results: all } = await results([LIMIT], { 'sql.limitBeforeOrder/1': 'crash' });
    expect(all[0]?.outcome).toBe('unsettled');
    expect(all[0]?.tried[0]?.cause).toMatch(/out of range/);
    expect(composeMutantsReport(end(all)).exitCode).toBe(3);
  });

  test('of two defects runs each alone, too: both must be masked', async () => {
    const verdicts = {
      'pd.leaseTooLong,tso.twoLeaders/1': 'invalid',
      'tso.twoLeaders/1': 'invalid',
    };
    const { results: all } = await results([PAIR], verdicts);
    expect(all[0]?.controls.map(({ bugs, verdict }) => [bugs, verdict])).toEqual([
      [[], 'valid'],
      [['pd.leaseTooLong'], 'valid'],
      [['tso.twoLeaders'], 'invalid'],
    ]);
    expect(composeMutantsReport(end(all)).exitCode).toBe(1);
  });

  test('shares runs with others, and plans go to the worker as files', async () => {
    const invalid = {
      'tso.twoLeaders/1': 'invalid',
      'pd.leaseTooLong,tso.twoLeaders/1': 'invalid',
    };
    const { results: all, calls } = await results([LEASE, PAIR], invalid);
    expect(all.map(({ adversity }) => adversity)).toEqual(['pause pd-0', 'pause pd-0']);
    // Both with all defects, one control without any, each of the pair alone: one of these is
    // known.
    expect(calls).toHaveLength(4);
    expect(all[0]?.tried[0]?.command).toMatch(/--plan=.*plan\.yaml/);
  });

  test('that was stopped is not killed', async () => {
    const { results: all } = await results([LIMIT], {}, { stop: AbortSignal.abort() });
    expect(all[0]).toMatchObject({ outcome: 'unsettled', tried: [{ verdict: 'stopped' }] });
  });
});

describe('the table of recipes', () => {
  test('has each recipe once, or the defect in another place, and never in both', () => {
    const names = MUTANT_RECIPES.map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    const shown = new Set<string>(MUTANT_RECIPES.flatMap(({ bugs }) => bugs));
    const elsewhere = Object.keys(SEEN_ELSEWHERE);
    expect(elsewhere.filter((name) => shown.has(name))).toEqual([]);
    expect([...shown, ...elsewhere].sort()).toEqual(Object.keys(BUGS).sort());
  });

  test.each(MUTANT_RECIPES.map((recipe) => [nameOf(recipe), recipe] as const))(
    '%s can be carried out',
    (_, recipe) => {
      const options = optionsOf(recipe, '1', recipe.bugs);
      const plan = options.plan ?? { faults: [] };
      expect(planProblems(plan, topologyFor(options), options.runTimeUs)).toEqual([]);
    },
  );

  test('says what goes wrong in words', () => {
    const faults = [fault('scheduler', 'pd', [1, 2], { scheduler: 'random-merge-scheduler' })];
    expect(adversityOf({ ...LIMIT, faults: [...faults, ...PAUSED] })).toBe(
      'random-merge-scheduler, pause pd-0',
    );
    expect(adversityOf(LIMIT)).toBe('none');
  });
});

test('the document has a line for each recipe and one for each defect seen elsewhere', async () => {
  const { results: all } = await results([LIMIT], { 'sql.limitBeforeOrder/1': 'invalid' });
  const elsewhere = [{ name: 'raft.late-good-night', text: 'the scripts of its chapter' }];
  const text = renderMutantsMarkdown(composeMutantsReport(end(all)), { broken: BUGS, elsewhere });
  expect(text).toContain(
    '| `sql.limitBeforeOrder` | killed | tso.increasing | none | 5 s | 2.0 s | valid |',
  );
  expect(text).toContain('- `sql.limitBeforeOrder`: LIMIT is applied before ORDER BY');
  expect(text).toContain('- `raft.late-good-night`: the scripts of its chapter');
});

function end(all: readonly MutantResult[]) {
  return {
    results: all,
    folder: 'runs',
    wallSeconds: 3,
    versions: { wavetank: '0.0.0', node: '20' },
  };
}
