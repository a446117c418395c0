/**
 * Questions about a region as PD knows it, which is what its leader last said. Source of the
 * definitions: PD `server/core/region.go`, `server/schedule/filter/healthy.go`.
 */
import type { PeerInfo, RegionEpoch } from '../tikv/request.ts';
import type { RegionHeartbeat } from './heartbeat.ts';

/** The region's peer on a store, if it has one there. */
export function peerOn({ region }: RegionHeartbeat, store: number): PeerInfo | undefined {
  return region.peers.find((peer) => peer.store === store);
}

/** The peer that leads the region. A heartbeat without one is not accepted. */
export function leaderPeer({ region, leader }: RegionHeartbeat): PeerInfo {
  return region.peers.find(({ id }) => id === leader) as PeerInfo;
}

/** Node number of the store that leads the region. */
export function leaderStore(region: RegionHeartbeat): number {
  return leaderPeer(region).store;
}

/** Whether the peer has a vote, in either half of a joint configuration. */
export function isVoter(peer: PeerInfo): boolean {
  return peer.role !== 'learner';
}

/** Whether a joint change is under way. */
export function isInJointState({ region }: RegionHeartbeat): boolean {
  return region.peers.some(({ role }) => role === 'incoming-voter' || role === 'demoting-voter');
}

/** Whether the peer lags behind, as far as its leader has told. */
export function isPending(region: RegionHeartbeat, peer: number): boolean {
  return region.pendingPeers.includes(peer);
}

/** No peer is down, none lags behind. */
export function isHealthy({ downPeers, pendingPeers }: RegionHeartbeat): boolean {
  return downPeers.length === 0 && pendingPeers.length === 0;
}

/** The region has all the voters it should have, and nothing else. */
export function isReplicated({ region }: RegionHeartbeat, maxReplicas: number): boolean {
  return region.peers.length === maxReplicas && region.peers.every(({ role }) => role === 'voter');
}

/** Whether two epochs are the same. */
export function sameEpoch(a: RegionEpoch, b: RegionEpoch): boolean {
  return a.version === b.version && a.confVer === b.confVer;
}

/** Whether `a` is older than `b` in any part. */
export function isOlder(a: RegionEpoch, b: RegionEpoch): boolean {
  return a.version < b.version || a.confVer < b.confVer;
}
