import { type Process, Rng } from '../sim/index.ts';
import type { RegionInfo } from '../tikv/request.ts';
import { Coordinator, type SplitIds } from './coordinator.ts';
import type { RegionHeartbeat, RegionHeartbeatResponse, StoreHeartbeat } from './heartbeat.ts';
import { IdPool } from './id-pool.ts';
import type { ScheduleConfig } from './schedule-config.ts';

/** Ids a round of schedulers may use up at most. */
const IDS_AT_HAND = 100;

/** What a leader's placement is made with. */
export interface PlacementOptions {
  readonly process: Process;
  readonly config: ScheduleConfig;
  readonly bugs: ReadonlySet<string>;
  /** Regions that this member remembers. */
  readonly knownRegions: number;
  readonly schedulers: readonly string[];
  readonly saveIds: (count: number, done: (first: number | undefined) => void) => void;
}

/**
 * The coordinator in the life of a leader: given time, ids from etcd, and a way to push steps to
 * stores. It ends with the leadership.
 */
export class Placement {
  readonly coordinator: Coordinator;
  private readonly process: Process;
  private readonly ids: IdPool;
  private ended = false;
  private armedUs = Number.POSITIVE_INFINITY;

  constructor(options: PlacementOptions) {
    const { process, config, bugs, knownRegions, schedulers, saveIds } = options;
    this.process = process;
    this.ids = new IdPool(saveIds);
    const { seed, nowUs } = process.world;
    this.coordinator = new Coordinator({
      config,
      nowUs,
      stream: (label) => new Rng(seed, `pd/${label}/${process.node}/${nowUs}`),
      allocId: () => this.ids.take(),
      knownRegions,
      schedulers,
      bugs,
    });
    this.arm();
  }

  /** A store is alive. */
  storeHeartbeat(stats: StoreHeartbeat): void {
    this.coordinator.storeHeartbeat(stats, this.nowUs);
    this.arm();
  }

  /** Leaders have spoken of their regions; what each is to do next. */
  regionHeartbeats(heartbeats: readonly RegionHeartbeat[]): RegionHeartbeatResponse[] {
    const steps: RegionHeartbeatResponse[] = [];
    for (const heartbeat of heartbeats) {
      const step = this.coordinator.regionHeartbeat(heartbeat, this.nowUs);
      if (step !== undefined) steps.push(step);
    }
    this.arm();
    return steps;
  }

  /** Ids for the parts of a region; undefined if there are not enough at hand. */
  askBatchSplit(region: RegionInfo, count: number): SplitIds[] | undefined {
    if (this.ids.size < count * (region.peers.length + 1)) return undefined;
    return this.coordinator.askBatchSplit(region, count, this.nowUs);
  }

  /** Leadership is over. */
  end(): void {
    this.ended = true;
  }

  /**
   * Sees to it that what is due is done in time. To be called after the coordinator was changed.
   */
  arm(): void {
    const dueUs = Math.max(this.coordinator.nextDueUs, this.nowUs);
    if (dueUs >= this.armedUs) return;
    this.armedUs = dueUs;
    this.process.after(dueUs - this.nowUs, () => this.tick(dueUs));
  }

  private tick(dueUs: number): void {
    if (this.ended || dueUs !== this.armedUs) return;
    this.armedUs = Number.POSITIVE_INFINITY;
    if (this.ids.size < IDS_AT_HAND) {
      this.armedUs = this.nowUs + 10_000;
      this.process.after(10_000, () => this.tick(this.armedUs));
      return;
    }
    for (const { store, response } of this.coordinator.tick(this.nowUs)) {
      this.process.send(store, { kind: 'operator-step', step: response }, response.region);
    }
    this.arm();
  }

  private get nowUs(): number {
    return this.process.world.nowUs;
  }
}
