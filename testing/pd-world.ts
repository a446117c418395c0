import { Coordinator, type CoordinatorOptions } from '../cluster/pd/coordinator.ts';
import type { RegionHeartbeatResponse } from '../cluster/pd/heartbeat.ts';
import { Rng } from '../cluster/sim/rng.ts';
import { type ModelRegion, PdModel } from './pd-model.ts';

const STORE_HEARTBEAT_US = 10_000_000;
/** How often the model is asked whether something has happened by itself. */
const MODEL_STEP_US = 50_000;
/** Ids of regions and peers that PD gives out begin here, above those a script gives. */
const FIRST_ID = 1000;

/** Hears what goes to and fro. */
export interface PdWitness {
  told(store: number, response: RegionHeartbeatResponse): void;
  refused(region: ModelRegion): void;
}

/**
 * A coordinator and a model of the cluster it has to do with, in one time. Messages take none.
 * Stores send their heartbeats every ten seconds; regions are reported by the test, or, once the
 * stores are {@link PdWorld.obeys | obedient}, whenever they have changed.
 */
export class PdWorld {
  readonly pd: Coordinator;
  readonly model: PdModel;
  nowUs = 0;
  /** Whether leaders do at once what they are told, and report it. */
  obeys = false;
  /** What each region's leader was told last. */
  readonly told = new Map<number, RegionHeartbeatResponse>();
  private readonly witness: PdWitness;
  private nextId = FIRST_ID;
  private nextStoreHeartbeatUs = STORE_HEARTBEAT_US;

  constructor(
    options: Omit<CoordinatorOptions, 'nowUs' | 'stream' | 'allocId'> & { readonly seed: string },
    witness: PdWitness,
  ) {
    this.witness = witness;
    this.pd = new Coordinator({
      ...options,
      nowUs: 0,
      stream: (label) => new Rng(options.seed, label),
      allocId: () => this.nextId++,
    });
    this.model = new PdModel(
      (info) => this.pd.askBatchSplit(info, 1, this.nowUs)[0] ?? { region: 0, peers: [] },
    );
  }

  /** A store is there, and says so. */
  addStore(id: number): void {
    this.model.stores.set(id, { id, downUs: undefined, busy: false });
    this.storeHeartbeat(id);
  }

  /** A store says how it is. */
  storeHeartbeat(id: number): void {
    const regions = [...this.model.regions.values()];
    const here = regions.filter(({ info }) => info.peers.some(({ store }) => store === id));
    const led = regions.filter((region) => this.model.leaderStore(region) === id);
    const isBusy = this.model.stores.get(id)?.busy === true;
    const counts = { regionCount: here.length, leaderCount: led.length };
    this.pd.storeHeartbeat({ store: id, ...counts, isBusy }, this.nowUs);
  }

  /** A region's leader says how it is. */
  heartbeat(region: ModelRegion): void {
    const { id } = region.info;
    const known = this.pd.cluster.region(id);
    const heartbeat = this.model.heartbeat(region, this.nowUs);
    const response = this.pd.regionHeartbeat(heartbeat, this.nowUs);
    const accepted = this.pd.cluster.region(id);
    if (accepted === known || accepted === undefined) this.witness.refused(region);
    if (response !== undefined) this.tell(this.model.leaderStore(region), response);
  }

  /** The leaders of these regions report, where they can. */
  report(regions: readonly ModelRegion[]): void {
    for (const region of regions) {
      if (this.model.isUp(this.model.leaderStore(region))) this.heartbeat(region);
    }
  }

  /** Time passes, from one thing to do to the next. */
  elapse(lengthUs: number): void {
    const untilUs = this.nowUs + lengthUs;
    for (;;) {
      const modelUs = this.obeys ? this.nowUs + MODEL_STEP_US : untilUs;
      const dueUs = Math.max(this.nowUs, this.pd.nextDueUs);
      this.nowUs = Math.min(dueUs, this.nextStoreHeartbeatUs, modelUs, untilUs);
      if (this.nextStoreHeartbeatUs <= this.nowUs) this.heartbeatAll();
      if (this.obeys) this.report(this.model.pass(this.nowUs));
      if (this.pd.nextDueUs <= this.nowUs) this.tick();
      else if (this.nowUs === untilUs) break;
    }
    if (!this.obeys) this.report(this.model.pass(untilUs));
  }

  private heartbeatAll(): void {
    this.nextStoreHeartbeatUs = this.nowUs + STORE_HEARTBEAT_US;
    for (const store of this.model.stores.values()) {
      if (store.downUs === undefined) this.storeHeartbeat(store.id);
    }
    if (this.obeys) this.report([...this.model.regions.values()]);
  }

  private tick(): void {
    for (const { store, response } of this.pd.tick(this.nowUs)) this.tell(store, response);
  }

  private tell(store: number, response: RegionHeartbeatResponse): void {
    this.witness.told(store, response);
    this.told.set(response.region, response);
    if (this.obeys) this.report(this.model.obey(response, this.nowUs));
  }
}
