import { type CheckResult, unknown, valid } from './checker.ts';
import { Findings } from './findings.ts';
import type { LedgerLog, Noted } from './ledger-log.ts';
import type { ReadingValue } from './ledger-ops.ts';
import { formatVirtualTime } from './virtual-time.ts';

/**
 * A query that was answered under a quota answered as it does without one, at the same snapshot:
 * whatever was slowed down, written to disk and read back on the way, the rows are the same.
 */
export function checkSameAnswer(name: string, { readings }: LedgerLog): CheckResult {
  const findings = new Findings(name);
  let compared = 0;
  for (const reading of readings) {
    const { answer, unlimited } = reading.value ?? {};
    if (!reading.ok || answer === undefined || unlimited === undefined) continue;
    compared++;
    if (answer === unlimited) continue;
    findings.add(reading.completedAtUs, () => ({ text: difference(reading), ops: [reading.op] }));
  }
  if (compared > 0) {
    const note = `${compared} of ${readings.length} readings were answered and compared`;
    const result = findings.result();
    return result.verdict === 'valid' ? { ...valid(name), note } : result;
  }
  if (readings.length === 0) return unknown(name, 'the run ended before the first reading');
  return unknown(name, `none of ${readings.length} readings was answered: ${latest(readings)}`);
}

function difference({ value, op, completedAtUs }: Noted<ReadingValue>): string {
  const { kind = '?', quota = null, answer, unlimited } = value ?? {};
  const under = quota === null ? 'the quota of all' : `a quota of ${quota} bytes`;
  return (
    `${kind} under ${under} answered ${answer}, and without one ${unlimited}, at the same ` +
    `snapshot, at ${formatVirtualTime(completedAtUs)} (operation ${op})`
  );
}

function latest(readings: readonly Noted<ReadingValue>[]): string {
  return readings.at(-1)?.error ?? '';
}
