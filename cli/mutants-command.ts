import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { BUGS } from '../cluster/bugs.ts';
import { renderMutantsMarkdown } from '../reports/mutants-markdown.ts';
import { mutantCells, renderMutantsText } from '../reports/mutants-text.ts';
import type { MutantRecipe } from '../runner/mutant-recipe.ts';
import { MUTANT_RECIPES, SEEN_ELSEWHERE } from '../runner/mutant-recipes.ts';
import { isProved, type MutantResult, runMutants } from '../runner/mutants.ts';
import { composeMutantsReport } from '../runner/mutants-report.ts';
import { durationOf, wholeNumber } from '../runner/scalar.ts';
import { ownProgram } from '../runner/soak-worker.ts';
import { StoreError } from '../runner/store-error.ts';
import { unknownName } from '../runner/suggest.ts';
import { versions } from '../runner/version.ts';
import { Interrupt } from './interrupt.ts';
import { MUTANTS_DEFAULTS, type MutantsFlags } from './mutants-options.ts';
import { parseFlag } from './parse-flag.ts';

/** `wavetank mutants`: every seeded defect must be seen, and nothing without one. */
export async function mutantsCommand(
  names: readonly string[],
  flags: MutantsFlags,
): Promise<number> {
  const recipes = chosen(names);
  const jobs = parseFlag('jobs', wholeNumber(1, 1024), flags.jobs) ?? MUTANTS_DEFAULTS.jobs;
  const timeoutUs = parseFlag('timeout', durationOf(1000), flags.timeout);
  const folder = newFolder(flags.out);
  const startedMs = performance.now();
  const stop = new AbortController();
  const interrupt = new Interrupt(() => stop.abort(), flags.tied);
  const say = (text: string): void => {
    if (flags.quiet !== true) process.stderr.write(`${text}\n`);
  };
  say(`${recipes.length} recipes, ${jobs} at a time, in ${folder}`);
  const results = await runMutants({
    ...{ recipes, jobs, folder, program: ownProgram(), stop: stop.signal },
    timeoutMs: timeoutUs === undefined ? MUTANTS_DEFAULTS.timeoutMs : timeoutUs / 1000,
    done: (result) => say(oneLineOf(result)),
  }).finally(() => interrupt.dispose());
  const wallSeconds = (performance.now() - startedMs) / 1000;
  const report = composeMutantsReport({ results, folder, wallSeconds, versions: versions() });
  if (report.folder === '') rmSync(folder, { recursive: true, force: true });
  if (flags.markdown !== undefined) writeMarkdown(flags.markdown, report);
  const colour = process.stdout.isTTY === true && !('NO_COLOR' in process.env);
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(report)}\n` : renderMutantsText(report, { colour }),
  );
  return report.exitCode;
}

/** The recipes of the defects that were named; all of them if none was. */
function chosen(names: readonly string[]): readonly MutantRecipe[] {
  const known = new Set<string>(MUTANT_RECIPES.flatMap(({ bugs }) => bugs));
  for (const name of names) if (!known.has(name)) throw unknownName('mutant', name, [...known]);
  if (names.length === 0) return MUTANT_RECIPES;
  return MUTANT_RECIPES.filter(({ bugs }) => bugs.some((bug) => names.includes(bug)));
}

function newFolder(out: string): string {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const folder = join(out, 'mutants', time);
  StoreError.guard(folder, () => mkdirSync(folder, { recursive: true }));
  return folder;
}

function oneLineOf(result: MutantResult): string {
  const [name, outcome, check, , detected, wall, control] = mutantCells(result);
  const sign = isProved(result) ? '✓' : '✗';
  return `${sign} ${name}: ${outcome} by ${check} after ${detected}, ${wall}; control ${control}`;
}

function writeMarkdown(file: string, report: Parameters<typeof renderMutantsMarkdown>[0]): void {
  const elsewhere = Object.entries(SEEN_ELSEWHERE).map(([name, text]) => ({ name, text }));
  const text = renderMutantsMarkdown(report, { broken: BUGS, elsewhere });
  StoreError.guard(file, () => writeFileSync(file, text));
}
