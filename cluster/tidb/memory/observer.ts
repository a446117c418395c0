import type { ActionName } from './action.ts';

/** An action acted. */
export interface ActionEvent {
  /** Virtual time, µs. */
  readonly atUs: number;
  /** The TiDB node's name. */
  readonly node: string;
  readonly connection: number;
  readonly action: ActionName;
  /** Bytes of the tracker whose limit was exceeded, and that limit. */
  readonly consumed: number;
  readonly quota: number;
  /** Tokens of a rate limit that are left, before this one is destroyed. */
  readonly tokensLeft: number | undefined;
}

/** Somebody who is told what happens to the memory of TiDB nodes. */
export interface MemoryObserver {
  acted(event: ActionEvent): void;
}

/** Listens to nothing. */
export const NO_OBSERVER: MemoryObserver = { acted: () => {} };
