/**
 * # Placement: how PD keeps regions where they should be
 *
 * PD moves nothing itself. It hears what each region's leader says (`basic-cluster.ts`), and
 * answers with the next step of what is to be done with that region (`operator-controller.ts`).
 * What is to be done is found by schedulers, which look at stores (`schedulers/`), and by checkers,
 * which look at one region after the other (`checkers/`, `patrol.ts`):
 *
 * ```
 *   store heartbeats ──▶ BasicCluster ◀── region heartbeats ─────────┐
 *                             │                                      │
 *            schedulers ◀─────┴─────▶ checkers                 leader of region
 *                 └──── operators ────┘                              ▲
 *                           ▼                                        │
 *                  OperatorController ── next step, answered/pushed ─┘
 * ```
 *
 * Life of an operator, for shuffle-region: the scheduler draws a region and a store without a peer
 * of it → add a learner there, and wait until a heartbeat shows that it has caught up → enter a
 * joint configuration → leave it → remove the old peer, which has no vote any more. If the region
 * changes in any way that the operator has not caused, it is cancelled; what it has left behind is
 * repaired by the checkers.
 *
 * All of this is one synchronous machine, without clock, network or disk: it is told the time, says
 * when it wants to be called next, and returns what is to be sent. None of it survives the leader
 * of PD: a new one learns everything from heartbeats, and schedules nothing until it has heard of
 * four regions in five.
 *
 * Source: PD `server/cluster/coordinator.go`, `prepare_checker.go` (v6.0.0).
 */
import type { Rng } from '../sim/index.ts';
import type { RegionInfo } from '../tikv/request.ts';
import { type AdminRequest, adminOperators } from './admin.ts';
import { BasicCluster } from './basic-cluster.ts';
import { MergeChecker } from './checkers/merge-checker.ts';
import type { RegionHeartbeat, RegionHeartbeatResponse } from './heartbeat.ts';
import { OperatorController, type OperatorObserver, type Push } from './operator-controller.ts';
import type { OperatorCounters } from './operator-counters.ts';
import { Patrol } from './patrol.ts';
import type { ScheduleConfig } from './schedule-config.ts';
import type { ScheduleContext } from './schedule-context.ts';
import { SchedulerController } from './scheduler-controller.ts';
import type { StoreStats } from './store-info.ts';

/** How often a new leader looks whether it knows enough. */
const PREPARE_INTERVAL_US = 3_000_000;

/** What a coordinator is made with. */
export interface CoordinatorOptions {
  readonly config: ScheduleConfig;
  /** Time of election, µs. */
  readonly nowUs: number;
  /** A keyed stream of randomness. */
  readonly stream: (label: string) => Rng;
  /** A fresh id for a region or a peer, never given before. */
  readonly allocId: () => number;
  /** Regions that the members of PD remember: four fifths of them must be heard of. */
  readonly knownRegions?: number;
  /** Names of the schedulers to begin with; by default the two balancers. */
  readonly schedulers?: readonly string[];
  /** Mutants. */
  readonly bugs?: ReadonlySet<string>;
  /** Hears what becomes of operators. */
  readonly observe?: OperatorObserver;
}

/** The ids of a region that a split makes: its own, and one for each peer. */
export interface SplitIds {
  readonly region: number;
  readonly peers: readonly number[];
}

const NO_BUGS: ReadonlySet<string> = new Set();
const DEFAULT_SCHEDULERS = ['balance-leader-scheduler', 'balance-region-scheduler'];

/**
 * What the leader of PD owns while it leads. Times are its own monotonic clock, µs. After every
 * call {@link Coordinator.nextDueUs} says when {@link Coordinator.tick} wants to be called.
 */
export class Coordinator {
  readonly cluster: BasicCluster;
  readonly operators: OperatorController;
  private readonly options: CoordinatorOptions;
  private readonly bugs: ReadonlySet<string>;
  private readonly streams = new Map<string, Rng>();
  private readonly scheduling: SchedulerController;
  private readonly merges: MergeChecker;
  private readonly patrol: Patrol;
  private prepared = false;
  private prepareDueUs: number;

  constructor(options: CoordinatorOptions) {
    const { config, nowUs, stream, bugs = NO_BUGS, observe = () => {} } = options;
    this.options = options;
    this.bugs = bugs;
    this.cluster = new BasicCluster(config);
    this.operators = new OperatorController({
      cluster: this.cluster,
      rng: stream('operators'),
      bugs,
      observe,
    });
    this.merges = new MergeChecker(nowUs);
    this.patrol = new Patrol(config, this.merges, nowUs);
    this.scheduling = new SchedulerController((name, atUs) => this.contextOf(name, atUs));
    for (const name of options.schedulers ?? DEFAULT_SCHEDULERS) this.addScheduler(name, nowUs);
    this.prepareDueUs = nowUs;
  }

  /** A store is alive, and how it is. */
  storeHeartbeat(stats: StoreStats, nowUs: number): void {
    this.cluster.storeHeartbeat(stats, nowUs);
  }

  /** A region's leader has spoken. Returns what it is to do next, if anything. */
  regionHeartbeat(heartbeat: RegionHeartbeat, nowUs: number): RegionHeartbeatResponse | undefined {
    if (!this.cluster.regionHeartbeat(heartbeat, nowUs)) return undefined;
    return this.operators.onHeartbeat(heartbeat, nowUs);
  }

  /** Does what is due. Returns what is to be sent, to which stores. */
  tick(nowUs: number): Push[] {
    if (this.prepareDueUs <= nowUs && !this.prepared) this.prepare(nowUs);
    if (this.prepared) {
      this.scheduling.tick(nowUs);
      this.patrol.tick(this.contextOf('patrol', nowUs));
    }
    if (this.pushDueUs <= nowUs) this.operators.push(nowUs);
    return this.operators.takePushes();
  }

  /** When {@link Coordinator.tick} has something to do; the past means at once. */
  get nextDueUs(): number {
    if (this.operators.hasPushes) return 0;
    if (!this.prepared) return Math.min(this.pushDueUs, this.prepareDueUs);
    return Math.min(this.pushDueUs, this.scheduling.nextDueUs, this.patrol.nextDueUs);
  }

  /** Adds a scheduler; false if there is none of this name, or it runs already. */
  addScheduler(name: string, nowUs: number): boolean {
    return this.scheduling.add(name, nowUs);
  }

  /** Removes a scheduler; what it has begun goes on. False if it does not run. */
  removeScheduler(name: string): boolean {
    return this.scheduling.remove(name);
  }

  /** Names of the schedulers that run. */
  schedulers(): string[] {
    return this.scheduling.names();
  }

  /** Begins what an administrator wants, at once and before all else. Returns why not, if so. */
  addOperator(request: AdminRequest, nowUs: number): string | undefined {
    const operators = adminOperators(this.contextOf('admin', nowUs), request);
    return typeof operators === 'string' ? operators : this.operators.addNow(operators, nowUs);
  }

  /** Whether enough is known of the cluster to schedule. */
  get isPrepared(): boolean {
    return this.prepared;
  }

  /** What has become of all operators. */
  get counters(): OperatorCounters {
    return this.operators.counters;
  }

  /** Ids for the regions that a region is about to be split into, beside itself. */
  askBatchSplit({ id, peers }: RegionInfo, count: number, nowUs: number): SplitIds[] {
    const { allocId } = this.options;
    const ids: SplitIds[] = [];
    for (let i = 0; i < count; i++) {
      ids.push({ region: allocId(), peers: peers.map(() => allocId()) });
    }
    this.recordSplit([id, ...ids.map(({ region }) => region)], nowUs);
    return ids;
  }

  /** These regions come out of a split: the merge checker leaves them alone for an hour. */
  recordSplit(regions: readonly number[], nowUs: number): void {
    this.merges.recordSplit(regions, nowUs);
  }

  /** The store is to be emptied, then removed; false if it is not known. */
  removeStore(id: number): boolean {
    return this.cluster.removeStore(id);
  }

  /** The push ticker's next beat at which an operator is due. */
  private get pushDueUs(): number {
    const { pushIntervalUs } = this.options.config;
    return Math.ceil(this.operators.nextPushUs / pushIntervalUs) * pushIntervalUs;
  }

  private prepare(nowUs: number): void {
    const { nowUs: electedUs, config, knownRegions = 0 } = this.options;
    const { cluster } = this;
    const isKnown = (expected: number, heard: number): boolean => heard * 5 >= expected * 4;
    this.prepareDueUs = nowUs + PREPARE_INTERVAL_US;
    this.prepared =
      nowUs - electedUs >= config.collectTimeoutUs ||
      (cluster.regionCount > 0 &&
        isKnown(knownRegions, cluster.regionCount) &&
        cluster.stores.every(({ stats, regionCount }) => isKnown(stats.regionCount, regionCount)));
  }

  private contextOf(label: string, nowUs: number): ScheduleContext {
    const { config, allocId, stream } = this.options;
    let rng = this.streams.get(label);
    if (rng === undefined) {
      rng = stream(label);
      this.streams.set(label, rng);
    }
    const { cluster, operators, bugs } = this;
    return { cluster, config, operators, rng, allocId, nowUs, bugs };
  }
}
