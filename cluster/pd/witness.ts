/** Who is told what PD hands out: counters and assertions. It is told and never asked. */
export interface PdWitness {
  /** `count` timestamps up to `ts` were given by a member that believes to lead. */
  granted(ts: number, count: number, savedMs: number, node: number): void;
  /** A member believes to hold the leader lease until then, µs. */
  leased(node: number, untilUs: number): void;
  /** It gave the lease up. */
  released(node: number): void;
}
