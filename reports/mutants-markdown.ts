import type { MutantsReport } from '../runner/mutants-report.ts';
import { MUTANT_COLUMNS, mutantCells } from './mutants-text.ts';
import { counted } from './wording.ts';

/** A defect, and what else is told of it. */
export interface MutantNote {
  readonly name: string;
  readonly text: string;
}

/** What stands around the measured table. */
export interface MutantNotes {
  /** What each defect breaks, by name. */
  readonly broken: Readonly<Record<string, string>>;
  /** Defects that no run shows, and where they are seen instead. */
  readonly elsewhere: readonly MutantNote[];
}

/** The kill matrix as a document: measured results, what each defect breaks, what no run shows. */
export function renderMutantsMarkdown(report: MutantsReport, notes: MutantNotes): string {
  const { killed, results, controls } = report;
  return `# Kill matrix

Written by \`wavetank mutants --markdown <file>\`; do not edit. A defect is *killed* when a run that
has it ends invalid. *Virtual time* is from the beginning of the safety phase to the first bad
thing that the check names, *wall* is that of the run with the defect. The *control* is the same run
without the defect: it must be valid. Where several defects are needed together, so must be the runs
that have only one of them.

${killed} of ${counted(results.length, 'recipe')} killed, ${controls.valid} of ${counted(
    controls.runs,
    'control',
  )} valid; wavetank ${report.versions.wavetank}.

${table(
  [...MUTANT_COLUMNS],
  results.map((result) => mutantCells(result)),
)}

## What each one breaks

${results.map((result) => broken(result.name, notes)).join('\n')}

## Seen elsewhere

Seeded defects that no run of a case shows, and the test that sees them instead.

${notes.elsewhere.map(({ name, text }) => `- \`${name}\`: ${text}`).join('\n')}
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [
    head,
    head.map(() => '---'),
    ...rows.map(([name = '', ...rest]) => [name.replaceAll(/[\w.-]+\.[\w-]+/g, '`$&`'), ...rest]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function broken(name: string, { broken: texts }: MutantNotes): string {
  const bugs = name.split(' + ');
  return `- ${bugs.map((bug) => `\`${bug}\`: ${texts[bug] ?? ''}`).join('; and ')}`;
}
