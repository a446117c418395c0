import type { RegionHeartbeat, RegionHeartbeatResponse } from '../pd/heartbeat.ts';
import type { PdReply, PdRequest } from '../pd/request.ts';
import { isRpcError, type Wait } from '../sim/index.ts';
import { proposeMembers } from './conf-change.ts';
import { proposeMerge } from './merge.ts';
import type { Peer, Proposer } from './peer.ts';
import type { RaftStore } from './raft-store.ts';

/** Source: TiKV `pd-store-heartbeat-tick-interval`, `pd-heartbeat-tick-interval`. */
const STORE_HEARTBEAT_US = 10_000_000;
const REGION_HEARTBEAT_US = 60_000_000;
/** How long a request to PD may take. */
const TIMEOUT_US = 3_000_000;
/** Pause before the next member is tried. */
const RETRY_US = 300_000;
/** How often a request is tried before it is given up; the next heartbeat says it all again. */
const ATTEMPTS = 10;
/** Without a leader for so long a peer asks PD whether it is still wanted. */
const LEADER_MISSING_US = 120_000_000;
/** What a record weighs: the seed's rows. */
const RECORD_BYTES = 100;
/** A peer silent for so long is reported as down (`max-peer-down-duration`). */
const PEER_DOWN_US = 600_000_000;
/** A peer so many entries behind needs a snapshot or a long catch-up. */
const PENDING_GAP = 1000;

/** Nobody waits for what PD asks for: it sees the outcome in the next heartbeat. */
const NOBODY: Proposer = { applied: () => {}, refused: () => {} };

/**
 * A store's conversation with PD: heartbeats there, steps of operators back. Regions at rest are
 * reported together, once a minute; a region that changed is reported at once. Source: TiKV
 * `raftstore::store::worker::pd`.
 */
export class PdWorker {
  private readonly store: RaftStore;
  /** Which of the members led when last heard of. */
  private member = 0;
  /** Leader seen when last answered: a new one is told everything. */
  private leader: number | undefined = undefined;
  private reports: Peer[] = [];

  constructor(store: RaftStore) {
    this.store = store;
    this.heartbeatStore();
    store.process.after(REGION_HEARTBEAT_US, () => this.heartbeatRegions());
  }

  /** Tells PD of a region that has changed. */
  reportRegion(peer: Peer): void {
    if (this.reports.length === 0) this.store.process.after(1000, () => this.flush());
    if (!this.reports.includes(peer)) this.reports.push(peer);
  }

  /** Asks PD; `done` gets undefined if no member answers. */
  ask<K extends PdReply['kind']>(
    request: PdRequest,
    kind: K,
    done: (reply: Extract<PdReply, { kind: K }> | undefined) => void,
  ): void {
    this.attempt(request, ATTEMPTS, (reply) => {
      done(reply?.kind === kind ? (reply as Extract<PdReply, { kind: K }>) : undefined);
    });
  }

  /** A fresh timestamp; undefined if no member answers. */
  *timestamp(): Wait<number | undefined> {
    const task = this.store.process.world.currentTask();
    this.ask({ kind: 'tso', count: 1 }, 'tso', (reply) => task.resume(reply?.ts));
    return (yield) as number | undefined;
  }

  /** A step of an operator, by heartbeat or pushed. */
  onResponse(response: RegionHeartbeatResponse): void {
    const peer = this.store.peers.get(response.region);
    if (peer === undefined || !peer.isLeader) return;
    const { epoch } = peer.region;
    const { version, confVer } = response.epoch;
    if (epoch.version !== version || epoch.confVer !== confVer) return;
    switch (response.kind) {
      case 'transfer-leader':
        peer.transferLeader(response.peer);
        break;
      case 'change-peer':
        proposeMembers(peer, response.wishes, NOBODY);
        break;
      case 'merge':
        proposeMerge(peer, response.target);
        break;
      case 'split-region':
        this.store.splitCheck.splitInTheMiddle(peer);
        break;
    }
  }

  private attempt(
    request: PdRequest,
    attempts: number,
    done: (reply: PdReply | undefined) => void,
  ): void {
    const { process, context } = this.store;
    const { pdNodes } = context;
    const to = pdNodes[this.member % pdNodes.length] as number;
    process.call(to, request, this.store.node, TIMEOUT_US, (reply, error) => {
      const answer = error === undefined && !isRpcError(reply) ? (reply as PdReply) : undefined;
      if (answer !== undefined && answer.kind !== 'not-leader' && answer.kind !== 'error') {
        this.answeredBy(to);
        done(answer);
        return;
      }
      const hint = answer?.kind === 'not-leader' ? answer.leader : undefined;
      const known = hint === undefined ? -1 : pdNodes.indexOf(hint);
      this.member = known >= 0 ? known : this.member + 1;
      if (attempts <= 1) done(undefined);
      else process.after(RETRY_US, () => this.attempt(request, attempts - 1, done));
    });
  }

  /** Another member leads than before: it knows no leaders of regions yet. */
  private answeredBy(member: number): void {
    if (this.leader === member) return;
    const first = this.leader === undefined;
    this.leader = member;
    if (!first) for (const peer of this.store.peers.values()) this.reportIfLeader(peer);
  }

  private heartbeatStore(): void {
    const { store } = this;
    let leaderCount = 0;
    for (const peer of store.peers.values()) if (peer.isLeader) leaderCount++;
    const stats = { store: store.node, regionCount: store.peers.size, leaderCount };
    this.ask({ kind: 'store-heartbeat', stats }, 'ok', () => {});
    this.askAboutOrphans();
    store.process.after(STORE_HEARTBEAT_US, () => this.heartbeatStore());
  }

  private heartbeatRegions(): void {
    for (const peer of this.store.peers.values()) this.reportIfLeader(peer);
    this.store.process.after(REGION_HEARTBEAT_US, () => this.heartbeatRegions());
  }

  private reportIfLeader(peer: Peer): void {
    if (peer.isLeader) this.reportRegion(peer);
  }

  private flush(): void {
    const peers = this.reports;
    this.reports = [];
    const heartbeats = peers.filter((peer) => peer.isLeader && !peer.destroyed).map(heartbeatOf);
    if (heartbeats.length === 0) return;
    this.ask({ kind: 'region-heartbeat', heartbeats }, 'operator-steps', (reply) => {
      for (const step of reply?.steps ?? []) this.onResponse(step);
    });
  }

  /**
   * A peer that has heard of no leader for long may have been removed while it was away. It need
   * not have lost faith in the last one: a learner never does.
   */
  private askAboutOrphans(): void {
    const { store } = this;
    for (const peer of store.peers.values()) {
      if (peer.isLeader || peer.raft.hibernated) {
        peer.leaderSeenUs = store.nowUs;
        continue;
      }
      if (store.nowUs - peer.leaderSeenUs < LEADER_MISSING_US) continue;
      peer.leaderSeenUs = store.nowUs;
      const { id } = peer.region;
      this.ask({ kind: 'get-region-by-id', id }, 'region', (reply) => {
        if (reply?.route !== undefined) store.router.onVerified(peer, reply.route.region);
      });
    }
  }
}

function heartbeatOf(peer: Peer): RegionHeartbeat {
  const { region, raft, storage } = peer;
  const pendingPeers: number[] = [];
  for (const { id } of region.peers) {
    const progress = raft.progress(id);
    if (progress === undefined || id === peer.id) continue;
    const lags = raft.lastIndex - progress.match > PENDING_GAP;
    if (progress.state === 'snapshot' || progress.match < storage.log.truncatedIndex || lags) {
      pendingPeers.push(id);
    }
  }
  const approximateKeys = peer.approximateRecords + peer.writtenRecords;
  return {
    region,
    leader: peer.id,
    term: raft.term,
    downPeers: peer.silentFor(PEER_DOWN_US),
    pendingPeers,
    approximateSizeBytes: approximateKeys * RECORD_BYTES,
    approximateKeys,
  };
}
