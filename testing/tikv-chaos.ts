import type { BugName } from '../cluster/bugs.ts';
import type { PeerWish } from '../cluster/pd/heartbeat.ts';
import type { PeerInfo, RegionInfo } from '../cluster/tikv/request.ts';
import { keyOf } from './mvcc-world.ts';
import { TikvClient } from './tikv-client.ts';
import { copiesOf } from './tikv-copies.ts';
import { TikvOracle } from './tikv-oracle.ts';
import { PD, TikvWorld } from './tikv-world.ts';

/** One thing that happens: what it is, and two numbers to choose with. */
export type TikvStep = readonly [what: number, whom: number, which: number];

/** Upper bound of a step's `what`, exclusive. */
export const TIKV_KINDS = 100;

const STORES = 4;
const KEYS = ['a', 'd', 'g', 'j', 'm', 'p', 's', 'v'];
const MS = 1000;
const SECOND = 1_000_000;
/** All must work again so long after everything was healed, µs. */
const RECOVERY_US = 240 * SECOND;
/** Copies must agree so long after that, µs. */
const REST_US = 300 * SECOND;

/**
 * Plays a random schedule on real stores: reads, writes, splits, merges, moves, while stores die,
 * lose power, are cut off and have disks that stall. Then all is healed, and the cluster must work
 * again and its copies agree. Answers with what was violated.
 */
export function playTikvChaos(
  seed: number,
  steps: readonly TikvStep[],
  bugs: readonly BugName[] = [],
): readonly string[] {
  const chaos = new Chaos(seed, new Set(bugs));
  for (const step of steps) {
    chaos.play(step);
    if (chaos.violations.length > 0) return chaos.violations;
  }
  chaos.settle();
  return chaos.violations;
}

class Chaos {
  private readonly world: TikvWorld;
  private readonly client: TikvClient;
  private readonly oracle = new TikvOracle();
  private readonly stalled = new Set<number>();

  constructor(seed: number, bugs: ReadonlySet<BugName>) {
    this.world = new TikvWorld(
      {
        ...{ stores: STORES, replicas: 3, splitAt: ['h', 'n'], profile: 'v8.5.0' },
        // Logs are cut after a few entries, so that snapshots are common.
        ...{ splitKeys: 800, seed: `${seed}`, tailUs: 300 },
      },
      bugs,
    );
    this.client = new TikvClient(this.world);
  }

  get violations(): readonly string[] {
    const violated = this.world.events.filter(({ text }) => text.startsWith('VIOLATED'));
    return [...this.oracle.violations, ...violated.map(({ text }) => text)];
  }

  play([what, whom, which]: TikvStep): void {
    const { world } = this;
    const node = (whom % STORES) + 1;
    const key = KEYS[which % KEYS.length] ?? '';
    if (what < 20) this.put(key, which % 9 === 0 ? node : undefined);
    else if (what < 28) for (let i = 0; i < 30; i++) this.put(key, undefined);
    else if (what < 42) this.get(key, which % 5 === 0 ? node : undefined);
    else if (what < 56) world.pass((which % 20) * SECOND);
    else if (what < 60) this.end(node, 'kill');
    else if (what < 62) this.end(node, 'power-cut');
    else if (what < 68) this.restart(node);
    else if (what < 71) this.isolate(node, which);
    else if (what < 74) this.heal();
    else if (what < 76) this.stall(node);
    else if (what < 80) this.split(key, which);
    else if (what < 84) this.transfer(which, whom);
    else if (what < 92) this.changeMembers(which, whom);
    else if (what < 99) this.merge(which);
    else for (let other = 1; other <= STORES; other++) this.end(other, 'power-cut');
    world.pass((which % 7) * 3 * MS);
  }

  /** Heals everything, and demands that the cluster works again. */
  settle(): void {
    const { world } = this;
    this.heal();
    for (let node = 1; node <= STORES; node++) this.restart(node);
    const until = world.world.nowUs + RECOVERY_US;
    const served = new Set<string>();
    while (served.size < KEYS.length && world.world.nowUs < until) {
      for (const key of KEYS) {
        if (!served.has(key)) this.put(key, undefined, () => served.add(key));
      }
      world.pass(SECOND);
    }
    const unserved = KEYS.filter((key) => !served.has(key));
    if (unserved.length > 0) this.oracle.violations.push(`nobody serves ${unserved.join(' ')}`);
    for (const key of KEYS) this.get(key, undefined);
    world.pass(REST_US);
    this.oracle.violations.push(...copiesOf(world));
  }

  private put(key: string, node: number | undefined, done: () => void = () => {}): void {
    const value = this.oracle.writes(key);
    const body = this.client.put([[key, `${value}`]]);
    this.client.request(
      body,
      at(key),
      node === undefined ? {} : { store: node },
      (reply, error) => {
        if (this.oracle.wrote(key, value, reply, error)) done();
      },
    );
    this.world.pass(MS);
  }

  private get(key: string, node: number | undefined): void {
    const least = this.oracle.reads(key);
    const to = node === undefined ? {} : { store: node };
    this.client.request(this.client.get(key), at(key), to, (reply) => {
      const { body } = reply ?? {};
      if (body?.kind !== 'get' || body.locked !== undefined) return;
      this.oracle.saw(key, least, body.value === undefined ? undefined : Number(body.value[0]));
    });
    this.world.pass(MS);
  }

  private end(node: number, how: 'kill' | 'power-cut'): void {
    if (this.world.store(node) !== undefined) this.world.end(node, how);
  }

  private restart(node: number): void {
    if (this.stalled.delete(node)) this.world.disk(node).lift('script');
    if (this.world.store(node) === undefined) this.world.start(node);
  }

  private stall(node: number): void {
    if (this.stalled.has(node)) return;
    this.stalled.add(node);
    this.world.disk(node).impose('script', { kind: 'stall' });
  }

  private isolate(node: number, which: number): void {
    this.heal();
    const others = [1, 2, 3, 4, PD].filter((other) => other !== node);
    for (const other of others) {
      if (which % 4 === 0 && other !== 1 + (which % STORES)) continue;
      if (which % 3 !== 0) this.world.cut(node, other);
      if (which % 3 !== 1) this.world.cut(other, node);
    }
  }

  private heal(): void {
    for (const node of this.stalled) this.world.disk(node).lift('script');
    this.stalled.clear();
    this.world.heal();
  }

  private split(key: string, which: number): void {
    const name = which % 2 === 0 ? key : `${key}b`;
    const body = { kind: 'split-region', keys: [at(name)] } as const;
    this.client.request(body, at(name), {}, () => {});
  }

  private transfer(which: number, whom: number): void {
    const region = this.region(which);
    const peer = region?.peers[whom % region.peers.length];
    if (region === undefined || peer?.role !== 'voter') return;
    this.world.pd.push(region.id, { kind: 'transfer-leader', peer: peer.id });
  }

  private merge(which: number): void {
    const all = this.world.pd.regions.all().map(({ region }) => region);
    const source = all[which % all.length];
    const target = all[(which % all.length) + (which % 2 === 0 ? 1 : -1)];
    if (source === undefined || target === undefined) return;
    this.world.pd.push(source.id, { kind: 'merge', target });
  }

  /** The next step on the way of some peer to another store. */
  private changeMembers(which: number, whom: number): void {
    const region = this.region(which);
    if (region === undefined) return;
    const wishes = wishesFor(region, whom, () => this.world.pd.allocate());
    if (wishes !== undefined) this.world.pd.push(region.id, { kind: 'change-peer', wishes });
  }

  private region(which: number): RegionInfo | undefined {
    const all = this.world.pd.regions.all();
    return all[which % all.length]?.region;
  }
}

function wishesFor(
  { peers }: RegionInfo,
  whom: number,
  allocate: () => number,
): PeerWish[] | undefined {
  const of = (role: PeerInfo['role']): PeerInfo[] => peers.filter((peer) => peer.role === role);
  if (of('incoming-voter').length + of('demoting-voter').length > 0) return [];
  const [learner] = of('learner');
  const voters = of('voter');
  const voter = voters[whom % voters.length];
  if (voter === undefined) return undefined;
  if (learner === undefined) {
    const free = [1, 2, 3, 4].find((store) => !peers.some((peer) => peer.store === store));
    if (voters.length > 3 || free === undefined) return [{ kind: 'remove', peer: voter }];
    return [{ kind: 'add-learner', peer: { id: allocate(), store: free } }];
  }
  if (whom % 4 === 0) return [{ kind: 'remove', peer: learner }];
  const promote: PeerWish = { kind: 'add-voter', peer: learner };
  return whom % 4 === 1 ? [promote] : [promote, { kind: 'add-learner', peer: voter }];
}

function at(name: string): string {
  return keyOf(name).encoded;
}
