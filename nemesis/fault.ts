/** One planned fault: what is done to whom, when, and when it is undone. Virtual time in µs. */
export interface PlannedFault {
  readonly atUs: number;
  readonly untilUs: number;
  /** Name of the nemesis it comes from, as on the command line: `random_kill`. */
  readonly nemesis: string;
  /** What is done: `kill`. */
  readonly fault: string;
  /** Name of the node it is done to: `tikv-0`. */
  readonly target: string;
  /** Whatever else the fault needs; empty for a kill. Times in µs, ratios as integers. */
  readonly parameters: Readonly<Record<string, number | string>>;
}

/** What became of a planned fault. Times are those it really happened at, in µs. */
export interface FaultRecord {
  readonly nemesis: string;
  readonly fault: string;
  readonly target: string;
  readonly atUs: number;
  readonly untilUs: number;
  /** Whether the cluster was seen to be in the faulty state after the injection. */
  readonly tookEffect: boolean;
  /** Whether it was seen to be out of it after the heal. */
  readonly healed: boolean;
  /** Why it did not take effect or was not healed; empty otherwise. */
  readonly note: string;
}
