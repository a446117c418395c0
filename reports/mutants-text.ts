import { Chalk } from 'chalk';
import Table from 'cli-table3';
import type { MutantResult, MutantRun } from '../runner/mutants.ts';
import type { MutantsReport } from '../runner/mutants-report.ts';
import { oneLine, type TextOptions } from './text.ts';
import { span } from './virtual-time.ts';
import { counted } from './wording.ts';

/** The columns of the kill matrix; `docs/mutants.md` has the same. */
export const MUTANT_COLUMNS = [
  'defect',
  'verdict',
  'by',
  'under',
  'virtual time',
  'wall',
  'control',
] as const;

/** A cause is cut after so many characters. */
const CAUSE_CHARS = 160;

/** The cells of one line of the matrix. */
export function mutantCells(result: MutantResult): string[] {
  const { name, outcome, adversity, controls } = result;
  const last = result.tried.at(-1);
  const detected = last?.detectedUs === undefined ? '–' : span(last.detectedUs);
  const wall = result.tried.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0);
  return [
    name,
    outcome,
    outcome === 'killed' ? (last?.check ?? '') : '–',
    adversity,
    outcome === 'killed' ? detected : '–',
    `${wall.toFixed(1)} s`,
    controlWord(controls),
  ];
}

function controlWord(controls: readonly MutantRun[]): string {
  const bad = controls.filter(({ verdict }) => verdict !== 'valid');
  if (bad.length > 0) return bad.map(({ verdict }) => verdict).join(', ');
  return controls.length > 1 ? `valid, and each alone` : 'valid';
}

/** The kill matrix for a terminal, what went wrong below it, and one last line that counts. */
export function renderMutantsText(report: MutantsReport, options: TextOptions): string {
  const paint = new Chalk({ level: options.colour ? 1 : 0 });
  const table = new Table({
    head: [...MUTANT_COLUMNS],
    style: { head: [], border: [], compact: true },
  });
  for (const result of report.results) table.push(mutantCells(result));
  const troubles = report.results.flatMap(troublesOf);
  const { killed, results, controls } = report;
  const last =
    `${killed} of ${counted(results.length, 'defect')} killed, ` +
    `${controls.valid} of ${counted(controls.runs, 'control')} valid, ` +
    `in ${span(report.wallSeconds * 1e6)}`;
  const colour = report.exitCode === 0 ? paint.green.bold : paint.red.bold;
  const kept = report.folder === '' ? [] : [`runs: ${report.folder}`];
  return `${[table.toString(), ...troubles, colour(last), ...kept].join('\n')}\n`;
}

/** What is not as it should be, with the command that shows it. */
function troublesOf(result: MutantResult): string[] {
  const { name, outcome, tried, controls } = result;
  const unkilled = outcome === 'killed' ? [] : tried;
  const bad = controls.filter(({ verdict }) => verdict !== 'valid');
  return [
    ...unkilled.map((run) => described(`${name}: ${run.verdict} with the defect`, run)),
    ...bad.map((run) => described(`${name}: ${run.verdict} without (all of) the defect`, run)),
  ];
}

function described(what: string, { check, cause, command }: MutantRun): string {
  const text = oneLine(cause);
  const short = text.length > CAUSE_CHARS ? `${text.slice(0, CAUSE_CHARS - 1)}…` : text;
  const why = check === '' ? short : `${check}: ${short}`;
  return `${what}${why === '' ? '' : `, ${why}`}\n  ${command}`;
}
