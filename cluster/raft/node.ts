import { NO_RAFT_BUGS, type RaftBug } from './bugs.ts';
import type { RaftConfig, Restored } from './config.ts';
import { RaftInvariantError } from './errors.ts';
import { RaftLog } from './log.ts';
import type { ConfState } from './membership.ts';
import { type Draft, draft, type MessageKind, type RaftMessage, type Snapshot } from './message.ts';
import { Outgoing } from './outgoing.ts';
import { Persistence } from './persistence.ts';
import type { Progress } from './progress.ts';
import { ReadQueue, type ReadState } from './read-queue.ts';

/** What a peer is at present. */
export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/**
 * The state of one peer, on which the rules of this chapter work. Private to the chapter; drivers
 * see `Raft`.
 */
export class RaftNode<P> {
  readonly config: RaftConfig;
  readonly bugs: ReadonlySet<RaftBug>;
  readonly id: number;

  term: number;
  /** Whom this peer voted for in `term`; 0 is nobody. */
  vote: number;
  commit: number;
  role: Role = 'follower';
  /** Leader of `term`; 0 while unknown. */
  leader = 0;
  readonly log: RaftLog<P>;
  readonly persistence: Persistence;
  /** Membership as of the last change applied. */
  conf: ConfState;
  /** Last entry the driver has applied. */
  applied: number;
  /** Last entry handed to the driver for applying. */
  handedToApply: number;

  /** Ticks since the leader was heard of, or since an election began. */
  electionElapsed = 0;
  heartbeatElapsed = 0;
  /** Ticks of silence this peer puts up with; drawn anew for each attempt. */
  electionTimeout = 0;
  /** Ticks for which votes are still refused after the start. */
  refusalTicks: number;
  /** A candidate's votes by peer. */
  readonly votes = new Map<number, boolean>();

  /** The leader's knowledge of all members; empty otherwise. */
  peers: readonly Progress[] = [];
  /** Whom the leader is handing over to; 0 is nobody. */
  transferee = 0;
  transferElapsed = 0;
  /** A leader proposes no membership change before this index has been applied. */
  pendingConfIndex = 0;
  uncommittedBytes = 0;
  /** The leader has something to send that is not in the outbox yet. */
  appendsDue = false;
  /** Followers are to be told of the commit index now. */
  commitDue = false;
  readonly reads = new ReadQueue();

  /** Asleep: nobody ticks this group until something happens. */
  hibernated = false;
  /** Number of the last good night in this term, said or heard; a late copy must not count. */
  night = 0;

  readonly messages = new Outgoing<RaftMessage<P>>();
  readonly persistedMessages = new Outgoing<RaftMessage<P>>();
  readonly readStates = new Outgoing<ReadState>();
  /** Peers for which the driver is to make a snapshot. */
  readonly snapshotsWanted = new Outgoing<number>();
  /** A snapshot to be installed by the driver. */
  snapshot: Snapshot | undefined = undefined;

  constructor(config: RaftConfig, { hardState, conf, log, applied }: Restored<P>) {
    this.config = config;
    this.bugs = config.bugs ?? NO_RAFT_BUGS;
    this.id = config.id;
    this.log = new RaftLog(log.truncatedIndex, log.truncatedTerm, log.entries);
    if (applied < log.truncatedIndex || Math.max(applied, hardState.commit) > this.log.lastIndex) {
      throw broken(
        this,
        `applied ${applied} and commit ${hardState.commit} do not lie in the log ` +
          `(${log.truncatedIndex}, ${this.log.lastIndex}]`,
      );
    }
    if (conf.voters.length > 0 && log.truncatedIndex === 0) {
      throw broken(this, 'a group with members begins behind index 0');
    }
    this.term = hardState.term;
    this.vote = hardState.vote;
    this.commit = Math.max(hardState.commit, applied);
    this.conf = conf;
    this.applied = applied;
    this.handedToApply = applied;
    this.persistence = new Persistence(this.log.lastIndex);
    this.refusalTicks = config.voteRefusalTicks;
    drawElectionTimeout(this);
  }
}

/** What a peer that cannot go on says. */
export function broken<P>(node: RaftNode<P>, message: string): RaftInvariantError {
  return new RaftInvariantError(`peer ${node.id}: ${message}`);
}

/** Begins a message of this peer in its term. */
export function begin<P>(node: RaftNode<P>, kind: MessageKind, to: number): Draft<P> {
  return draft(kind, node.id, to, node.term);
}

/** Puts a message into the outbox: behind the disk if it promises something that must last. */
export function send<P>(node: RaftNode<P>, message: RaftMessage<P>): void {
  if (waitsForDisk(node, message)) node.persistedMessages.push(message);
  else node.messages.push(message);
}

/**
 * Requests for votes wait too: a candidate that crashed may come back with a shorter log, and an
 * answer to its former self must not elect it.
 */
function waitsForDisk<P>({ bugs }: RaftNode<P>, { kind, reject }: RaftMessage<P>): boolean {
  switch (kind) {
    case 'append-response':
      return !reject && !bugs.has('ack-before-persist');
    case 'vote-response':
      return !bugs.has('vote-not-persisted-before-reply');
    case 'vote':
      return true;
    default:
      return false;
  }
}

/** Draws a new timeout from `[electionTicks, 2 × electionTicks)` (§5.2). */
export function drawElectionTimeout<P>(node: RaftNode<P>): void {
  const { electionTicks, random } = node.config;
  node.electionTimeout = electionTicks + random(electionTicks);
}

/** What every change of role or term has in common. */
export function reset<P>(node: RaftNode<P>, term: number): void {
  if (node.term !== term) {
    node.term = term;
    node.vote = 0;
    node.night = 0;
  }
  node.leader = 0;
  node.electionElapsed = 0;
  node.heartbeatElapsed = 0;
  drawElectionTimeout(node);
  node.votes.clear();
  node.peers = [];
  node.transferee = 0;
  node.pendingConfIndex = 0;
  node.uncommittedBytes = 0;
  node.appendsDue = false;
  node.commitDue = false;
  node.reads.clear();
}

/** Follows `leader` (0 if unknown) in `term`. */
export function becomeFollower<P>(node: RaftNode<P>, term: number, leader: number): void {
  reset(node, term);
  node.role = 'follower';
  node.leader = leader;
}

/** The leader's knowledge of a member; undefined for strangers, and on other peers. */
export function progressOf<P>(node: RaftNode<P>, id: number): Progress | undefined {
  for (const peer of node.peers) if (peer.id === id) return peer;
  return undefined;
}

/** Moves the commit index forward; what is committed must be there. */
export function commitTo<P>(node: RaftNode<P>, index: number): void {
  if (index <= node.commit) return;
  const { lastIndex } = node.log;
  if (index > lastIndex) {
    throw broken(node, `entry ${index} is committed, the log ends at ${lastIndex}`);
  }
  node.commit = index;
}
