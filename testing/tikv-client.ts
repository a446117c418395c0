import { type Lock, MAX_TS, type Mutation } from '../cluster/mvcc/index.ts';
import type { RpcError } from '../cluster/sim/index.ts';
import type { KvReply, KvRequest, KvRequestBody, RegionEpoch } from '../cluster/tikv/request.ts';
import { keyOf } from './mvcc-world.ts';
import { shownReply } from './tikv-show.ts';
import type { TikvWorld } from './tikv-world.ts';

const TTL_MS = 3000;
/** How long a lock request waits at a store before it asks again, ms. */
const LOCK_WAIT_MS = 1000;

/** Where a script wants a request to go; what is left out is as PD says. */
export interface Destination {
  readonly store?: number;
  readonly region?: number;
  readonly version?: number;
}

/** A transaction of a script. */
interface Session {
  readonly startTs: number;
  forUpdateTs: number;
  readonly keys: Set<string>;
}

/** A request under way. */
export interface Flight {
  answered: boolean;
}

/**
 * A client that sends exactly what it is told to and reports the answer as it comes: no retries, no
 * cache of regions. Keys of one request lie in one region.
 */
export class TikvClient {
  private readonly world: TikvWorld;
  private readonly sessions = new Map<string, Session>();

  constructor(world: TikvWorld) {
    this.world = world;
  }

  /** Whose timestamp it is. */
  readonly nameOf = (startTs: number): string => {
    for (const [name, session] of this.sessions) if (session.startTs === startTs) return name;
    return 'somebody';
  };

  /** Writes in one phase: one request, one entry of the log. */
  put(pairs: readonly Pair[]): KvRequestBody {
    const startTs = this.world.pd.timestamp();
    return this.prewriteOf(pairs, startTs, 0, false, true);
  }

  /** Reads the newest value. */
  get(name: string): KvRequestBody {
    const readTs = this.world.pd.timestamp();
    return { kind: 'get', key: keyOf(name), readTs, bypass: [] };
  }

  /** Begins a pessimistic transaction. */
  begin(name: string): void {
    const startTs = this.world.pd.timestamp();
    this.sessions.set(name, { startTs, forUpdateTs: startTs, keys: new Set() });
  }

  /** Locks keys, and waits for others' locks on them if told to. */
  lock(name: string, names: readonly string[], wait: boolean): KvRequestBody {
    const session = this.session(name);
    const isFirstLock = session.keys.size === 0;
    for (const key of names) session.keys.add(key);
    const [primary = ''] = session.keys;
    session.forUpdateTs = this.world.pd.timestamp();
    return {
      kind: 'pessimistic-lock',
      keys: names.map(keyOf),
      primary: keyOf(primary),
      startTs: session.startTs,
      forUpdateTs: session.forUpdateTs,
      ttlMs: TTL_MS,
      isFirstLock,
      waitTimeoutMs: wait ? LOCK_WAIT_MS : 0,
      shouldNotExist: names.map(() => false),
      returnValues: false,
    };
  }

  /** The first phase over locked keys. */
  prewrite(name: string, pairs: readonly Pair[]): KvRequestBody {
    const { startTs, forUpdateTs } = this.session(name);
    return this.prewriteOf(pairs, startTs, forUpdateTs, true, false);
  }

  /** The second phase, for all keys that were locked. */
  commit(name: string): KvRequestBody {
    const commitTs = this.world.pd.timestamp();
    return { kind: 'commit', ...this.all(name), commitTs };
  }

  /** Gives the pessimistic locks back. */
  release(name: string): KvRequestBody {
    return { kind: 'pessimistic-rollback', ...this.all(name), forUpdateTs: MAX_TS };
  }

  /** Sends a request; its answer becomes an event called `label`. */
  send(label: string, body: KvRequestBody, at: string, to: Destination): Flight {
    const flight: Flight = { answered: false };
    this.request(body, at, to, (reply, error) => {
      flight.answered = true;
      this.world.tell(`${label} → ${shownReply(reply, error, this.nameOf)}`);
    });
    return flight;
  }

  /** Sends a request to where PD sees the region of a key, unless told otherwise. */
  request(
    body: KvRequestBody,
    at: string,
    to: Destination,
    done: (reply: KvReply | undefined, error: RpcError | undefined) => void,
  ): void {
    const { world } = this;
    const route = world.pd.regions.locate(at);
    const region = to.region ?? route?.region.id ?? 0;
    const known = world.pd.regions.get(region)?.region.epoch;
    const confVer = known?.confVer ?? 1;
    const epoch: RegionEpoch = { confVer, version: to.version ?? known?.version ?? 1 };
    const request: KvRequest = { region, epoch, body };
    world.send(to.store ?? route?.leaderStore ?? 1, request, done);
  }

  /** Where a request of this session goes: where its first key is. */
  firstKeyOf(name: string): string {
    return [...this.session(name).keys][0] ?? '';
  }

  private prewriteOf(
    pairs: readonly Pair[],
    startTs: number,
    forUpdateTs: number,
    locked: boolean,
    tryOnePc: boolean,
  ): KvRequestBody {
    const mutations = pairs.map(([key, value]): Mutation => {
      const row = { key: keyOf(key), value: [Number(value)] };
      return { op: 'put', ...row, pessimisticLock: locked };
    });
    return {
      kind: 'prewrite',
      mutations,
      primary: keyOf(pairs[0]?.[0] ?? ''),
      startTs,
      forUpdateTs,
      ttlMs: TTL_MS,
      txnSize: pairs.length,
      minCommitTs: startTs + 1,
      tryOnePc,
      isRetry: false,
    };
  }

  private all(name: string): { keys: Lock['key'][]; startTs: number } {
    const { keys, startTs } = this.session(name);
    return { keys: [...keys].map(keyOf), startTs };
  }

  private session(name: string): Session {
    const session = this.sessions.get(name);
    if (session === undefined) throw new Error(`${name} has not begun`);
    return session;
  }
}

/** A key and its value as a script says them. */
export type Pair = readonly [key: string, value: string];
