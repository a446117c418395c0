/** One planned fault: what is done to whom, when, and when it is undone. Virtual time in µs. */
export interface PlannedFault {
  readonly atUs: number;
  readonly untilUs: number;
  /** Name of the nemesis it comes from, as on the command line: `random_kill`. */
  readonly nemesis: string;
  /** What is done: one of `FAULT_KINDS`. */
  readonly fault: string;
  /** Whom it is done to: a node (`tikv-0`), or a role that is filled in when its time has come. */
  readonly target: string;
  /** Whatever else the fault needs; empty for a kill. Times in µs, ratios as integers. */
  readonly parameters: Readonly<Record<string, number | string>>;
}

/** What became of a planned fault. Times are those it really happened at, in µs. */
export interface FaultRecord {
  readonly nemesis: string;
  readonly fault: string;
  /** As the plan has it. */
  readonly target: string;
  /** The node or other thing it was done to: the target, unless that was a role (`pd-leader`). */
  readonly hit: string;
  readonly atUs: number;
  readonly untilUs: number;
  /** Whether the cluster was seen to be in the faulty state after the injection. */
  readonly tookEffect: boolean;
  /**
   * Whether it could not be done while other faults of the plan were in force, or had just been:
   * there was, say, no leader to kill. The run tested those instead.
   */
  readonly crowdedOut: boolean;
  /** Whether it was seen to be out of it after the heal. */
  readonly healed: boolean;
  /** What it came to, as far as that can be counted: `held back 131 packets`. Often empty. */
  readonly effect: string;
  /** Why it did not take effect or was not healed; empty otherwise. */
  readonly note: string;
}
