import type { PeerWish } from '../pd/heartbeat.ts';
import type { ConfChange, Entry, PeerChange } from '../raft/index.ts';
import type { RaftCommand } from './command.ts';
import type { Peer, Proposer } from './peer.ts';
import { confStateOf } from './peer-storage.ts';
import type { PeerInfo, RegionError, RegionInfo } from './request.ts';

/**
 * Who keeps a region, and how that changes (TiKV `ChangePeer`, `ChangePeerV2`). PD says what it
 * wants in single changes; one of them is a simple step, several are a joint one, which PD also
 * ends. The list of peers after the change travels in the entry, so that all peers agree on it, and
 * Raft learns of it when the entry is applied.
 */

/**
 * Proposes a change; no wishes at all end a joint phase. Returns why not, if it cannot be: a leader
 * does not remove itself, and a change must leave a quorum alive.
 */
export function proposeMembers(
  peer: Peer,
  wishes: readonly PeerWish[],
  proposer: Proposer,
): RegionError | undefined {
  const { region, raft } = peer;
  const peers = wishes.length === 0 ? settled(region) : changed(region, wishes);
  const command: RaftCommand = {
    kind: 'change-peer',
    epoch: region.epoch,
    peers,
    changes: wishes.length === 0 ? passing(region).length : wishes.length,
  };
  const error =
    peer.leaderError() ?? peer.refusal(command) ?? needless(region, peers) ?? unsafe(peer, peers);
  if (error !== undefined) return error;
  return peer.register(raft.proposeConfChange(confChangeOf(wishes), command), proposer);
}

/** Applies a membership change; false if the region has changed since it was proposed. */
export function applyMembers(
  peer: Peer,
  entry: Entry<RaftCommand>,
  command: RaftCommand,
  fits: boolean,
): boolean {
  const { storage, store, raft } = peer;
  if (!fits || command.kind !== 'change-peer') return false;
  storage.conf = raft.applyConfChange(entry);
  const before = storage.region;
  const { confVer, version } = before.epoch;
  storage.region = {
    ...before,
    peers: command.peers,
    epoch: { version, confVer: confVer + command.changes },
  };
  store.witness.membersChanged(before, storage.region, peer.isLeader);
  if (peer.isLeader) store.pd.reportRegion(peer);
  if (!command.peers.some(({ id }) => id === peer.id)) store.destroy(peer, undefined);
  return true;
}

function confChangeOf(wishes: readonly PeerWish[]): ConfChange {
  const changes: PeerChange[] = wishes.map(({ kind, peer }) => ({ kind, id: peer.id }));
  const [change] = changes;
  if (change === undefined) return { kind: 'leave-joint' };
  if (changes.length === 1) return { kind: 'simple', change };
  return { kind: 'enter-joint', changes, leave: 'explicit' };
}

/** Peers in a role that only a joint phase knows. */
function passing({ peers }: RegionInfo): readonly PeerInfo[] {
  return peers.filter(({ role }) => role === 'incoming-voter' || role === 'demoting-voter');
}

/** A command that was obeyed already may come again. */
function needless({ peers }: RegionInfo, next: readonly PeerInfo[]): RegionError | undefined {
  const same = (peer: PeerInfo): boolean =>
    peers.some(({ id, role }) => id === peer.id && role === peer.role);
  if (next.length !== peers.length || !next.every(same)) return undefined;
  return { kind: 'ServerIsBusy', reason: 'the change changes nothing' };
}

/** The peers after the joint phase. */
function settled({ peers }: RegionInfo): PeerInfo[] {
  return peers.map((peer) => {
    if (peer.role === 'incoming-voter') return { ...peer, role: 'voter' };
    return peer.role === 'demoting-voter' ? { ...peer, role: 'learner' } : peer;
  });
}

function changed(region: RegionInfo, wishes: readonly PeerWish[]): PeerInfo[] {
  const joint = wishes.length > 1;
  const peers = [...region.peers];
  for (const { kind, peer } of wishes) {
    const at = peers.findIndex(({ id }) => id === peer.id);
    const wasVoter = at >= 0 && (peers[at] as PeerInfo).role === 'voter';
    if (kind === 'remove') {
      if (at >= 0) peers.splice(at, 1);
      continue;
    }
    const voter = joint && !wasVoter ? 'incoming-voter' : 'voter';
    const learner = joint && wasVoter ? 'demoting-voter' : 'learner';
    const next: PeerInfo = { ...peer, role: kind === 'add-voter' ? voter : learner };
    if (at >= 0) peers[at] = next;
    else peers.push(next);
  }
  return peers;
}

/** Source: TiKV `Peer::check_conf_change`. */
function unsafe(peer: Peer, peers: readonly PeerInfo[]): RegionError | undefined {
  const busy = (reason: string): RegionError => ({ kind: 'ServerIsBusy', reason });
  const own = peers.find(({ id }) => id === peer.id);
  if (own === undefined || own.role === 'learner') return busy('the leader cannot leave');
  const { voters, outgoing } = confStateOf({ ...peer.region, peers });
  const alive = (id: number): boolean =>
    id === peer.id || peer.raft.progress(id)?.recentActive !== false;
  for (const half of [voters, outgoing]) {
    if (half.length > 0 && half.filter(alive).length * 2 <= half.length) {
      return busy('too few voters are alive');
    }
  }
  return undefined;
}
