/**
 * PD, stores and one transaction client without SQL: what tests of transactions run on. Everything
 * is the real thing; only the wiring is shorter than in `cluster/cluster.ts`.
 */
import { type Bugs, NO_BUGS } from '../cluster/bugs.ts';
import { costsAtScale } from '../cluster/costs.ts';
import { Dictionary } from '../cluster/dictionary.ts';
import { type Key, keySpace, makeKey } from '../cluster/key.ts';
import { Etcd, PdMember } from '../cluster/pd/index.ts';
import { RegionTable } from '../cluster/region-table.ts';
import { Disk, type Process, type Wait, World } from '../cluster/sim/index.ts';
import { TxnClient, TxnStorage } from '../cluster/tidb/txn/index.ts';
import { Engine, Store } from '../cluster/tikv/index.ts';

const CLIENT = 9;
const PD = 1;
const STORES = [2, 3];

/** The space all test keys live in: one string, one integer. */
export const SPACE = keySpace({
  tableId: 1,
  indexId: 0,
  name: 't',
  keyKinds: ['string'],
  valueKinds: ['int'],
});

/** The key of a name. */
export function keyOf(name: string): Key {
  return makeKey(SPACE, [name]);
}

/** A small cluster; keys from `m` on live in a region of their own on the second store. */
export class KvCluster {
  readonly world: World;
  readonly client: TxnClient;
  readonly storage: TxnStorage;
  readonly regions = new RegionTable(STORES[0] as number);
  readonly engines = new Map<number, Engine>();
  readonly log: string[] = [];
  private readonly disks = new Map<number, Disk>();
  private readonly bugs: Bugs;
  private readonly costs = costsAtScale(1);

  constructor(seed = '1', bugs: Bugs = NO_BUGS) {
    this.bugs = bugs;
    this.world = new World(seed, { minUs: 80, tailUs: 20 });
    this.regions.split(keyOf('m').encoded, STORES[1] as number);
    const dictionary = new Dictionary();
    const etcd = new Etcd(this.world, [PD]);
    new PdMember({
      process: this.world.start(PD, 'pd-0'),
      etcd,
      regions: this.regions,
      stores: STORES,
      onServing: () => {},
    });
    for (const store of STORES) {
      this.engines.set(store, new Engine(dictionary));
      this.disks.set(store, new Disk(this.world, store, { minUs: 250, tailUs: 100 }));
      this.startStore(store);
    }
    const process = this.world.start(CLIENT, 'tidb-0');
    this.client = new TxnClient(process, [PD], bugs, (level, _source, message) =>
      this.log.push(`${level} ${message}`),
    );
    this.storage = new TxnStorage(this.client);
    this.world.scheduler.runUntil(100_000);
  }

  /** The process that the client's tasks run in. */
  get process(): Process {
    return this.client.process;
  }

  /** The store that holds a key. */
  storeOf(name: string): number {
    return this.regions.locate(keyOf(name).encoded).peers[0]?.store as number;
  }

  /** Starts the next incarnation of a store. */
  startStore(store: number): void {
    new Store({
      process: this.world.start(store, `tikv-${store}`),
      engine: this.engines.get(store) as Engine,
      disk: this.disks.get(store) as Disk,
      regions: this.regions,
      costs: this.costs,
      bugs: this.bugs,
    });
  }

  /** Kills a store: what was not synced may be lost. */
  killStore(store: number): void {
    this.world.kill(store);
    this.disks.get(store)?.lostPower();
  }

  /** Runs a computation to its end, or for `us` at most, and returns what became of it. */
  run<T>(body: Wait<T>, us = 100_000_000): T {
    const outcome = this.start(body);
    const until = this.world.nowUs + us;
    while (!outcome.done && this.world.nowUs < until) {
      this.world.scheduler.runUntil(Math.min(until, this.world.nowUs + 100));
    }
    if (!outcome.done) throw new Error('not finished in time');
    if (outcome.error !== undefined) throw outcome.error;
    return outcome.value as T;
  }

  /** Starts a computation without waiting for it. */
  start<T>(body: Wait<T>): { done: boolean; value?: T; error?: unknown } {
    const outcome: { done: boolean; value?: T; error?: unknown } = { done: false };
    this.process.spawn(body, (error, value) => {
      outcome.done = true;
      if (error === undefined) outcome.value = value as T;
      else outcome.error = error;
    });
    return outcome;
  }

  /** Lets time pass. */
  pass(us: number): void {
    this.world.scheduler.runUntil(this.world.nowUs + us);
  }
}
