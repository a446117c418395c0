import {
  type ConfState,
  type Entry,
  type HardState,
  Raft,
  type RaftConfig,
  RaftLog,
  type RaftMessage,
  type Ready,
  type Restored,
  type Snapshot,
} from '../cluster/raft/index.ts';

import { shownEntry } from './raft-show.ts';

/** A state machine that remembers what was applied to it, in order. */
export interface Machine {
  readonly applied: number;
  readonly appliedTerm: number;
  readonly conf: ConfState;
  readonly values: readonly string[];
}

/** What a host tells its surroundings. */
export interface HostListener {
  send(message: RaftMessage<string>): void;
  event(text: string): void;
  applied(entry: Entry<string>): void;
  read(context: number, index: number): void;
}

/**
 * One peer with a disk and a state machine, run as a driver must run it. The disk holds what was
 * synced; a crash loses the rest. A slow disk syncs only when it is told to.
 */
export class RaftHost {
  readonly id: number;
  raft: Raft<string> | undefined;
  machine: Machine;
  slow = false;
  private readonly config: RaftConfig;
  private readonly listener: HostListener;
  private hardState: HardState;
  private readonly log: RaftLog<string>;
  private durable: Machine;
  /** An older state of the machine, from which the log can still be applied again. */
  private checkpoint: Machine;
  private writes: Ready<string>[] = [];
  private reads: { readonly context: number; readonly index: number }[] = [];

  constructor(config: RaftConfig, restored: Restored<string>, listener: HostListener) {
    const { log, conf, applied, hardState } = restored;
    this.id = config.id;
    this.config = config;
    this.listener = listener;
    this.hardState = hardState;
    this.log = new RaftLog(log.truncatedIndex, log.truncatedTerm, log.entries);
    this.machine = { applied, appliedTerm: this.log.term(applied) ?? 0, conf, values: [] };
    this.durable = this.machine;
    this.checkpoint = this.machine;
    this.raft = new Raft(config, restored);
  }

  /** Carries out whatever the peer wants done. */
  pump(): void {
    while (this.raft?.hasReady() === true) this.carryOut(this.raft.ready(), this.raft);
  }

  /** The disk finishes the first `count` of the writes it was given. */
  sync(count = this.writes.length): void {
    this.finishWrites(count);
    this.pump();
  }

  /** Number of writes the disk has not finished. */
  get unsynced(): number {
    return this.writes.length;
  }

  /** The process dies, and with it whatever was not synced but the first `kept` writes. */
  crash(kept = 0): void {
    for (const ready of this.writes.slice(0, kept)) this.write(ready);
    this.writes = [];
    this.reads = [];
    this.raft = undefined;
  }

  /** Starts again from the disk; with `replay` the machine comes back in an older state. */
  restart(replay: boolean): void {
    this.crash();
    if (replay) this.durable = this.checkpoint;
    this.machine = this.durable;
    const { hardState, log, machine } = this;
    const { conf, applied } = machine;
    this.raft = new Raft(this.config, { hardState, conf, log, applied });
    this.pump();
  }

  /** Drops the log up to `index`, in memory and on disk. */
  compact(index: number): void {
    const to = Math.min(index, this.durable.applied, this.log.lastIndex);
    if (this.raft === undefined || to <= this.log.truncatedIndex) return;
    this.raft.compact(to);
    this.log.compact(to);
    this.checkpoint = this.durable;
  }

  /** The state machine as it is now. */
  snapshot(): Snapshot {
    const { machine } = this;
    const { applied: index, appliedTerm: term, conf, values } = machine;
    return { meta: { index, term, conf }, data: machine, bytes: values.length };
  }

  private carryOut(ready: Ready<string>, raft: Raft<string>): void {
    const { listener } = this;
    const { softState, snapshot } = ready;
    if (softState !== undefined) {
      const { role, term, leader } = softState;
      const whom = role === 'follower' && leader !== 0 ? ` of ${leader}` : '';
      listener.event(`${this.id} is ${role}${whom} in term ${term}`);
    }
    for (const message of ready.messages) listener.send(message);
    this.writes.push(ready);
    if (!this.slow) this.finishWrites(this.writes.length);
    if (snapshot !== undefined) this.install(snapshot, raft);
    const told = ready.committed.filter(
      ({ payload, kind }) => payload !== undefined || kind !== 'normal',
    );
    if (told.length > 0) listener.event(`${this.id} applies ${told.map(shownEntry).join(', ')}`);
    for (const entry of ready.committed) this.apply(entry, raft);
    for (const to of ready.snapshotsWanted) raft.provideSnapshot(to, this.snapshot());
    this.reads.push(...ready.readStates);
    this.serveReads();
  }

  private finishWrites(count: number): void {
    for (const ready of this.writes.splice(0, count)) {
      this.write(ready);
      if (!ready.mustSync) continue;
      this.raft?.persisted(ready.number);
      for (const message of ready.persistedMessages) this.listener.send(message);
    }
  }

  private write({ snapshot, entries, hardState }: Ready<string>): void {
    if (snapshot !== undefined) {
      this.log.reset(snapshot.meta.index, snapshot.meta.term);
      this.durable = snapshot.data as Machine;
      this.checkpoint = this.durable;
    }
    this.log.append(entries);
    if (hardState !== undefined) this.hardState = hardState;
  }

  private install(snapshot: Snapshot, raft: Raft<string>): void {
    const { index } = snapshot.meta;
    this.listener.event(`${this.id} installs a snapshot of ${index}`);
    this.machine = snapshot.data as Machine;
    raft.appliedTo(index);
  }

  private apply(entry: Entry<string>, raft: Raft<string>): void {
    const { index, term, payload, kind } = entry;
    const { machine } = this;
    const conf = kind === 'conf-change' ? raft.applyConfChange(entry) : machine.conf;
    const values = payload === undefined ? machine.values : [...machine.values, payload];
    this.machine = { applied: index, appliedTerm: term, conf, values };
    // A machine that was replaced by a snapshot is durable when the snapshot is.
    if (this.writes.every(({ snapshot }) => snapshot === undefined)) this.durable = this.machine;
    this.listener.applied(entry);
    raft.appliedTo(index);
  }

  private serveReads(): void {
    const due = this.reads.filter(({ index }) => index <= this.machine.applied);
    this.reads = this.reads.filter(({ index }) => index > this.machine.applied);
    for (const { context, index } of due) this.listener.read(context, index);
  }
}
