import type { Operator, OperatorStatus } from './operator.ts';

/** How many operators of one description have got how far since the beginning. */
export type OperatorTally = Readonly<Record<OperatorStatus, number>>;

const EMPTY: OperatorTally = {
  created: 0,
  refused: 0,
  started: 0,
  finished: 0,
  'timed-out': 0,
  cancelled: 0,
  replaced: 0,
  expired: 0,
};

/** Counts what becomes of operators. Source: PD's metric `pd_schedule_operators_count`. */
export class OperatorCounters {
  private readonly tallies = new Map<string, Record<OperatorStatus, number>>();

  /** Counts the status that an operator has come to. */
  count({ description, status }: Operator): void {
    let tally = this.tallies.get(description);
    if (tally === undefined) {
      tally = { ...EMPTY };
      this.tallies.set(description, tally);
    }
    tally[status]++;
  }

  /** The operators of one description, e.g. `shuffle-leader`. */
  of(description: string): OperatorTally {
    return this.tallies.get(description) ?? EMPTY;
  }

  /** All descriptions there have been, in the order of their first operators. */
  all(): ReadonlyMap<string, OperatorTally> {
    return this.tallies;
  }
}
