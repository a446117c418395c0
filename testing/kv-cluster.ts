/**
 * PD, stores and one transaction client without SQL: what tests of transactions run on. Everything
 * is the real thing; only the wiring is shorter than in `cluster/cluster.ts`.
 */

import { bootstrapCluster } from '../cluster/bootstrap.ts';
import { type Bugs, NO_BUGS } from '../cluster/bugs.ts';
import { costsAtScale } from '../cluster/costs.ts';
import { Dictionary } from '../cluster/dictionary.ts';
import { Invariants } from '../cluster/invariants.ts';
import { type Key, keySpace, makeKey } from '../cluster/key.ts';
import type { Lock } from '../cluster/mvcc/index.ts';
import { EtcdStorage, PdMember, RegionStorage, scheduleConfig } from '../cluster/pd/index.ts';
import { PROFILES } from '../cluster/profiles.ts';
import { Disk, type Process, type Wait, World } from '../cluster/sim/index.ts';
import { TxnClient, TxnStorage } from '../cluster/tidb/txn/index.ts';
import { type Engine, Store, StoreStorage } from '../cluster/tikv/index.ts';

const CLIENT = 9;
/** Another client, for what happens behind the back of the first. */
const STRANGER = 8;
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
  /** What PD knows. */
  readonly regions = new RegionStorage();
  readonly engines = new Map<number, Engine>();
  private readonly stores = new Map<number, StoreStorage>();
  private readonly running = new Map<number, Store>();
  readonly log: string[] = [];
  private readonly witness = new Invariants(() => this.world.nowUs);
  private readonly disks = new Map<number, Disk>();
  private readonly bugs: Bugs;
  private readonly costs = costsAtScale(1);

  /** With `replicated` both stores keep both regions, each leading one. */
  constructor(seed = '1', bugs: Bugs = NO_BUGS, replicated = false) {
    this.bugs = bugs;
    this.world = new World(seed, { minUs: 80, tailUs: 20 });
    const dictionary = new Dictionary();
    for (const store of STORES) this.stores.set(store, new StoreStorage(dictionary));
    const middle = keyOf('m').encoded;
    const [one, two] = STORES as [number, number];
    bootstrapCluster(
      this.stores,
      [this.regions],
      [
        { startKey: '', endKey: middle, stores: replicated ? [one, two] : [one] },
        { startKey: middle, endKey: '', stores: replicated ? [two, one] : [two] },
      ],
    );
    new PdMember({
      process: this.world.start(PD, 'pd-0'),
      storage: new EtcdStorage(),
      disk: new Disk(this.world, PD, { minUs: 250, tailUs: 100 }),
      regions: this.regions,
      members: [PD],
      witness: this.witness,
      config: scheduleConfig(1, { maxReplicas: replicated ? 2 : 1 }),
      bugs,
      onServing: () => {},
    });
    for (const store of STORES) {
      this.engines.set(store, (this.stores.get(store) as StoreStorage).engine);
      this.disks.set(store, new Disk(this.world, store, { minUs: 250, tailUs: 100 }));
      this.startStore(store);
    }
    const process = this.world.start(CLIENT, 'tidb-0');
    this.client = new TxnClient(process, [PD], bugs, (level, _source, message) =>
      this.log.push(`${level} ${message}`),
    );
    this.storage = new TxnStorage(this.client);
    this.world.scheduler.runUntil(1_000_000);
  }

  /** The process that the client's tasks run in. */
  get process(): Process {
    return this.client.process;
  }

  /** The store that holds a key. */
  storeOf(name: string): number {
    return this.regions.locate(keyOf(name).encoded)?.leaderStore as number;
  }

  /** Splits a region at a key without the client's knowledge. */
  split(name: string): void {
    const other = new TxnClient(this.world.start(STRANGER, 'tidb-1'), [PD], this.bugs, () => {});
    let done = false;
    const body = new TxnStorage(other).splitRegions([keyOf(name).encoded]);
    other.process.spawn(body, (error) => {
      if (error !== undefined) throw error;
      done = true;
    });
    while (!done) this.pass(1000);
    this.pass(10_000);
    this.world.kill(STRANGER);
  }

  /** Starts the next incarnation of a store. */
  startStore(store: number): void {
    const running = new Store({
      process: this.world.start(store, `tikv-${store}`),
      storage: this.stores.get(store) as StoreStorage,
      disk: this.disks.get(store) as Disk,
      costs: this.costs,
      profile: PROFILES['v8.5.0'],
      bugs: this.bugs,
      pdNodes: [PD],
      witness: this.witness,
    });
    this.running.set(store, running);
  }

  /** The lock on a key, wherever its leader keeps it. */
  lock(name: string): Lock | undefined {
    for (const { raft } of this.running.values()) {
      for (const peer of raft.peers.values()) {
        const lock = peer.locks.lock(keyOf(name));
        if (lock !== undefined) return lock;
      }
    }
    return undefined;
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
