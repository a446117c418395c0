import type { FaultSurface, NodeInfo, Refusal } from '../../cluster/surface.ts';
import type { PlannedFault } from '../../nemesis/fault.ts';

/** What a fault needs of a cluster: faults, and a place in virtual time to do them. */
export interface FaultHost extends FaultSurface {
  nowUs(): number;
  at(timeUs: number, action: () => void): void;
}

/** A fault that knows whom it will hit, and has not done so yet. */
export interface ArmedFault {
  /** The node or thing it is done to, by name. */
  readonly hit: string;
  /**
   * The state of the world it brings about, if others may bring about the same one: it is over when
   * the last of them ends. Absent: this fault's state is its own.
   */
  readonly state?: string;
  /** Does it; answers why it could not be done now. */
  inject(): NotNow | undefined;
  /** Takes it back; asked again for a while when `isOver` says that it is not. */
  heal(): void;
  /** Whether the cluster is in the faulty state now: asked of the cluster, never remembered. */
  inForce(): boolean;
  /** Whether nothing of that state is left; asked likewise. */
  isOver(): boolean;
  /** What it came to so far, for a reader; empty if that cannot be counted. */
  effect(): string;
}

/** Why a fault cannot be done at this moment, as one clause; it is tried again. */
export type NotNow = Refusal;

/** How one kind of fault is done. */
export type FaultHandler = (
  host: FaultHost,
  planned: PlannedFault,
  /** Names this very fault among all of the plan. */
  label: string,
) => ArmedFault | NotNow;

/** The node of that name; throws if there is none, for a plan was checked before. */
export function nodeNamed(host: FaultHost, name: string): NodeInfo {
  const node = host.nodes().find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`the plan names a node that does not exist: ${name}`);
  return node;
}

/** A whole number among a fault's parameters; throws if it is not there. */
export function wholeOf({ fault, parameters }: PlannedFault, name: string): number {
  const value = parameters[name];
  if (typeof value !== 'number') throw new Error(`${fault} needs the parameter ${name}`);
  return value;
}

/** A word among a fault's parameters; throws if it is not there. */
export function wordOf({ fault, parameters }: PlannedFault, name: string): string {
  const value = parameters[name];
  if (typeof value !== 'string') throw new Error(`${fault} needs the parameter ${name}`);
  return value;
}

/** `1 packet`, `2 packets`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
