import type { RaftMessage } from '../raft/index.ts';
import type { RaftCommand } from './command.ts';
import type { RegionInfo } from './request.ts';

/** A message of one region's Raft, with what the receiving store needs to place it. */
export interface RegionMessage {
  readonly kind: 'raft';
  /** The region as the sender knows it. */
  readonly region: RegionInfo;
  readonly message: RaftMessage<RaftCommand>;
}

/** "You are no longer a member": what a peer is told that nobody counts any more. */
export interface GcPeerMessage {
  readonly kind: 'gc-peer';
  /** The peer that is to go. */
  readonly peer: number;
  /** Its region as the sender knows it. */
  readonly region: RegionInfo;
  /** The region that took it in, if it was merged. */
  readonly mergedInto: RegionInfo | undefined;
}

/**
 * All that one store has to say to another at a time: regions share their messages, as TiKV's
 * `BatchRaftMessage`, so the cost of the network does not grow with idle regions.
 */
export interface BatchRaftMessage {
  readonly kind: 'batch-raft';
  readonly messages: readonly (RegionMessage | GcPeerMessage)[];
}
