/**
 * Real stores on the simulated world, a PD that does as it is told, and a client that knows nothing
 * of retries: what the scripts of `cluster/tikv/testdata` run on.
 */
import { bootstrapCluster } from '../cluster/bootstrap.ts';
import type { BugName } from '../cluster/bugs.ts';
import { costsAtScale } from '../cluster/costs.ts';
import { Dictionary } from '../cluster/dictionary.ts';
import { Invariants, InvariantViolation } from '../cluster/invariants.ts';
import { PROFILES, type ProfileName } from '../cluster/profiles.ts';
import { Disk, type Process, type RpcError, World } from '../cluster/sim/index.ts';
import { Store, StoreStorage } from '../cluster/tikv/index.ts';
import type { KvReply, KvRequest, RegionInfo } from '../cluster/tikv/request.ts';
import { keyOf } from './mvcc-world.ts';
import { ScriptedPd } from './scripted-pd.ts';
import { rangeOf } from './tikv-show.ts';

/** Node of PD; a store's node is its number. */
export const PD = 50;
const CLIENT = 60;
/** How long the client waits for an answer, µs. */
const TIMEOUT_US = 60_000_000;
/** How finely the end of a wait is looked for, µs. */
const STEP_US = 100;

/** What a cluster is made of. */
export interface TikvOptions {
  readonly stores: number;
  /** Where the first key space is cut; each part is a region. */
  readonly splitAt: readonly string[];
  readonly replicas: number;
  readonly profile: ProfileName;
  /** Records at which a region splits by itself. */
  readonly splitKeys: number | undefined;
  /**
   * Seed of all chance, and how far latencies vary; without them everything takes the same time.
   */
  readonly seed?: string;
  readonly tailUs?: number;
}

/** Tells scripts what the stores do; violated assertions are noted instead of thrown. */
class Narrator extends Invariants {
  private readonly tell: (text: string) => void;

  constructor(nowUs: () => number, tell: (text: string) => void) {
    super(nowUs);
    this.tell = tell;
  }

  override elected(region: RegionInfo, term: number, store: number): void {
    super.elected(region, term, store);
    this.tell(`tikv-${store} leads region ${region.id} in term ${term}`);
  }

  override split(before: RegionInfo, after: readonly RegionInfo[], leads: boolean): void {
    super.split(before, after, leads);
    if (leads) this.tell(`region ${before.id} is split into ${after.map(rangeOf).join(' and ')}`);
  }

  override merged(target: RegionInfo, source: RegionInfo, leads: boolean): void {
    super.merged(target, source, leads);
    if (leads) this.tell(`region ${source.id} is merged into ${rangeOf(target)}`);
  }
}

/** See above. Throws nothing of its own; `violation` holds what an assertion found. */
export class TikvWorld {
  readonly world: World;
  readonly pd = new ScriptedPd();
  readonly storages = new Map<number, StoreStorage>();
  /** What happened, with the time in µs; whoever reads it empties it. */
  events: { readonly atUs: number; readonly text: string }[] = [];
  private readonly options: TikvOptions;
  private readonly bugs: ReadonlySet<BugName>;
  private readonly running = new Map<number, Store>();
  private readonly disks = new Map<number, Disk>();
  private readonly witness: Invariants;
  private readonly client: Process;
  private readonly dictionary = new Dictionary();
  private cuts: [from: number, to: number][] = [];

  constructor(options: TikvOptions, bugs: ReadonlySet<BugName>) {
    this.options = options;
    this.bugs = bugs;
    this.world = new World(options.seed ?? 'tikv', { minUs: 500, tailUs: options.tailUs ?? 0 });
    this.witness = new Narrator(
      () => this.world.nowUs,
      (text) => this.tell(text),
    );
    this.client = this.world.start(CLIENT, 'client');
    this.pd.start(this.world.start(PD, 'pd'));
    for (let node = 1; node <= options.stores; node++) {
      this.storages.set(node, new StoreStorage(this.dictionary));
      this.disks.set(node, this.newDisk(node));
    }
    this.bootstrap();
    for (const node of this.storages.keys()) this.start(node);
    this.elect();
  }

  /** The running incarnation of a store; undefined while it is down. */
  store(node: number): Store | undefined {
    return this.running.get(node);
  }

  /** What a store has on its disk. */
  storage(node: number): StoreStorage {
    const storage = this.storages.get(node);
    if (storage === undefined) throw new Error(`there is no store tikv-${node}`);
    return storage;
  }

  /** The disk of a store. */
  disk(node: number): Disk {
    return this.disks.get(node) as Disk;
  }

  /** Something happened that a script shows. */
  tell(text: string): void {
    this.events.push({ atUs: this.world.nowUs, text });
  }

  /** Adds a store that keeps nothing yet. */
  join(node: number): void {
    this.storages.set(node, new StoreStorage(this.dictionary));
    this.disks.set(node, this.newDisk(node));
    this.start(node);
  }

  /** Starts the next incarnation of a node. */
  start(node: number): void {
    if (node === PD) {
      this.pd.start(this.world.start(PD, 'pd'));
      return;
    }
    const { profile, splitKeys } = this.options;
    const costs = costsAtScale(1);
    const store = new Store({
      process: this.world.start(node, `tikv-${node}`),
      storage: this.storage(node),
      disk: this.disk(node),
      costs: splitKeys === undefined ? costs : { ...costs, regionSplitKeys: splitKeys },
      profile: PROFILES[profile],
      bugs: this.bugs,
      pdNodes: [PD],
      witness: this.witness,
    });
    this.running.set(node, store);
  }

  /** Ends a node's incarnation: by a signal, or with the loss of all that was not synced. */
  end(node: number, how: 'kill' | 'power-cut'): void {
    this.world.kill(node);
    this.running.delete(node);
    if (how === 'kill') this.disks.get(node)?.processDied();
    else this.disks.get(node)?.lostPower();
  }

  /** Lets nothing through from one node to another any more. */
  cut(from: number, to: number): void {
    this.world.network.link(from, to).impose('script', { kind: 'block' });
    this.cuts.push([from, to]);
  }

  /** Mends all cuts. */
  heal(): void {
    const { cuts } = this;
    this.cuts = [];
    for (const [from, to] of cuts) this.world.network.link(from, to).lift('script');
  }

  /** Sends a request to a store. */
  send(
    node: number,
    request: KvRequest,
    done: (reply: KvReply | undefined, error: RpcError | undefined) => void,
  ): void {
    this.client.call(node, request, 1, TIMEOUT_US, (reply, error) =>
      done(reply as KvReply | undefined, error),
    );
  }

  /** Lets time pass, until `done` says so or the time is over. */
  pass(us: number, done: () => boolean = () => false): void {
    const until = this.world.nowUs + us;
    while (this.world.nowUs < until && !done()) {
      const next = Math.min(until, this.world.nowUs + STEP_US);
      this.guarded(() => this.world.scheduler.runUntil(next));
    }
  }

  private newDisk(node: number): Disk {
    return new Disk(this.world, node, { minUs: 250, tailUs: this.options.tailUs ?? 0 });
  }

  private guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof InvariantViolation)) throw error;
      this.tell(`VIOLATED ${error.invariant}: ${error.message}`);
    }
  }

  private bootstrap(): void {
    const { splitAt, replicas } = this.options;
    const bounds = ['', ...splitAt.map((name) => keyOf(name).encoded), ''];
    const stores = [...this.storages.keys()].slice(0, replicas);
    const ranges = bounds.slice(1).map((endKey, i) => ({
      ...{ startKey: bounds[i] ?? '', endKey, stores },
    }));
    bootstrapCluster(this.storages, [this.pd.regions], ranges);
  }

  /** The first store leads everything, and every leader knows that it may calculate timestamps. */
  private elect(): void {
    const first = this.store(1);
    if (first === undefined) return;
    for (const peer of first.raft.peers.values()) first.raft.campaign(peer);
    this.pass(100_000);
  }
}
