import type { ActionName, Untried } from './action.ts';
import type { Tracker } from './tracker.ts';

/** An action acted. */
export interface ActionEvent {
  /** Virtual time, µs. */
  readonly atUs: number;
  /** The TiDB node's name. */
  readonly node: string;
  readonly connection: number;
  /** When its statement began: names the statement among those of its connection. */
  readonly beganUs: number;
  readonly action: ActionName;
  /** Bytes of the tracker whose limit was exceeded, and that limit. */
  readonly consumed: number;
  readonly quota: number;
  /** Tokens of a rate limit that are left, before this one is destroyed. */
  readonly tokensLeft: number | undefined;
  /** It acted because the server's limit had picked the session, not because of the quota. */
  readonly forServer: boolean;
  /** Of a cancel: gentler actions of the same statement that could still have done something. */
  readonly untried: readonly Untried[];
  /** Of a cancel: what was held before the charge that exceeded the quota, and that charge. */
  readonly crossedFrom: number | undefined;
  readonly crossedBy: number | undefined;
}

/** A worker of a statement ended by a quota's panic, which was recovered. */
export interface PanicEvent {
  readonly atUs: number;
  readonly node: string;
  readonly connection: number;
  readonly beganUs: number;
  /** What the log says of it: names the kind of worker. */
  readonly message: string;
}

/** The server's limit has picked a session to be ended. */
export interface PickEvent {
  readonly atUs: number;
  readonly node: string;
  readonly connection: number;
  readonly beganUs: number;
  /** What the node held, and what it may hold. */
  readonly heap: number;
  readonly limit: number;
  /** What a session must hold to be picked. */
  readonly least: number;
  /** What the session held. */
  readonly consumed: number;
  /** Most that it has held since it was the largest. */
  readonly peak: number;
  /** It runs what the limit is to spare. */
  readonly exempt: boolean;
  /** Bytes of the largest of those that have grown since then and could have been picked; or 0. */
  readonly rival: number;
}

/** A node held more than its limit, sessions grew, and nobody was being ended for it. */
export interface UnattendedEvent {
  readonly node: string;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly limit: number;
  /** Most that the node held meanwhile. */
  readonly heap: number;
}

/** What may arrive at a statement before anybody can stop it. */
export interface InFlight {
  /** Most answers of stores that were awaited when its quota was exceeded. */
  readonly answers: number;
  /** Bytes of the largest answer. */
  readonly largestAnswer: number;
  /** Operators that charge. */
  readonly operators: number;
  /** Most bytes that were charged at once. */
  readonly largestCharge: number;
}

/** What is left of a statement when it has ended; all 0. */
export interface Remains {
  /** Requests to stores that are still under way. */
  readonly requests: number;
  /** Files on the node that hold rows though nobody has rows on disk. */
  readonly files: number;
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
  /** The server's limit has picked it. */
  readonly picked: boolean;
  /** Code of the error that it ended with; undefined if it did not end with one. */
  readonly errorCode: number | undefined;
  /** Its text, or that of whatever else ended it. */
  readonly errorText: string | undefined;
  /** Whether a transaction was open before it and after it. */
  readonly inTransaction: { readonly before: boolean; readonly after: boolean };
  readonly inFlight: InFlight;
  /** Writes to its files after one of them had come to the node's quota for such files. */
  readonly lateWrites: number;
  readonly left: Remains;
  /** Who held what when it held most; only of statements that came near their quota. */
  readonly peak: TrackerSnapshot | undefined;
  /** Names of the operators by their number, which labels their trackers; only beside a peak. */
  readonly operators: readonly (readonly [id: number, name: string])[];
}

/** A statement's trackers hold something though the statement has ended. */
export interface MemoryLeak {
  readonly node: string;
  readonly connection: number;
  readonly sql: string;
  readonly memory: Tracker;
  readonly disk: Tracker;
}

/** Most bytes that one node's sessions held in a stretch of {@link LEVEL_US}. */
export interface MemoryLevel {
  readonly node: string;
  /** When the stretch began, virtual µs. */
  readonly fromUs: number;
  consumed: number;
}

/** Somebody who is told what happens to the memory of TiDB nodes. */
export interface MemoryObserver {
  acted(event: ActionEvent): void;
  panicked(event: PanicEvent): void;
  picked(event: PickEvent): void;
  unattended(event: UnattendedEvent): void;
  ended(event: StatementEvent): void;
  /** Must never happen. */
  leaked(leak: MemoryLeak): void;
  /**
   * A stretch of time begins in which a node's sessions grow; its figure rises until it is over.
   */
  level(level: MemoryLevel): void;
}

/** Levels are told for stretches of this length, µs; those without any growth are left out. */
export const LEVEL_US = 10_000_000;

/** What a tracker looks like now. */
export function snapshotOf({ label, consumed, maxConsumed, children }: Tracker): TrackerSnapshot {
  return { label, consumed, maxConsumed, children: children.map(snapshotOf) };
}
