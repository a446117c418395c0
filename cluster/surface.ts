import type { Column } from './column.ts';
import type { MemoryUsage } from './memory-record.ts';
import type { ProfileName } from './profiles.ts';
import type { ProtocolSource } from './session.ts';
import type { ClockFault, DiskFault, Faulty, LinkFault } from './sim/index.ts';
import type { Checkpoint } from './sim/trace.ts';
import type { SpellSummary } from './spells.ts';

/**
 * The cluster as the runner holds it: sessions for the case, faults for the nemesis, time for the
 * loop, and what a report wants to know afterwards. Types only, so that a plan, an injector or a
 * test can be written without a cluster.
 */

/** The three kinds of node of a TiDB cluster. */
export type NodeKind = 'tidb' | 'tikv' | 'pd';

/** One node. `id` is unique over all kinds; `name` is what a plan calls it, e.g. `tikv-0`. */
export interface NodeInfo {
  readonly id: number;
  readonly name: string;
  readonly kind: NodeKind;
  readonly alive: boolean;
}

/** How often things happened inside the cluster since it was made. */
export interface ClusterCounters {
  readonly leaderTransfers: number;
  readonly elections: number;
  readonly splits: number;
  readonly merges: number;
  readonly peerMoves: number;
  /** Reads that were answered by a peer that does not lead. */
  readonly replicaReads: number;
  /** Stretches of time during which no member of PD could hand out a timestamp. */
  readonly tsoOutages: number;
  /** How long those lasted that are over. */
  readonly withoutTso: SpellSummary;
  /** Of the regions whose leader's store died: how long each had no leader then. */
  readonly leaderless: SpellSummary;
}

/** What PD can be told to do with one region. */
export type RegionOperation =
  | 'transfer-leader'
  | 'move-region'
  | 'move-neighbour-in'
  | 'merge-with-sibling'
  | 'split';

/** An operation of PD under way. */
export interface RegionOperationProgress {
  /** What it does, to which region: `transfer-leader of region 7 to tikv-2`. */
  readonly description: string;
  /** PD's word for how far it is: `started`, `finished`, `cancelled`, `refused: no sibling`, … */
  status(): string;
}

/** Why something was refused, as one clause. */
export type Refusal = string;

/** What an administrator asks of PD, as `pd-ctl` does: its leader answers. */
export interface PdControl {
  /** Has PD run a scheduler, whoever leads it from now on. */
  addScheduler(name: string): Refusal | undefined;
  /** Stops a scheduler; what it has begun goes on. */
  removeScheduler(name: string): Refusal | undefined;
  /**
   * The schedulers that PD runs, or will again when it has another leader; undefined without one.
   */
  schedulers(): readonly string[] | undefined;
  /**
   * Starts an operation on the region that holds a key; `pick` says, counted round and round, which
   * of the stores or regions that would do. PD may find that it cannot be done: that is its status.
   */
  operate(operation: RegionOperation, key: string, pick: number): RegionOperationProgress | Refusal;
}

/** How a cluster grows and shrinks. */
export interface Scaling {
  /** Starts a new node and makes it a member; gives its id. */
  addNode(kind: NodeKind): number | Refusal;
  /**
   * Has a member leave: what it keeps moves away, then it ends. Some of that may take several
   * requests: ask again until `nodes` does not name it any more.
   */
  removeNode(id: number): Refusal | undefined;
}

/** Rows to be imported: a column for each of the table's. */
export interface ImportedRows {
  /** In the order of the table's columns; all dense, or vacant. */
  readonly columns: readonly Column[];
  readonly length: number;
}

/** Loads tables in bulk, past SQL and its transactions. */
export interface Importer {
  /** Empty columns for the rows of a table. Throws 1146. */
  columnsOf(database: string, table: string): Column[];
  /** Loads rows into an empty table. Rejects if it is not, and throws 1146. */
  load(database: string, table: string, rows: ImportedRows): Promise<void>;
}

/**
 * What a fault can do to a cluster, how it is undone, and how either can be seen.
 *
 * | what | inject | heal | see |
 * |---|---|---|---|
 * | a process | `kill`, `powerCut` | `restart` | `isAlive` |
 * | a process, stopped | `pause` | `resume` | `isPaused` |
 * | a link, a clock, a disk | `impose` | `lift` | `inForce`, and how often it struck |
 * | PD's schedulers | `addScheduler` | `removeScheduler` | `schedulers` |
 * | a region | `operate` | – | what `operate` gave |
 * | how many nodes | `addNode` | `removeNode` | `nodes` |
 */
export interface FaultSurface {
  /** Every node, in order of id. */
  nodes(): readonly NodeInfo[];
  /** Id of the machine that the case's sessions come from: no node, never down, has links too. */
  readonly clientId: number;
  /** Id of the PD member that leads now, if one does. */
  pdLeader(): number | undefined;
  /**
   * Ends the node's incarnation at once, as SIGKILL does: writes that the kernel was given survive.
   * Nothing when it is down already.
   */
  kill(id: number): void;
  /** As `kill`, but the machine goes too: of the unsynced writes a prefix survives, by chance. */
  powerCut(id: number): void;
  /** Starts the node's next incarnation; recovery runs before it serves. */
  restart(id: number): void;
  isAlive(id: number): boolean;
  /**
   * Stops the process as SIGSTOP does: it misses nothing, but gets everything late. Nothing when it
   * is down or stopped already. A kill ends it too.
   */
  pause(id: number): void;
  /** Lets a stopped process go on; nothing when it is not stopped. */
  resume(id: number): void;
  isPaused(id: number): boolean;
  /** The network from one node to another, in that direction only. */
  link(from: number, to: number): Faulty<LinkFault>;
  /** The node's wall clock; its monotonic clock cannot be touched. */
  clock(id: number): Faulty<ClockFault> & { readonly skewUs: number };
  /** The node's disk; undefined if it keeps nothing. */
  disk(id: number): Faulty<DiskFault> | undefined;
  readonly pdControl: PdControl;
  readonly scaling: Scaling;
}

/** A cluster living on virtual time. */
export interface SimulatedCluster extends FaultSurface {
  /** Opens SQL sessions; the only part that a case sees. */
  readonly source: ProtocolSource;
  /** Virtual time in µs. */
  nowUs(): number;
  /**
   * Runs events up to and including virtual time `untilUs`, awaiting user code where it was
   * touched.
   */
  advanceTo(untilUs: number): Promise<void>;
  /** Runs a harness action inside the world at virtual time `timeUs`; it is part of the trace. */
  at(timeUs: number, action: () => void): void;
  /** Resolves after `us` µs of virtual time: how a case waits. */
  sleep(us: number): Promise<void>;
  /** Events processed so far. */
  readonly events: number;
  /** The trace hash so far: 16 hexadecimal digits. */
  hash(): string;
  /** Trace checkpoints, one every 4,096 events. */
  readonly checkpoints: readonly Checkpoint[];
  counters(): ClusterCounters;
  /** What became of the memory of SQL so far. */
  memory(): MemoryUsage;
  /** Hands every log line written since the last call to `sink`, in order, and forgets it. */
  drainLogs(sink: (node: string, line: string) => void): void;
  /** Ends the world: pending sessions reject, nothing runs any more. */
  stop(): void;
}

/** A cluster that tables can be loaded into. */
export interface LoadableCluster extends SimulatedCluster {
  readonly importer: Importer;
}

/** What a cluster is made from. */
export interface ClusterOptions {
  /** Any text; the decimal spelling of a 64-bit number when it comes from the command line. */
  readonly seed: string;
  readonly tidb: number;
  readonly tikv: number;
  readonly pd: number;
  readonly profile: ProfileName;
  /** N of `--scale 1/N`: a power of two. */
  readonly scaleDenominator: number;
  /** `tmp-storage-quota` of the TiDB nodes: bytes that statements may spill; none by default. */
  readonly tmpStorageQuota?: number;
  /**
   * Global variables that are not at their defaults when the cluster begins, as if an administrator
   * had set them before; in versions that have them in a configuration file, as set there.
   */
  readonly variables?: readonly (readonly [name: string, value: string])[];
  /** Names of the seeded defects that are on. */
  readonly bugs: readonly string[];
  /**
   * Lets user code run until it waits for the cluster again: a turn of `setImmediate` on Node, of a
   * `MessageChannel` in a browser.
   */
  readonly drain: () => Promise<void>;
}
