import {
  confOf,
  DEFAULT_RAFT_CONFIG,
  type Entry,
  type HardState,
  Raft,
  RaftLog,
  type RaftMessage,
  type Ready,
  withinLog,
} from '../raft/index.ts';
import { type Disk, type Process, Rng } from '../sim/index.ts';
import { applyEtcd, type EtcdCommand, type EtcdState, INITIAL_STATE } from './etcd-state.ts';

/** Source: PD `tick-interval` 500 ms, `election-interval` 3 s. */
const TICK_US = 500_000;
const ELECTION_TICKS = 6;
/** Lease of the leader key, µs (PD `lease`, 3 s). */
export const LEASE_US = 3_000_000;
/** A transaction that has not been applied by then has failed, or may yet succeed. */
const TIMEOUT_US = 3_000_000;
/** A lease that a majority has not let prolong by then is asked for again. */
const KEEPALIVE_US = 1_000_000;
/** What a transaction weighs. */
const COMMAND_BYTES = 100;

/** A transaction on its way through the log: who asked, and which of its requests it is. */
interface Proposal {
  readonly origin: number;
  readonly request: number;
  readonly command: EtcdCommand;
}

/** Messages between members. */
export type EtcdMessage =
  | { readonly kind: 'etcd-raft'; readonly message: RaftMessage<Proposal> }
  | { readonly kind: 'etcd-propose'; readonly proposal: Proposal };

/** What one member finds on its disk. The log stays short enough never to be truncated. */
export class EtcdStorage {
  hardState: HardState = { term: 1, vote: 0, commit: 1 };
  readonly log = new RaftLog<Proposal>(1, 1);
  applied = 1;
  state: EtcdState = INITIAL_STATE;
}

/** The state after a transaction, and whether its condition held. */
export interface EtcdResult {
  readonly ok: boolean;
  readonly state: EtcdState;
}

/**
 * One incarnation of an etcd member, embedded in a member of PD: a Raft group over the members, and
 * on it the few keys PD needs. Transactions go to the leader and are answered when this member has
 * applied them. The leader also watches over the lease of PD's leader key: what a lease is worth
 * only it knows, so a new leader grants the full term anew.
 */
export class EtcdMember {
  readonly storage: EtcdStorage;
  private readonly process: Process;
  private readonly disk: Disk;
  private readonly raft: Raft<Proposal>;
  private readonly waiting = new Map<number, (result: EtcdResult | undefined) => void>();
  private readonly keepAlives = new Map<number, (kept: boolean) => void>();
  private nextRequest = 1;
  /** The leader's: until when the key is leased. */
  private leaseUntilUs = 0;
  private leads = false;
  private driving = false;

  constructor(process: Process, storage: EtcdStorage, disk: Disk, members: readonly number[]) {
    this.process = process;
    this.storage = storage;
    this.disk = disk;
    const rng = new Rng(process.world.seed, `etcd/${process.node}/${process.incarnation}`);
    this.raft = new Raft(
      {
        ...DEFAULT_RAFT_CONFIG,
        id: process.node,
        electionTicks: ELECTION_TICKS,
        heartbeatTicks: 1,
        random: (bound) => rng.nextInt(bound),
      },
      {
        hardState: storage.hardState,
        conf: confOf(members),
        log: storage.log,
        applied: storage.applied,
      },
    );
    const first = process.incarnation === 1 && process.node === members[0];
    if (members.length === 1 || first) this.raft.campaign();
    this.tickLater(rng.nextInt(TICK_US));
    process.after(0, () => this.drive());
  }

  /** Whether this member leads etcd. */
  get isLeader(): boolean {
    return this.raft.role === 'leader';
  }

  /** The state as far as this member has applied it. */
  get state(): EtcdState {
    return this.storage.state;
  }

  /** Runs a transaction; `done` gets undefined if it is not known to have been applied in time. */
  transact(command: EtcdCommand, done: (result: EtcdResult | undefined) => void): void {
    const request = this.process.incarnation * 1e9 + this.nextRequest++;
    this.waiting.set(request, done);
    this.process.after(TIMEOUT_US, () => this.answer(request, undefined));
    const proposal: Proposal = { origin: this.process.node, request, command };
    if (this.isLeader) this.propose(proposal);
    else if (this.raft.leader !== 0) {
      this.process.send(this.raft.leader, { kind: 'etcd-propose', proposal }, request | 0);
    }
  }

  /**
   * PD's leader prolongs its lease, from now on. `done` is told whether a majority agrees that this
   * member still leads etcd: one that was cut off, or stopped for a while, must not go by what it
   * believes, for another may have been elected (etcd issue 15247). False too if the key was lost,
   * or nobody answers in time.
   */
  keepAlive(done: (kept: boolean) => void): void {
    const context = this.nextRequest++;
    if (!this.holdsKey() || !this.raft.readIndex(context)) {
      done(false);
      return;
    }
    this.keepAlives.set(context, done);
    this.process.after(KEEPALIVE_US, () => this.endKeepAlive(context, false));
    this.drive();
  }

  /** Whether this member leads etcd and PD, as far as it knows. */
  holdsKey(): boolean {
    return this.isLeader && this.state.leader === this.process.node;
  }

  private endKeepAlive(context: number, confirmed: boolean): void {
    const done = this.keepAlives.get(context);
    if (done === undefined) return;
    this.keepAlives.delete(context);
    const kept = confirmed && this.holdsKey();
    if (kept) this.leaseUntilUs = this.process.world.nowUs + LEASE_US;
    done(kept);
  }

  /** A message of another member. */
  onMessage(message: EtcdMessage): void {
    if (message.kind === 'etcd-raft') this.raft.step(message.message);
    else if (this.isLeader) this.propose(message.proposal);
    this.drive();
  }

  private propose(proposal: Proposal): void {
    this.raft.propose(proposal, COMMAND_BYTES);
    this.drive();
  }

  private tickLater(us: number): void {
    this.process.after(us, () => {
      this.raft.tick();
      this.watchLease();
      this.drive();
      this.tickLater(TICK_US);
    });
  }

  /** The leader frees the key of a leader of PD that has not been heard of. */
  private watchLease(): void {
    const { nowUs } = this.process.world;
    if (this.isLeader && !this.leads) this.leaseUntilUs = nowUs + LEASE_US;
    this.leads = this.isLeader;
    const { leader, lease } = this.state;
    if (!this.isLeader || leader === undefined || nowUs < this.leaseUntilUs) return;
    this.leaseUntilUs = nowUs + LEASE_US;
    this.transact({ kind: 'revoke', lease }, () => {});
  }

  /** Does what Raft wants done. */
  private drive(): void {
    if (this.driving) return;
    this.driving = true;
    while (this.raft.hasReady()) this.handle(this.raft.ready());
    this.driving = false;
  }

  private handle(ready: Ready<Proposal>): void {
    const { storage, raft, process } = this;
    this.sendAll(ready.messages);
    if (ready.mustSync) {
      this.disk.write(
        process,
        () => {
          if (ready.entries.length > 0) storage.log.append(ready.entries);
          if (ready.hardState !== undefined) storage.hardState = ready.hardState;
        },
        () => {
          this.sendAll(ready.persistedMessages);
          raft.persisted(ready.number);
          this.drive();
        },
      );
    } else if (ready.hardState !== undefined) {
      storage.hardState = withinLog(ready.hardState, storage.log.lastIndex);
    }
    for (const entry of ready.committed) this.apply(entry);
    for (const { context } of ready.readStates) this.endKeepAlive(context, true);
  }

  private apply({ index, payload }: Entry<Proposal>): void {
    const { storage } = this;
    storage.applied = index;
    this.raft.appliedTo(index);
    if (payload === undefined) return;
    const { ok, state } = applyEtcd(storage.state, payload.command);
    storage.state = state;
    if (payload.command.kind === 'campaign' && ok) {
      this.leaseUntilUs = this.process.world.nowUs + LEASE_US;
    }
    if (payload.origin === this.process.node) this.answer(payload.request, { ok, state });
  }

  private answer(request: number, result: EtcdResult | undefined): void {
    const done = this.waiting.get(request);
    if (done === undefined) return;
    this.waiting.delete(request);
    done(result);
  }

  private sendAll(messages: readonly RaftMessage<Proposal>[]): void {
    for (const message of messages) {
      const { term, index, commit } = message;
      const digest = term * 31 + index * 7 + commit;
      this.process.send(message.to, { kind: 'etcd-raft', message }, digest);
    }
  }
}
