import { BUGS, type BugName } from '../cluster/bugs.ts';
import type { PeerWish } from '../cluster/pd/heartbeat.ts';
import type { RegionRoute } from '../cluster/pd/index.ts';
import { PROFILE_NAMES } from '../cluster/profiles.ts';
import type { KvRequestBody } from '../cluster/tikv/request.ts';
import { type Args, type Command, type CommandRunner, unknownCommand } from './golden-script.ts';
import { keyOf } from './mvcc-world.ts';
import type { Wish } from './scripted-pd.ts';
import { type Destination, TikvClient } from './tikv-client.ts';
import {
  shownData,
  shownEntry,
  shownLock,
  shownPeer,
  shownPeers,
  shownRegion,
} from './tikv-show.ts';
import { PD, TikvWorld } from './tikv-world.ts';

const MS = 1000;
const SECOND = 1_000_000;
/** Patience with an answer, µs. */
const PATIENCE_US = SECOND;
/** After so long without an event none is to be expected, µs. */
const LONG_US = 120 * SECOND;
/** Time for what was set off to be done, µs. */
const SETTLE_US = 50 * MS;

type Shown = readonly string[] | undefined;

/**
 * The vocabulary of `cluster/tikv/testdata`. Every command prints what happened because of it, in
 * the order of time: elections, splits, merges, answers to requests.
 *
 * cluster stores=3 [replicas=3] [at=m,t] [profile=v8.5.0] [split-keys=] · defect name
 * [no-wait] put a=1 b=2 [on tikv-2] [region=] [version=] · get a [on tikv-2] [region=] [version=] ·
 * load 60 [at k] (so many entries, one after the other) · split m (as a client asks) · begin t1 ·
 * lock a b by t1 [wait] · prewrite a=1 by t1 · commit t1 · release t1 transfer 1 to tikv-2 · change
 * 1 add-learner=tikv-4 add-voter=tikv-4 remove=tikv-2 · leave 1 · merge 2 into 1 · halve 1 (as
 * operators of PD ask) kill tikv-1 · power-cut tikv-1 tikv-2 · restart tikv-1 · join tikv-4 · cut
 * tikv-1 [from tikv-2] · cut tikv-2 tikv-3 to tikv-1 (one way) · heal · stall tikv-1 · unstall
 * tikv-1 · [timed] wait 15s · [timed] next (until something happens) regions · peers 1 · log 1 on
 * tikv-2 · data · locks
 */
export class TikvScript implements CommandRunner {
  private made: { readonly world: TikvWorld; readonly client: TikvClient } | undefined;
  private readonly bugs = new Set<BugName>();
  private readonly commands: Readonly<Record<string, (args: Args) => Shown>> = {
    cluster: (args) => this.cluster(args),
    defect: (args) => this.defect(args),
    put: (args) => this.put(args),
    get: (args) => this.get(args),
    load: (args) => this.load(args.rest()),
    split: (args) => this.split(args),
    begin: (args) => this.each(args, (name) => this.client.begin(name)),
    lock: (args) => this.lock(args),
    prewrite: (args) => this.prewrite(args),
    commit: (args) => this.finish('commit', args),
    release: (args) => this.finish('release', args),
    transfer: (args) => this.transfer(args),
    change: (args) => this.change(args),
    leave: (args) => this.operate(regionIn(args.rest()), { kind: 'change-peer', wishes: [] }),
    merge: (args) => this.merge(args),
    halve: (args) => this.operate(regionIn(args.rest()), { kind: 'split-region' }),
    kill: (args) => this.each(args, (name) => this.world.end(nodeOf(name), 'kill')),
    'power-cut': (args) => this.each(args, (name) => this.world.end(nodeOf(name), 'power-cut')),
    restart: (args) => this.each(args, (name) => this.world.start(nodeOf(name))),
    join: (args) => this.each(args, (name) => this.world.join(nodeOf(name))),
    cut: (args) => this.cut(args),
    heal: () => this.act(() => this.world.heal()),
    stall: (args) => this.each(args, (name) => this.stall(name)),
    unstall: (args) => this.each(args, (name) => this.world.disk(nodeOf(name)).lift('script')),
    wait: (args) => this.act(() => this.world.pass(duration(args.next('how long')))),
    next: () => this.next(),
    regions: () => this.world.pd.regions.all().map(shownRoute),
    peers: (args) => this.peers(regionIn(args.rest())),
    log: (args) => this.log(args),
    data: () => this.data(),
    locks: () => this.locks(),
  };

  run(command: Command): readonly string[] {
    const known = this.commands[command.name];
    if (known === undefined) return unknownCommand(command);
    const timed = command.args.tag('timed');
    const sinceUs = this.made?.world.world.nowUs ?? 0;
    const shown = known(command.args) ?? [];
    const events = this.made?.world.events ?? [];
    if (this.made !== undefined) this.made.world.events = [];
    const told = events.map(({ atUs, text }) =>
      timed ? `after ${Math.floor((atUs - sinceUs) / SECOND)}s ${text}` : text,
    );
    return [...told, ...shown];
  }

  private get world(): TikvWorld {
    if (this.made === undefined) throw new Error('a script begins with its cluster');
    return this.made.world;
  }

  private get client(): TikvClient {
    if (this.made === undefined) throw new Error('a script begins with its cluster');
    return this.made.client;
  }

  private cluster(args: Args): Shown {
    const stores = args.integer('stores');
    const wanted = args.optionalText('profile') ?? 'v8.5.0';
    const profile = PROFILE_NAMES.find((name) => name === wanted);
    if (profile === undefined) throw new Error(`unknown profile ${wanted}`);
    const world = new TikvWorld(
      {
        stores,
        replicas: args.optionalInteger('replicas') ?? Math.min(3, stores),
        splitAt: args.optionalText('at')?.split(',') ?? [],
        profile,
        splitKeys: args.optionalInteger('split-keys'),
      },
      this.bugs,
    );
    this.made = { world, client: new TikvClient(world) };
    return undefined;
  }

  private defect(args: Args): Shown {
    const name = args.next('the defect');
    if (!Object.hasOwn(BUGS, name)) throw new Error(`unknown defect ${name}`);
    this.bugs.add(name as BugName);
    return undefined;
  }

  private put(args: Args): Shown {
    const sending = sendingOf(args);
    const pairs = args.pairs();
    const label = `put ${shownPairs(pairs)}`;
    return this.send(label, this.client.put(pairs), pairs[0]?.[0] ?? '', sending);
  }

  private get(args: Args): Shown {
    const sending = sendingOf(args);
    const [key = ''] = sending.words;
    return this.send(`get ${key}`, this.client.get(key), key, sending);
  }

  private load(words: string[]): Shown {
    const key = after(words, 'at') ?? 'k';
    for (let i = 1; i <= Number(words[0]); i++) {
      const flight = this.client.send('load', this.client.put([[key, `${i}`]]), at(key), {});
      this.world.pass(PATIENCE_US, () => flight.answered);
    }
    this.world.events = this.world.events.filter(({ text }) => text !== 'load → ok');
    return undefined;
  }

  private split(args: Args): Shown {
    const sending = sendingOf(args);
    const { words } = sending;
    const keys = words.map(at);
    const body = { kind: 'split-region', keys } as const;
    return this.send(`split ${words.join(' ')}`, body, words[0] ?? '', sending);
  }

  private lock(args: Args): Shown {
    const patient = args.flag('wait');
    const sending = sendingOf(args);
    const { words } = sending;
    const by = after(words, 'by') ?? '';
    const body = this.client.lock(by, words, patient);
    return this.send(`lock ${words.join(' ')} by ${by}`, body, words[0] ?? '', sending);
  }

  private prewrite(args: Args): Shown {
    const sending = sendingOf(args);
    const by = after(sending.words, 'by') ?? '';
    const pairs = args.pairs();
    const body = this.client.prewrite(by, pairs);
    const label = `prewrite ${shownPairs(pairs)} by ${by}`;
    return this.send(label, body, pairs[0]?.[0] ?? '', sending);
  }

  private finish(how: 'commit' | 'release', args: Args): Shown {
    const sending = sendingOf(args);
    const [by = ''] = sending.words;
    return this.send(`${how} ${by}`, this.client[how](by), this.client.firstKeyOf(by), sending);
  }

  /** Sends a request and waits for its answer for a while, unless told not to. */
  private send(what: string, body: KvRequestBody, key: string, { to, wait }: Sending): Shown {
    const label = to.store === undefined ? what : `${what} on tikv-${to.store}`;
    const flight = this.client.send(label, body, at(key), to);
    if (!wait) return undefined;
    this.world.pass(PATIENCE_US, () => flight.answered);
    return flight.answered ? undefined : [`${label}: no answer yet`];
  }

  private next(): Shown {
    const { world } = this;
    world.pass(LONG_US, () => world.events.length > 0);
    return world.events.length > 0 ? undefined : ['nothing happens'];
  }

  private transfer(args: Args): Shown {
    const words = args.rest();
    const to = nodeOf(after(words, 'to') ?? '');
    const id = regionIn(words);
    return this.operate(id, { kind: 'transfer-leader', peer: this.peerOn(id, to) });
  }

  /** Wishes of PD: a peer that is to be added gets a fresh id, one that is there keeps its own. */
  private change(args: Args): Shown {
    const id = regionIn(args.rest());
    const { pd } = this.world;
    const wishes = args.pairs().map(([kind, where]): PeerWish => {
      if (kind !== 'add-voter' && kind !== 'add-learner' && kind !== 'remove') {
        throw new Error(`unknown change ${kind}`);
      }
      const store = nodeOf(where);
      const known = pd.regions.get(id)?.region.peers.find((peer) => peer.store === store);
      return { kind, peer: { id: known?.id ?? pd.allocate(), store } };
    });
    return this.operate(id, { kind: 'change-peer', wishes });
  }

  private merge(args: Args): Shown {
    const words = args.rest();
    const into = Number(after(words, 'into'));
    const target = this.world.pd.regions.get(into)?.region;
    if (target === undefined) throw new Error(`PD knows no region ${into}`);
    return this.operate(regionIn(words), { kind: 'merge', target });
  }

  private operate(id: number, wish: Wish): Shown {
    return this.act(() => {
      this.world.pd.push(id, wish);
      this.world.pass(SETTLE_US);
    });
  }

  private peerOn(id: number, node: number): number {
    const { peers } = this.world.pd.regions.get(id)?.region ?? { peers: [] };
    const peer = peers.find(({ store }) => store === node);
    if (peer === undefined) throw new Error(`region ${id} has no peer on tikv-${node}`);
    return peer.id;
  }

  private cut(args: Args): Shown {
    const words = args.rest();
    const to = after(words, 'to');
    const from = after(words, 'from');
    const nodes = words.map(nodeOf);
    const all = [...this.world.storages.keys(), PD];
    const others = to === undefined && from === undefined ? all : [nodeOf(to ?? from ?? '')];
    for (const node of nodes) {
      for (const other of others.filter((one) => one !== node)) {
        this.world.cut(node, other);
        if (to === undefined) this.world.cut(other, node);
      }
    }
    return undefined;
  }

  private stall(name: string): void {
    this.world.disk(nodeOf(name)).impose('script', { kind: 'stall' });
  }

  private peers(id: number): Shown {
    return [...this.world.storages].map(([node, { tombstones }]) => {
      const store = this.world.store(node);
      const peer = store?.raft.peers.get(id);
      if (store === undefined) return `tikv-${node}: down`;
      if (peer !== undefined) return `tikv-${node}: ${shownPeer(peer)}`;
      return `tikv-${node}: ${tombstones.has(id) ? 'tombstone' : 'nothing'}`;
    });
  }

  private log(args: Args): Shown {
    const words = args.rest();
    const node = nodeOf(after(words, 'on') ?? '');
    const log = this.world.storage(node).peers.get(regionIn(words))?.log;
    if (log === undefined) return ['nothing'];
    const begin = `begins behind ${log.truncatedIndex}@${log.truncatedTerm}`;
    return [begin, ...log.entries.map(shownEntry)];
  }

  private data(): Shown {
    return [...this.world.storages].map(
      ([node, { engine }]) => `tikv-${node}: ${shownData(engine)}`,
    );
  }

  private locks(): Shown {
    const lines: string[] = [];
    for (const [node, { engine }] of this.world.storages) {
      for (const lock of engine.locks.inRange('', '')) {
        lines.push(`tikv-${node}: ${shownLock(lock, this.client.nameOf)}`);
      }
      for (const [id, { locks }] of this.world.store(node)?.raft.peers ?? []) {
        for (const lock of locks.inRange('', '')) {
          const shown = shownLock(lock, this.client.nameOf);
          lines.push(`tikv-${node}: ${shown}, in memory of region ${id}`);
        }
      }
    }
    return lines.length === 0 ? ['none'] : lines;
  }

  private each(args: Args, action: (name: string) => void): Shown {
    for (const name of args.rest()) action(name);
    return undefined;
  }

  private act(action: () => void): Shown {
    action();
    return undefined;
  }
}

function shownRoute({ region, leaderStore }: RegionRoute): string {
  return `${shownRegion(region)} led by tikv-${leaderStore}, peers ${shownPeers(region)}`;
}

function shownPairs(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([key, value]) => `${key}=${value}`).join(' ');
}

/** How a request is to be sent, and the words that say what it is. */
interface Sending {
  readonly to: Destination;
  readonly wait: boolean;
  readonly words: string[];
}

function sendingOf(args: Args): Sending {
  const wait = !args.tag('no-wait');
  const region = args.optionalInteger('region');
  const version = args.optionalInteger('version');
  const words = args.rest();
  const on = after(words, 'on');
  const to = {
    ...(on === undefined ? {} : { store: nodeOf(on) }),
    ...(region === undefined ? {} : { region }),
    ...(version === undefined ? {} : { version }),
  };
  return { to, wait, words };
}

/** The encoding of a key's name. */
function at(name: string): string {
  return keyOf(name).encoded;
}

/** Takes `word` and the word behind it out; answers with the latter. */
function after(words: string[], word: string): string | undefined {
  const at = words.indexOf(word);
  return at < 0 ? undefined : words.splice(at, 2)[1];
}

function regionIn(words: readonly string[]): number {
  const id = Number(words[0]);
  if (words.length !== 1 || !Number.isSafeInteger(id)) throw new Error('a region is a number');
  return id;
}

function nodeOf(name: string): number {
  if (name === 'pd') return PD;
  const node = Number(/^tikv-(\d+)$/.exec(name)?.[1]);
  if (Number.isNaN(node)) throw new Error(`${name} is no node`);
  return node;
}

function duration(text: string): number {
  const [, number, unit] = /^(\d+)(ms|s)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`${text} is no duration such as 15s`);
  return Number(number) * (unit === 's' ? SECOND : MS);
}
