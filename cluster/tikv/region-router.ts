import type { RaftMessage } from '../raft/index.ts';
import type { RaftCommand } from './command.ts';
import { isOlder, overlaps } from './epoch.ts';
import type { Peer } from './peer.ts';
import { PeerStorage } from './peer-storage.ts';
import type { BatchRaftMessage, GcPeerMessage, RegionMessage } from './raft-message.ts';
import type { RaftStore } from './raft-store.ts';
import type { RegionInfo } from './request.ts';
import type { RegionSnapshot } from './snapshot.ts';

/**
 * Which peer a message of another store is for, and whether there is to be one. Messages come late,
 * twice, or from peers that nobody counts any more, so a store makes a peer only where a region
 * names it, never in the place of a newer one, and never over keys that another peer keeps. Source:
 * TiKV `raftstore::store::fsm::store`, `on_raft_message`, `maybe_create_peer`.
 */
export class RegionRouter {
  private readonly store: RaftStore;
  /** Votes for regions that a split is still to make here (tikv#8456). */
  private readonly earlyVotes = new Map<number, RegionMessage>();

  constructor(store: RaftStore) {
    this.store = store;
  }

  /** What another store has to say. */
  onBatch({ messages }: BatchRaftMessage): void {
    for (const message of messages) {
      if (message.kind === 'raft') this.onRegionMessage(message);
      else this.onGcPeer(message);
    }
  }

  /** The vote that came before its peer, if any; it is handed out once. */
  takeEarlyVote(region: number, peer: number): RaftMessage<RaftCommand> | undefined {
    const vote = this.earlyVotes.get(region);
    if (vote === undefined || vote.message.to !== peer) return undefined;
    this.earlyVotes.delete(region);
    return vote.message;
  }

  private onRegionMessage(envelope: RegionMessage): void {
    const { region, message } = envelope;
    let peer = this.store.peers.get(region.id);
    if (peer !== undefined && message.to > peer.id && this.isStale(peer, region)) {
      this.store.destroy(peer, undefined);
      peer = undefined;
    }
    peer ??= this.maybeCreate(envelope);
    if (peer === undefined || message.to !== peer.id) return;
    if (this.isFromStranger(peer, envelope)) {
      this.tellStranger(peer, envelope);
      return;
    }
    if (message.kind === 'snapshot' && !this.canInstall(peer, message)) return;
    if (peer.peerById(message.from) === undefined) peer.hearsay = region;
    peer.raft.step(message);
    if (message.from === peer.raft.leader) peer.leaderSeenUs = this.store.nowUs;
    this.store.noteSleep(peer);
    this.store.notify(peer);
  }

  private isStale(peer: Peer, region: RegionInfo): boolean {
    return !peer.storage.initialised || isOlder(peer.region.epoch, region.epoch);
  }

  /** A member that was removed while it was away, or a replaced peer, still campaigns. */
  private isFromStranger(peer: Peer, { region, message }: RegionMessage): boolean {
    if (!peer.storage.initialised || peer.peerById(message.from) !== undefined) return false;
    return isOlder(region.epoch, peer.region.epoch);
  }

  private tellStranger(peer: Peer, { region, message }: RegionMessage): void {
    const sender = region.peers.find(({ id }) => id === message.from);
    if (sender === undefined) return;
    this.store.post(sender.store, {
      kind: 'gc-peer',
      peer: message.from,
      region: peer.region,
      mergedInto: undefined,
    });
    this.store.flush();
  }

  /** The first message of a region that is not kept here makes a peer without any data. */
  private maybeCreate(envelope: RegionMessage): Peer | undefined {
    const { region, message } = envelope;
    const tombstone = this.store.storage.tombstones.get(region.id);
    if (tombstone !== undefined && message.to <= tombstone.peer) {
      if (tombstone.mergedInto !== undefined) this.tellMerged(envelope, tombstone.mergedInto);
      return undefined;
    }
    if (!region.peers.some(({ id, store }) => id === message.to && store === this.store.node)) {
      return undefined;
    }
    const inTheWay = this.overlapping(region);
    if (!this.canReplace(inTheWay, region)) {
      if (message.kind === 'vote' || message.kind === 'pre-vote') {
        this.earlyVotes.set(region.id, envelope);
      }
      this.wakeOutdated(inTheWay, region);
      return undefined;
    }
    return this.store.adopt(PeerStorage.uninitialised(message.to, region.id));
  }

  /**
   * Peers that keep keys of a region which their own must have given away, or become part of. They
   * may have been asleep when that happened, and learn of it if they speak up (`RegionOverlapped`).
   */
  private wakeOutdated(inTheWay: readonly Peer[], region: RegionInfo): void {
    for (const peer of inTheWay) {
      if (peer.region.epoch.version < region.epoch.version) this.store.wakeGroup(peer);
    }
  }

  private tellMerged({ region, message }: RegionMessage, mergedInto: RegionInfo): void {
    const sender = region.peers.find(({ id }) => id === message.from);
    if (sender === undefined) return;
    this.store.post(sender.store, { kind: 'gc-peer', peer: message.from, region, mergedInto });
    this.store.flush();
  }

  /**
   * A peer that nobody counts any more goes. One that was merged stays if the peer beside it is
   * still to apply that merge, because it will need its data.
   */
  private onGcPeer({ peer: id, region, mergedInto }: GcPeerMessage): void {
    const peer = this.store.peers.get(region.id);
    if (peer === undefined || peer.id !== id || peer.isLeader) return;
    if (mergedInto === undefined) {
      const listed = region.peers.some((other) => other.id === id);
      if (!listed && isOlder(peer.region.epoch, region.epoch)) this.store.destroy(peer, undefined);
      return;
    }
    const target = this.store.peers.get(mergedInto.id);
    peer.mergedInto = mergedInto;
    const beside = mergedInto.peers.find(({ store }) => store === this.store.node);
    const gone = this.store.storage.tombstones.get(mergedInto.id);
    const waits = beside !== undefined && (gone === undefined || gone.peer < beside.id);
    const behind = target === undefined || target.region.epoch.version < mergedInto.epoch.version;
    if (!waits || !behind) this.store.destroy(peer, undefined);
  }

  /** PD has told how a region is that this peer has heard nothing of for long. */
  onVerified(peer: Peer, region: RegionInfo): void {
    if (peer.destroyed || peer.isLeader) return;
    const listed = region.peers.some(({ id }) => id === peer.id);
    if (!listed && isOlder(peer.region.epoch, region.epoch)) this.store.destroy(peer, undefined);
  }

  /** Peers with data that keep any of a region's keys. */
  overlapping(region: RegionInfo): Peer[] {
    const found: Peer[] = [];
    for (const peer of this.store.peers.values()) {
      if (peer.region.id === region.id || !peer.storage.initialised) continue;
      if (overlaps(peer.region, region)) found.push(peer);
    }
    return found;
  }

  /**
   * Whether everything in the way of a region is known to have become part of it, be it by way of
   * other regions. That a peer had agreed to a merge says nothing: it may have been rolled back.
   */
  private canReplace(inTheWay: readonly Peer[], region: RegionInfo): boolean {
    return inTheWay.every((peer) => {
      const last = this.lastKnownMerge(peer);
      return last?.id === region.id && last.epoch.version <= region.epoch.version;
    });
  }

  private lastKnownMerge(peer: Peer): RegionInfo | undefined {
    let last = peer.mergedInto;
    for (let next = last; next !== undefined; ) {
      last = next;
      next = this.store.peers.get(last.id)?.mergedInto;
    }
    return last;
  }

  private canInstall(peer: Peer, { snapshot }: RaftMessage<RaftCommand>): boolean {
    if (snapshot === undefined) return false;
    const { region } = snapshot.data as RegionSnapshot;
    if (isOlder(region.epoch, peer.region.epoch)) return false;
    return this.canReplace(this.overlapping(region), region);
  }
}
