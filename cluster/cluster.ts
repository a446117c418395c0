import { bootstrapCluster, MAX_REPLICAS } from './bootstrap.ts';
import { BUGS, type BugName, type Bugs } from './bugs.ts';
import { BulkImport } from './bulk-import.ts';
import { ClientMachine } from './client.ts';
import { type Costs, costsAtScale } from './costs.ts';
import { Dictionary } from './dictionary.ts';
import { Invariants } from './invariants.ts';
import { formatLogLine, type Log } from './log.ts';
import { MemoryRecord, type MemoryUsage } from './memory-record.ts';
import {
  EtcdStorage,
  PdMember,
  RegionStorage,
  type ScheduleConfig,
  scheduleConfig,
} from './pd/index.ts';
import { PdAdmin } from './pd-control.ts';
import { PROFILES, type Profile } from './profiles.ts';
import { ClusterScaling } from './scaling.ts';
import {
  type Clock,
  Disk,
  EVENT_HARNESS,
  type EventTarget,
  type Faulty,
  type LinkFault,
  type Process,
  World,
} from './sim/index.ts';
import type { Checkpoint } from './sim/trace.ts';
import { Spells } from './spells.ts';
import type {
  ClusterCounters,
  ClusterOptions,
  Importer,
  LoadableCluster,
  NodeInfo,
  NodeKind,
  PdControl,
  Scaling,
} from './surface.ts';
import { bootTidb, RecordFiles, type TidbShared, TxnClient, tidbShared } from './tidb/index.ts';
import { Store, StoreStorage } from './tikv/index.ts';

/** Number of the client machine; nodes follow from 1: PD, then TiKV, then TiDB. */
const CLIENT_NODE = 0;

/** Builds a cluster and starts all of its nodes; see `surface.ts` for what it can do. */
export function createCluster(options: ClusterOptions): LoadableCluster {
  return new Cluster(options);
}

interface Node {
  readonly id: number;
  readonly name: string;
  readonly kind: NodeKind;
}

/** The wiring: which nodes there are, what outlives their incarnations, how each is started. */
class Cluster implements LoadableCluster, EventTarget {
  readonly clientId = CLIENT_NODE;
  readonly source: ClientMachine;
  readonly importer: Importer;
  readonly pdControl: PdControl = new PdAdmin(
    () => this.members.get(this.pdLeader() ?? -1),
    () => this.world.nowUs,
  );
  readonly scaling: Scaling = new ClusterScaling({
    nodes: () => this.nodes(),
    join: (kind, name) => this.join(kind, name),
    leave: (id) => this.leave(id),
    coordinator: () => this.members.get(this.pdLeader() ?? -1)?.placement?.coordinator,
  });
  private readonly world: World;
  private readonly costs: Costs;
  private readonly profile: Profile;
  private readonly bugs: Bugs;
  private nodeList: readonly Node[];
  private lastNode: number;
  private readonly regions = new Map<number, RegionStorage>();
  private readonly etcd = new Map<number, EtcdStorage>();
  private readonly dictionary = new Dictionary();
  private readonly stores = new Map<number, StoreStorage>();
  private readonly members = new Map<number, PdMember>();
  private readonly schedule: ScheduleConfig;
  private readonly witness = new Invariants(() => this.world.nowUs);
  private readonly memoryRecord = new MemoryRecord((leak) => this.witness.leaked(leak));
  private readonly tmpStorageQuota: number;
  private readonly tidbFiles = new Map<number, RecordFiles>();
  private readonly disks = new Map<number, Disk>();
  private readonly shared: TidbShared;
  private readonly drain: () => Promise<void>;
  private readonly outages = new TsoOutages();
  private logLines: [node: string, line: string][] = [];

  constructor(options: ClusterOptions) {
    this.drain = options.drain;
    this.tmpStorageQuota = options.tmpStorageQuota ?? -1;
    this.costs = costsAtScale(options.scaleDenominator);
    const maxReplicas = Math.min(MAX_REPLICAS, options.tikv);
    this.schedule = scheduleConfig(options.scaleDenominator, { maxReplicas });
    this.profile = PROFILES[options.profile];
    this.bugs = bugsOf(options.bugs);
    const link = { minUs: this.costs.linkMinUs, tailUs: this.costs.linkTailUs };
    this.world = new World(options.seed, link);
    this.nodeList = nodesOf(options);
    this.lastNode = this.nodeList.length;
    this.shared = tidbShared(this.profile, this.costs);
    for (const [name, value] of options.variables ?? []) this.shared.globals.put(name, value);
    for (const id of this.ids('tikv')) this.stores.set(id, new StoreStorage(this.dictionary));
    for (const id of this.ids('pd')) {
      this.regions.set(id, new RegionStorage());
      this.etcd.set(id, new EtcdStorage());
    }
    bootstrapCluster(this.stores, this.regions.values());
    const client = this.world.start(CLIENT_NODE, 'client');
    for (const node of this.nodeList) this.boot(node);
    this.source = new ClientMachine(client, this.ids('tidb'));
    this.importer = this.importerOn(client);
  }

  nodes(): readonly NodeInfo[] {
    return this.nodeList.map((node) => ({ ...node, alive: this.isAlive(node.id) }));
  }

  pdLeader(): number | undefined {
    const leader = this.outages.servingNode;
    // Who is stopped may believe that it leads; nobody can ask it anything.
    return leader === undefined || this.isPaused(leader) ? undefined : leader;
  }

  isAlive(id: number): boolean {
    return this.world.process(id)?.alive === true;
  }

  kill(id: number): void {
    if (!this.isAlive(id)) return;
    this.end(id);
    this.disks.get(id)?.processDied();
  }

  powerCut(id: number): void {
    if (!this.isAlive(id)) return;
    this.end(id);
    this.disks.get(id)?.lostPower();
  }

  restart(id: number): void {
    if (!this.isAlive(id)) this.boot(this.node(id));
  }

  pause(id: number): void {
    this.world.pause(id);
  }

  resume(id: number): void {
    this.world.resume(id);
  }

  isPaused(id: number): boolean {
    return this.world.isPaused(id);
  }

  link(from: number, to: number): Faulty<LinkFault> {
    return this.world.network.link(from, to);
  }

  clock(id: number): Clock {
    return this.world.clocks.of(id);
  }

  disk(id: number): Disk | undefined {
    return this.disks.get(id);
  }

  nowUs(): number {
    return this.world.nowUs;
  }

  async advanceTo(untilUs: number): Promise<void> {
    while (this.world.scheduler.runUntil(untilUs)) await this.drain();
  }

  at(timeUs: number, action: () => void): void {
    this.world.scheduler.schedule(timeUs, EVENT_HARNESS, CLIENT_NODE, 0, this, action);
  }

  sleep(us: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.world.nowUs + us, () => {
        this.world.scheduler.userWork = true;
        resolve();
      });
    });
  }

  fire(_kind: number, payload: unknown): void {
    (payload as () => void)();
  }

  get events(): number {
    return this.world.scheduler.trace.events;
  }

  hash(): string {
    return this.world.scheduler.trace.hash();
  }

  get checkpoints(): readonly Checkpoint[] {
    return this.world.scheduler.trace.checkpoints;
  }

  counters(): ClusterCounters {
    return {
      ...this.witness.counts,
      tsoOutages: this.outages.count,
      withoutTso: this.outages.lengths.summary,
    };
  }

  memory(): MemoryUsage {
    return this.memoryRecord;
  }

  drainLogs(sink: (node: string, line: string) => void): void {
    const lines = this.logLines;
    this.logLines = [];
    for (const [node, line] of lines) sink(node, line);
  }

  stop(): void {
    this.source.stop();
  }

  private importerOn(process: Process): Importer {
    const { dictionary, bugs } = this;
    const { schema, gc } = this.shared;
    return new BulkImport({
      ...{ schema, dictionary, regionKeys: this.costs.regionSplitKeys },
      client: () => new TxnClient(process, this.ids('pd'), bugs, this.logOf(process), gc),
    });
  }

  private join(kind: NodeKind, name: string): number {
    const node = { id: ++this.lastNode, name, kind };
    this.nodeList = [...this.nodeList, node];
    if (kind === 'tikv') this.stores.set(node.id, new StoreStorage(this.dictionary));
    this.boot(node);
    this.source.serversAre(this.ids('tidb'));
    return node.id;
  }

  private leave(id: number): void {
    this.kill(id);
    this.nodeList = this.nodeList.filter((node) => node.id !== id);
    this.source.serversAre(this.ids('tidb'));
  }

  private end(id: number): void {
    this.world.kill(id);
    const { kind } = this.node(id);
    if (kind === 'pd') this.outages.serving(id, false, this.world.nowUs);
    if (kind === 'tikv') this.witness.storeDied(id);
  }

  private boot(node: Node): void {
    const process = this.world.start(node.id, node.name);
    if (node.kind === 'pd') this.bootPd(process);
    else if (node.kind === 'tikv') this.bootStore(process);
    else {
      bootTidb({
        process,
        pdNodes: this.ids('pd'),
        shared: this.shared,
        profile: this.profile,
        costs: this.costs,
        bugs: this.bugs,
        log: this.logOf(process),
        memoryObserver: this.memoryRecord,
        tmpStorageQuota: this.tmpStorageQuota,
        files: this.filesOf(node.id),
      });
    }
  }

  private bootPd(process: Process): void {
    const member = new PdMember({
      process,
      storage: this.etcd.get(process.node) as EtcdStorage,
      disk: this.diskOf(process.node),
      regions: this.regions.get(process.node) as RegionStorage,
      members: this.ids('pd'),
      witness: this.witness,
      config: this.schedule,
      bugs: this.bugs,
      onServing: (id, serving) => this.outages.serving(id, serving, this.world.nowUs),
    });
    this.members.set(process.node, member);
  }

  private bootStore(process: Process): void {
    new Store({
      process,
      storage: this.stores.get(process.node) as StoreStorage,
      disk: this.diskOf(process.node),
      costs: this.costs,
      profile: this.profile,
      bugs: this.bugs,
      pdNodes: this.ids('pd'),
      witness: this.witness,
    });
  }

  private filesOf(id: number): RecordFiles {
    let files = this.tidbFiles.get(id);
    if (files === undefined) {
      files = new RecordFiles();
      this.tidbFiles.set(id, files);
    }
    return files;
  }

  private diskOf(id: number): Disk {
    let disk = this.disks.get(id);
    if (disk === undefined) {
      disk = new Disk(this.world, id, {
        minUs: this.costs.syncMinUs,
        tailUs: this.costs.syncTailUs,
      });
      this.disks.set(id, disk);
    }
    return disk;
  }

  private logOf(process: Process): Log {
    return (level, source, message, fields) => {
      const line = formatLogLine(process.wallMs(), level, source, message, fields);
      this.logLines.push([process.name, line]);
    };
  }

  private ids(kind: NodeKind): number[] {
    return this.nodeList.filter((node) => node.kind === kind).map((node) => node.id);
  }

  private node(id: number): Node {
    const node = this.nodeList.find((other) => other.id === id);
    if (node === undefined) throw new Error(`there is no node ${id}`);
    return node;
  }
}

/** Keeps count of the stretches during which no member served timestamps. */
class TsoOutages {
  count = 0;
  /** Who serves now. */
  servingNode: number | undefined = undefined;
  readonly lengths = new Spells();
  private sinceUs: number | undefined = undefined;

  serving(id: number, serving: boolean, nowUs: number): void {
    if (serving) {
      this.servingNode = id;
      if (this.sinceUs !== undefined) this.lengths.add(nowUs - this.sinceUs);
      this.sinceUs = undefined;
    } else if (this.servingNode === id) {
      this.servingNode = undefined;
      this.count++;
      this.sinceUs = nowUs;
    }
  }
}

function nodesOf(options: ClusterOptions): Node[] {
  const kinds: readonly (readonly [NodeKind, number])[] = [
    ['pd', options.pd],
    ['tikv', options.tikv],
    ['tidb', options.tidb],
  ];
  const nodes: Node[] = [];
  for (const [kind, count] of kinds) {
    for (let i = 0; i < count; i++) {
      nodes.push({ id: nodes.length + 1, name: `${kind}-${i}`, kind });
    }
  }
  return nodes;
}

function bugsOf(names: readonly string[]): Bugs {
  const bugs = new Set<BugName>();
  for (const name of names) {
    if (!Object.hasOwn(BUGS, name)) throw new Error(`there is no seeded defect "${name}"`);
    bugs.add(name as BugName);
  }
  return bugs;
}
