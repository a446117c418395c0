import type { Dictionary } from '../dictionary.ts';
import { type ConfState, confOf, type HardState, RaftLog } from '../raft/index.ts';
import { Engine } from './columns/engine.ts';
import type { RaftCommand } from './command.ts';
import type { RegionInfo } from './request.ts';

/**
 * Index and term at which every log begins, as in TiKV: a snapshot of index 0 would be no one's.
 */
export const INITIAL_INDEX = 5;
const INITIAL_TERM = 5;

/** A merge that the source of it has agreed to. */
export interface MergeState {
  /** The target as it was when the merge began. */
  readonly target: RegionInfo;
  /** Index of the prepare-merge in the source's log. */
  readonly commit: number;
  /** First entry that some peer of the source may lack. */
  readonly minIndex: number;
}

/** What one peer finds on its disk. Source: TiKV `RegionLocalState`, `RaftLocalState`. */
export class PeerStorage {
  readonly peer: number;
  region: RegionInfo;
  hardState: HardState;
  conf: ConfState;
  readonly log: RaftLog<RaftCommand>;
  /** Last entry whose effects are in the engine. */
  applied: number;
  appliedTerm: number;
  /** Set while the region is the source of a merge. */
  merging: MergeState | undefined = undefined;

  private constructor(peer: number, region: RegionInfo, conf: ConfState, initial: boolean) {
    this.peer = peer;
    this.region = region;
    this.conf = conf;
    const [index, term] = initial ? [INITIAL_INDEX, INITIAL_TERM] : [0, 0];
    this.hardState = { term, vote: 0, commit: index };
    this.log = new RaftLog(index, term);
    this.applied = index;
    this.appliedTerm = term;
  }

  /** A peer of a region that begins to exist: at bootstrap, or by a split. */
  static created(peer: number, region: RegionInfo): PeerStorage {
    return new PeerStorage(peer, region, confStateOf(region), true);
  }

  /** A peer that has been heard of, but knows nothing yet: it waits for a snapshot. */
  static uninitialised(peer: number, region: number): PeerStorage {
    const nothing: RegionInfo = {
      id: region,
      startKey: '',
      endKey: '',
      epoch: { confVer: 0, version: 0 },
      peers: [],
    };
    return new PeerStorage(peer, nothing, confOf([]), false);
  }

  /** Whether the peer has a state at all. */
  get initialised(): boolean {
    return this.region.peers.length > 0;
  }
}

/** What is left of a peer that was destroyed: enough to refuse its ghosts. */
export interface Tombstone {
  /** Id of the peer that was here. */
  readonly peer: number;
  /** The region as it was last known here. */
  readonly region: RegionInfo;
  /** The region it became a part of, if it was merged. */
  readonly mergedInto: RegionInfo | undefined;
}

/** Everything on a store's disk; it outlives incarnations. */
export class StoreStorage {
  readonly engine: Engine;
  readonly peers = new Map<number, PeerStorage>();
  readonly tombstones = new Map<number, Tombstone>();

  constructor(dictionary: Dictionary) {
    this.engine = new Engine(dictionary);
  }
}

/** The configuration of Raft that a region's list of peers stands for. */
export function confStateOf({ peers }: RegionInfo): ConfState {
  const ids = (...roles: string[]): number[] =>
    peers
      .filter(({ role }) => roles.includes(role))
      .map(({ id }) => id)
      .sort((a, b) => a - b);
  const joint = peers.some(({ role }) => role === 'incoming-voter' || role === 'demoting-voter');
  return {
    voters: ids('voter', 'incoming-voter'),
    outgoing: joint ? ids('voter', 'demoting-voter') : [],
    learners: ids('learner'),
    learnersNext: ids('demoting-voter'),
    autoLeave: false,
  };
}
