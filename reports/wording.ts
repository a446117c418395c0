import type { VerdictKind } from '../checker/checker.ts';
import type { RunSummary } from '../runner/report.ts';
import type { IssueLine } from '../runner/reproduction.ts';
import { span } from './virtual-time.ts';

/** Verdict as a sign that reads without colour. */
export const VERDICT_SIGN: Readonly<Record<VerdictKind, string>> = {
  valid: '✓',
  unknown: '?',
  invalid: '✗',
};

/** Thousands apart, `1,234,567`: the same on each machine. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 seed`, `1,234 seeds`: for words whose plural is regular. */
export function counted(n: number, what: string): string {
  return `${count(n)} ${what}${n === 1 ? '' : 's'}`;
}

/** Bytes in binary units with at most one decimal: `1.3 GiB`. */
export function bytes(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = n;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Math.round(value * 10) / 10} ${units[unit] as string}`;
}

/** Simulated time over wall time, as `1,234×`; a dash when no wall time was measured. */
export function speedUp(summary: RunSummary): string {
  if (summary.wallSeconds <= 0) return '–';
  return `${count(Math.round(summary.simulatedSeconds / summary.wallSeconds))}×`;
}

/** How often and how long: `12 times, 10.4 s to 19.7 s, median 14.2 s`; `none`. */
export function spells(spell: RunSummary['cluster']['leaderless']): string {
  const { shortestUs, medianUs, longestUs } = spell;
  if (spell.count === 0) return 'none';
  if (spell.count === 1) return `once, ${span(longestUs)}`;
  const range = `${span(shortestUs)} to ${span(longestUs)}`;
  return `${count(spell.count)} times, ${range}, median ${span(medianUs)}`;
}

/** Equal lines of a log as one: `destroy one token now × 14: 15 … 2 of 15 left`. */
export function lineRun({ words, detail, count: times }: Omit<IssueLine, 'found'>): string {
  const often = times > 1 ? ` × ${count(times)}` : '';
  return detail === '' ? `${words}${often}` : `${words}${often}: ${detail}`;
}
