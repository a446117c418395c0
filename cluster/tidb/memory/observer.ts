import type { ActionName } from './action.ts';
import type { Tracker } from './tracker.ts';

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

/** A tracker and those below it at one moment. */
export interface TrackerSnapshot {
  readonly label: number;
  readonly consumed: number;
  readonly maxConsumed: number;
  readonly children: readonly TrackerSnapshot[];
}

/** A statement that held memory has ended. */
export interface StatementEvent {
  readonly node: string;
  readonly connection: number;
  readonly sql: string;
  readonly beganUs: number;
  readonly endedUs: number;
  /** Most bytes in memory and on disk. */
  readonly maxConsumed: number;
  readonly maxDisk: number;
  /** 0 or less is none. */
  readonly quota: number;
  /** How often an action acted on its behalf. */
  readonly actions: number;
  /** Code of the error that it ended with; undefined if it did not end with one. */
  readonly errorCode: number | undefined;
  /** Who held what when it held most; only of statements that came near their quota. */
  readonly peak: TrackerSnapshot | undefined;
}

/** A statement's trackers hold something though the statement has ended. */
export interface MemoryLeak {
  readonly node: string;
  readonly connection: number;
  readonly sql: string;
  readonly memory: Tracker;
  readonly disk: Tracker;
}

/** Somebody who is told what happens to the memory of TiDB nodes. */
export interface MemoryObserver {
  acted(event: ActionEvent): void;
  ended(event: StatementEvent): void;
  /** Must never happen. */
  leaked(leak: MemoryLeak): void;
  /** Most bytes that a node's sessions held in the stretch of {@link LEVEL_US} from `fromUs`. */
  level(node: string, fromUs: number, consumed: number): void;
}

/** Levels are told for stretches of this length, µs; those without any growth are left out. */
export const LEVEL_US = 10_000_000;

/** What a tracker looks like now. */
export function snapshotOf({ label, consumed, maxConsumed, children }: Tracker): TrackerSnapshot {
  return { label, consumed, maxConsumed, children: children.map(snapshotOf) };
}
