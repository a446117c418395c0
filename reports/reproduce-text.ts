import { Chalk } from 'chalk';
import Table from 'cli-table3';
import type { ColumnResult, Reproduction } from '../runner/reproduction.ts';
import type { TextOptions } from './text.ts';
import { bytes, count, lineRun } from './wording.ts';

/** Figures of a column, in the order in which they are printed. */
const FIGURES: readonly (readonly [name: string, value: (column: ColumnResult) => string])[] = [
  ['verdict', ({ summary, trouble }) => summary?.verdict ?? trouble],
  ['cause', ({ summary }) => (summary === undefined ? '' : summary.cause)],
  [
    'verifications',
    ({ summary: s }) =>
      s === undefined ? '' : `${count(s.verifications.ok)} ok, ${s.verifications.failed} failed`,
  ],
  [
    'memory at most',
    ({ summary: s }) =>
      s === undefined ? '' : `${bytes(s.memory.peakTracked)} of ${bytes(s.memory.quota)}`,
  ],
  [
    'actions',
    ({ summary: s }) =>
      Object.entries(s?.memory.actions ?? {})
        .map(([name, times]) => `${name} ${count(times)}`)
        .join(', '),
  ],
  ['report', ({ summary }) => summary?.report ?? ''],
];

const COLUMN_WIDTH = 44;

/**
 * The columns side by side: figures, then the log of the first breach beside that of the issue,
 * runs of equal lines as one. The last line says whether the issue was reproduced.
 */
export function renderReproduction(report: Reproduction, options: TextOptions): string {
  const paint = new Chalk({ level: options.colour ? 1 : 0 });
  const figures = new Table({
    head: ['', ...report.columns.map(({ title }) => title)],
    colWidths: [16, ...report.columns.map(() => COLUMN_WIDTH)],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const [name, value] of FIGURES) figures.push([name, ...report.columns.map(value)]);
  const last = report.reproduced
    ? paint.green.bold(
        '✓ reproduced: it fails as in the issue, and only on the version that had it',
      )
    : paint.red.bold(`✗ not reproduced: ${report.differences.join('; ')}`);
  const commands = report.columns.map(({ title, command }) => `${title}: ${command}`);
  return `${[figures.toString(), logs(report), commands.join('\n'), last].join('\n\n')}\n`;
}

/** The logs of the first breach, the issue's first. */
function logs({ issueLog, columns }: Reproduction): string {
  const sides = [issueLog.map(lineRun), ...columns.map(({ lines }) => lines.map(lineRun))];
  const table = new Table({
    head: ['log in the issue', ...columns.map(({ title }) => title)],
    colWidths: sides.map(() => COLUMN_WIDTH),
    wordWrap: true,
    style: { head: [], border: [] },
  });
  const rows = Math.max(...sides.map(({ length }) => length));
  for (let row = 0; row < rows; row++) table.push(sides.map((side) => side[row] ?? ''));
  return table.toString();
}
