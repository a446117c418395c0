import type { FaultRecord, PlannedFault } from '../nemesis/fault.ts';
import { clock, span } from './virtual-time.ts';

/** One line of the plan: what was meant to happen beside what did. */
export interface PlanOutcome {
  /** Absent for a fault that happened without being planned (by hand, into a live cluster). */
  readonly planned?: PlannedFault;
  /** Absent for a fault the run did not get to. */
  readonly happened?: FaultRecord;
}

/**
 * Joins the plan with what came of it, in order of time. A record belongs to the plan's line of the
 * same nemesis, fault and target whose stretch of time it began in; a record that fits no line
 * stands alone, so nothing that happened can be missing from the table.
 */
export function joinPlan(
  plan: readonly PlannedFault[],
  faults: readonly FaultRecord[],
): PlanOutcome[] {
  const left = new Set(faults);
  const rows: PlanOutcome[] = plan.map((planned) => {
    for (const happened of left) {
      if (!belongs(happened, planned)) continue;
      left.delete(happened);
      return { planned, happened };
    }
    return { planned };
  });
  for (const happened of left) rows.push({ happened });
  return rows.sort((a, b) => startUs(a) - startUs(b));
}

/** When the fault began, or was to begin; µs. */
export function startUs(row: PlanOutcome): number {
  return row.happened?.atUs ?? row.planned?.atUs ?? 0;
}

/** At most `limit` rows in order of time: those around a moment, half of them before it. */
export function rowsAround(
  rows: readonly PlanOutcome[],
  atUs: number,
  limit: number,
): readonly PlanOutcome[] {
  const before = rows.filter((row) => startUs(row) <= atUs).length;
  const last = Math.max(0, rows.length - limit);
  const from = Math.min(last, Math.max(0, before - Math.ceil(limit / 2)));
  return rows.slice(from, from + limit);
}

/**
 * What the nemesis was doing at a moment, as one sentence: the faults in force, else the last one
 * that ended before. A reader's first suspects.
 */
export function faultsAround(faults: readonly FaultRecord[], atUs: number): string {
  const past = faults.filter((fault) => fault.tookEffect && fault.atUs <= atUs);
  const inForce = past.filter((fault) => atUs <= fault.untilUs);
  if (inForce.length > 0) return `In force then: ${inForce.map(since).join(', ')}.`;
  const last = past.reduce<FaultRecord | undefined>(
    (latest, fault) => (latest === undefined || fault.untilUs >= latest.untilUs ? fault : latest),
    undefined,
  );
  if (last === undefined) return 'No fault had been injected by then.';
  const ago = span(atUs - last.untilUs);
  return `No fault was in force; the last, ${last.fault} ${last.target}, had ended ${ago} before.`;
}

function since(fault: FaultRecord): string {
  return `${fault.fault} ${fault.target} (since ${clock(fault.atUs)})`;
}

function belongs(record: FaultRecord, planned: PlannedFault): boolean {
  return (
    record.nemesis === planned.nemesis &&
    record.fault === planned.fault &&
    record.target === planned.target &&
    record.atUs >= planned.atUs &&
    record.atUs <= planned.untilUs
  );
}
