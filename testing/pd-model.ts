import type {
  PeerWish,
  RegionHeartbeat,
  RegionHeartbeatResponse,
} from '../cluster/pd/heartbeat.ts';
import type { PeerInfo, RegionInfo } from '../cluster/tikv/request.ts';

/** Time until a new peer, or one whose store was away, has what the others have, µs. */
const CATCH_UP_US = 200_000;
/** Time from prepare-merge to commit-merge, µs. */
const MERGE_US = 100_000;
/** Time from the loss of a leader to the next one, µs. */
const ELECTION_US = 10_000_000;
/** Silence after which a leader calls a peer down, µs. */
const PEER_DOWN_US = 600_000_000;

/** A store of the model; `downUs` says since when it is away. */
export interface ModelStore {
  readonly id: number;
  downUs: number | undefined;
  busy: boolean;
}

/** A region as it really is, which PD only hears of. */
export interface ModelRegion {
  info: RegionInfo;
  leader: number;
  term: number;
  bytes: number;
  keys: number;
  /** Peers that lag, and when they will have caught up if their stores are there. */
  readonly behind: Map<number, number>;
  /** Is being merged: into which region, as it was, and when that is settled. */
  merging: { readonly target: RegionInfo; readonly settledUs: number } | undefined;
}

/**
 * Stores and regions without Raft and without data, which do what PD says, by TiKV's rules: a
 * command for another epoch is void and so is one that would change nothing, a leader does not
 * remove itself, a learner takes time, a merge is settled by the target's epoch. What the model
 * does *not* do is to refuse a change that would cost the quorum, as TiKV does: PD must not ask for
 * one in the first place.
 */
export class PdModel {
  readonly stores = new Map<number, ModelStore>();
  readonly regions = new Map<number, ModelRegion>();
  private readonly askIds: (region: RegionInfo) => { region: number; peers: readonly number[] };

  constructor(askIds: PdModel['askIds']) {
    this.askIds = askIds;
  }

  /** Obeys a command. Returns the regions that have something new to report. */
  obey(response: RegionHeartbeatResponse, nowUs: number): ModelRegion[] {
    const region = this.regions.get(response.region);
    if (region === undefined || !this.isUp(this.leaderStore(region))) return [];
    const { epoch } = region.info;
    if (epoch.version !== response.epoch.version || epoch.confVer !== response.epoch.confVer) {
      return [];
    }
    switch (response.kind) {
      case 'transfer-leader':
        return this.transfer(region, response.peer);
      case 'change-peer':
        return this.changePeers(region, response.wishes, nowUs);
      case 'merge':
        return this.prepareMerge(region, response.target, nowUs);
      case 'split-region':
        return this.split(region, middleOf(region.info));
    }
  }

  /** What time brings: peers catch up, merges are settled, leaders elected. */
  pass(nowUs: number): ModelRegion[] {
    const changed = new Set<ModelRegion>();
    for (const region of [...this.regions.values()]) {
      if (!this.regions.has(region.info.id)) continue;
      if (this.catchUp(region, nowUs)) changed.add(region);
      if (this.elect(region, nowUs)) changed.add(region);
      const settled = this.settleMerge(region, nowUs);
      if (settled !== undefined) changed.add(settled);
    }
    return [...changed].filter((region) => this.regions.get(region.info.id) === region);
  }

  /** Splits a region; the old id keeps the right half. */
  split(region: ModelRegion, key: string | undefined): ModelRegion[] {
    if (key === undefined || region.merging !== undefined) return [];
    const { info } = region;
    const ids = this.askIds(info);
    const epoch = { confVer: info.epoch.confVer, version: info.epoch.version + 1 };
    const peers = info.peers.map((peer, at) => ({ ...peer, id: ids.peers[at] ?? 0 }));
    const leaderAt = info.peers.findIndex(({ id }) => id === region.leader);
    region.bytes = Math.ceil(region.bytes / 2);
    region.keys = Math.ceil(region.keys / 2);
    region.info = { ...info, startKey: key, epoch };
    const left: ModelRegion = {
      ...region,
      info: { ...info, id: ids.region, endKey: key, epoch, peers },
      leader: peers[leaderAt]?.id ?? 0,
      behind: new Map(),
    };
    this.regions.set(ids.region, left);
    return [left, region];
  }

  /** A store goes away; its peers lag from now on. */
  kill(id: number, nowUs: number): void {
    const store = this.stores.get(id);
    if (store !== undefined) store.downUs = nowUs;
    for (const region of this.regions.values()) {
      for (const peer of region.info.peers) {
        if (peer.store === id) region.behind.set(peer.id, Number.POSITIVE_INFINITY);
      }
    }
  }

  /** A store is back; its peers catch up. */
  restart(id: number, nowUs: number): void {
    const store = this.stores.get(id);
    if (store !== undefined) store.downUs = undefined;
    for (const region of this.regions.values()) {
      for (const peer of region.info.peers) {
        if (peer.store === id) region.behind.set(peer.id, nowUs + CATCH_UP_US);
      }
    }
  }

  /** What the region's leader says of it. */
  heartbeat(region: ModelRegion, nowUs: number): RegionHeartbeat {
    const { info, leader, term, bytes, keys, behind } = region;
    const isLong = ({ store }: PeerInfo): boolean => {
      const downUs = this.stores.get(store)?.downUs;
      return downUs !== undefined && nowUs - downUs >= PEER_DOWN_US;
    };
    return {
      region: info,
      leader,
      term,
      downPeers: info.peers.filter(isLong).map(({ id }) => id),
      pendingPeers: info.peers.filter(({ id }) => behind.has(id)).map(({ id }) => id),
      approximateSizeBytes: bytes,
      approximateKeys: keys,
    };
  }

  /** Node number of the leader's store. */
  leaderStore({ info, leader }: ModelRegion): number {
    return info.peers.find(({ id }) => id === leader)?.store ?? 0;
  }

  isUp(store: number): boolean {
    return this.stores.get(store)?.downUs === undefined;
  }

  /** Whether both halves of the configuration have a majority on stores that are there. */
  hasQuorum({ info }: ModelRegion): boolean {
    const halves = [
      info.peers.filter(({ role }) => role === 'voter' || role === 'incoming-voter'),
      info.peers.filter(({ role }) => role === 'voter' || role === 'demoting-voter'),
    ];
    return halves.every((half) => {
      const alive = half.filter(({ store }) => this.isUp(store)).length;
      return half.length > 0 && alive * 2 > half.length;
    });
  }

  private transfer(region: ModelRegion, id: number): ModelRegion[] {
    const peer = region.info.peers.find((one) => one.id === id);
    const able = peer?.role === 'voter' || peer?.role === 'incoming-voter';
    if (!able || !this.isUp(peer.store) || region.behind.has(id)) return [];
    region.leader = id;
    region.term++;
    return [region];
  }

  private changePeers(
    region: ModelRegion,
    wishes: readonly PeerWish[],
    nowUs: number,
  ): ModelRegion[] {
    if (region.merging !== undefined) return [];
    const { epoch, peers } = region.info;
    const next = wishes.length === 0 ? peers.flatMap(settled) : changed(peers, wishes);
    const leader = next.find(({ id }) => id === region.leader);
    if (leader === undefined || leader.role === 'learner' || areEqual(peers, next)) return [];
    for (const { kind, peer } of wishes) {
      const isNew = !peers.some(({ id }) => id === peer.id);
      if (isNew && kind !== 'remove') region.behind.set(peer.id, nowUs + CATCH_UP_US);
      if (kind === 'remove') region.behind.delete(peer.id);
    }
    const confVer = epoch.confVer + Math.max(1, wishes.length);
    region.info = { ...region.info, peers: next, epoch: { version: epoch.version, confVer } };
    return [region];
  }

  private prepareMerge(source: ModelRegion, to: RegionInfo, nowUs: number): ModelRegion[] {
    const target = this.regions.get(to.id);
    if (target === undefined || source.merging !== undefined || target.merging !== undefined) {
      return [];
    }
    if (source.behind.size > 0 || !areOnSameStores(source.info, target.info)) return [];
    const { version, confVer } = source.info.epoch;
    source.info = { ...source.info, epoch: { version: version + 1, confVer: confVer + 1 } };
    source.merging = { target: target.info, settledUs: nowUs + MERGE_US };
    return [source];
  }

  /** Returns the region that has something to report, if the merge is settled. */
  private settleMerge(source: ModelRegion, nowUs: number): ModelRegion | undefined {
    const { merging, info } = source;
    if (merging === undefined || nowUs < merging.settledUs) return undefined;
    source.merging = undefined;
    const target = this.regions.get(merging.target.id);
    const { version, confVer } = info.epoch;
    if (target?.info.epoch !== merging.target.epoch) {
      source.info = { ...info, epoch: { version: version + 1, confVer } };
      return source;
    }
    const into = target.info;
    const isLeft = info.startKey < into.startKey;
    target.info = {
      ...into,
      startKey: isLeft ? info.startKey : into.startKey,
      endKey: isLeft ? into.endKey : info.endKey,
      epoch: { ...into.epoch, version: Math.max(version, into.epoch.version) + 1 },
    };
    target.bytes += source.bytes;
    target.keys += source.keys;
    this.regions.delete(info.id);
    return target;
  }

  private catchUp(region: ModelRegion, nowUs: number): boolean {
    let changed = false;
    for (const [id, atUs] of region.behind) {
      const store = region.info.peers.find((peer) => peer.id === id)?.store;
      if (atUs > nowUs || store === undefined || !this.isUp(store)) continue;
      if (!this.isUp(this.leaderStore(region))) continue;
      region.behind.delete(id);
      changed = true;
    }
    return changed;
  }

  private elect(region: ModelRegion, nowUs: number): boolean {
    const downUs = this.stores.get(this.leaderStore(region))?.downUs;
    if (downUs === undefined || nowUs - downUs < ELECTION_US || !this.hasQuorum(region)) {
      return false;
    }
    const heir = region.info.peers.find(
      ({ id, store, role }) => role !== 'learner' && this.isUp(store) && !region.behind.has(id),
    );
    if (heir === undefined) return false;
    region.leader = heir.id;
    region.term++;
    return true;
  }
}

function changed(peers: readonly PeerInfo[], wishes: readonly PeerWish[]): PeerInfo[] {
  const joint = wishes.length > 1;
  const next = [...peers];
  for (const { kind, peer } of wishes) {
    const at = next.findIndex(({ id }) => id === peer.id);
    const wasVoter = next[at]?.role === 'voter';
    if (kind === 'remove') {
      if (at >= 0) next.splice(at, 1);
      continue;
    }
    const voter = joint && !wasVoter ? 'incoming-voter' : 'voter';
    const learner = joint && wasVoter ? 'demoting-voter' : 'learner';
    const one: PeerInfo = { ...peer, role: kind === 'add-voter' ? voter : learner };
    if (at >= 0) next[at] = one;
    else next.push(one);
  }
  return next;
}

function settled(peer: PeerInfo): PeerInfo[] {
  if (peer.role === 'incoming-voter') return [{ ...peer, role: 'voter' }];
  return [peer.role === 'demoting-voter' ? { ...peer, role: 'learner' } : peer];
}

function areEqual(a: readonly PeerInfo[], b: readonly PeerInfo[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ id, role }, at) => {
      const other = b[at];
      return other?.id === id && other.role === role;
    })
  );
}

function areOnSameStores(a: RegionInfo, b: RegionInfo): boolean {
  const voterOn = ({ peers }: RegionInfo, store: number): boolean =>
    peers.some((peer) => peer.store === store && peer.role === 'voter');
  return (
    a.peers.length === b.peers.length &&
    a.peers.every(({ store }) => voterOn(a, store) && voterOn(b, store))
  );
}

/** A key between a region's ends, if there is a short one. */
function middleOf({ startKey, endKey }: RegionInfo): string | undefined {
  const from = startKey === '' ? 0x20 : startKey.charCodeAt(0);
  const to = endKey === '' ? 0x7f : endKey.charCodeAt(0);
  if (to - from > 1) return String.fromCharCode((from + to) >> 1);
  const key = `${startKey}m`;
  return key > startKey && (endKey === '' || key < endKey) ? key : undefined;
}
