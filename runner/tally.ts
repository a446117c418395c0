import type { Op } from '../checker/history.ts';

/** Operations by which a case prepares and inspects; they are not the load. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(['load', 'progress', 'admin-check', 'read']);
/** The operation by which a case verifies the database while the load goes on. */
const VERIFICATION = 'verify';

/** How many operations of the load, and how many verifications, ended how. */
export class Tally {
  readonly operations = { ok: 0, fail: 0, info: 0 };
  readonly verifications = { ok: 0, failed: 0 };

  /** Counts one completed operation. */
  add(op: Pick<Op, 'f' | 'outcome'>): void {
    if (op.f === VERIFICATION) this.verifications[op.outcome === 'ok' ? 'ok' : 'failed']++;
    else if (!HOUSEKEEPING.has(op.f)) this.operations[op.outcome]++;
  }
}
