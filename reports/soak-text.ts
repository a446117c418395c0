import { Chalk, type ChalkInstance } from 'chalk';
import type { FailureGroup, SoakReport } from '../runner/soak-report.ts';
import { oneLine, type TextOptions, verdictColour } from './text.ts';
import { span } from './virtual-time.ts';
import { count, counted, VERDICT_SIGN } from './wording.ts';

/** Distinct failures that are shown; the rest is in `summary.json`. */
const FAILURES_SHOWN = 10;

/** A cause is cut after so many characters: whole, it is in the report of the run. */
const CAUSE_CHARS = 160;

/**
 * A soak for a terminal, to be read in ten seconds: what was run, how it ended, each distinct
 * failure with the command that shows it again, and at the very end verdict, cause, where the
 * rest is, and what to do next. Ends with a line feed.
 */
export function renderSoakText(report: SoakReport, options: TextOptions): string {
  const paint = new Chalk({ level: options.colour ? 1 : 0 });
  const parts = [figures(report), failures(report, paint), lastLines(report, paint)];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function figures(report: SoakReport): string {
  const rows: [string, string][] = [
    ['seeds', seeds(report)],
    ['outcomes', outcomes(report)],
    ['time', times(report)],
    ['nemeses', nemeses(report)],
    ['determinism', determinism(report)],
    ['bound', bound(report)],
  ];
  return rows.map(([name, value]) => `${name.padEnd(13)}${value}`).join('\n');
}

function seeds({ seeds: { done, asked, range }, case: name, ending }: SoakReport): string {
  const why = { complete: '', time: ', as many as the time allowed', stopped: ', then stopped' };
  return `${count(done)} of ${count(asked)} (${range}), ${name}${why[ending]}`;
}

function outcomes({ seeds: { outcomes } }: SoakReport): string {
  const seen = Object.entries(outcomes).filter(([, n]) => n > 0);
  return seen.map(([name, n]) => `${count(n)} ${name}`).join(', ') || 'none yet';
}

function times({ simulatedSeconds, wallSeconds, speedMedian }: SoakReport): string {
  const speed = `median ${count(Math.round(speedMedian))}× wall time`;
  return `${span(simulatedSeconds * 1e6)} simulated in ${span(wallSeconds * 1e6)}, ${speed}`;
}

function nemeses({ nemeses: { none = 0, ...drawn } }: SoakReport): string {
  const kinds = Object.entries(drawn).sort(([, a], [, b]) => a - b);
  const without = `none in ${counted(none, 'seed')}`;
  const [rarest] = kinds;
  if (rarest === undefined) return without;
  const [name, n] = rarest;
  const rare = `the rarest ${name} in ${counted(n, 'seed')}`;
  return `${without}; ${counted(kinds.length, 'kind')} drawn, ${rare}`;
}

function determinism({ determinism: { asked, compared, mismatches } }: SoakReport): string {
  if (!asked) return 'not checked (--check-determinism)';
  return `${counted(compared, 'seed')} run twice, ${count(mismatches)} with another trace`;
}

function bound({ bound: { judged, failures, rateBelow } }: SoakReport): string {
  if (judged === 0) return 'no seed was judged: nothing can be said';
  const seen = `${counted(failures, 'failure')} in ${count(judged)}`;
  if (rateBelow === undefined) return `${seen}: ${percent(failures / judged)} of the seeds fail`;
  return `${seen}: with 95 % confidence fewer than ${percent(rateBelow)} of the seeds fail`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

function failures(report: SoakReport, paint: ChalkInstance): string {
  const shown = report.failures.slice(0, FAILURES_SHOWN);
  const hidden = report.failures.length - shown.length;
  const more =
    hidden > 0 ? [`and ${counted(hidden, 'more kind')} in ${report.folder}/summary.json`] : [];
  return [...shown.map((group) => failure(group, paint)), ...more].join('\n');
}

function failure(group: FailureGroup, paint: ChalkInstance): string {
  const { outcome, verdict, check, cause, command } = group;
  const head = `${VERDICT_SIGN[verdict]} ${outcome} ×${count(group.count)}`;
  const [first = '', ...others] = group.seeds;
  const also = others.length === 0 ? '' : ` (also ${others.slice(0, 5).join(', ')}${more(group)})`;
  return [
    `${verdictColour(verdict, paint)(head)}  ${check}: ${cut(oneLine(cause))}`,
    `  seed ${first}${also}: ${command}`,
  ].join('\n');
}

function cut(text: string): string {
  return text.length > CAUSE_CHARS ? `${text.slice(0, CAUSE_CHARS - 1)}…` : text;
}

function more({ count: all }: FailureGroup): string {
  return all > 6 ? ', …' : '';
}

function lastLines(report: SoakReport, paint: ChalkInstance): string {
  const { verdict, cause, index, resume } = report;
  const next = resume === '' ? (report.failures[0]?.command ?? '') : resume;
  return [
    verdictColour(verdict, paint)(`${VERDICT_SIGN[verdict]} ${verdict}`),
    cause,
    `report: ${index}`,
    ...(next === '' ? [] : [`${resume === '' ? 'replay' : 'resume'}: ${next}`]),
  ].join('\n');
}
