import { type FaultInForce, type Faulty, withFault, withoutFault } from './faulty.ts';
import type { Process } from './process.ts';
import { Rng } from './rng.ts';
import { EVENT_DISK, type EventTarget } from './scheduler.ts';
import type { World } from './world.ts';

/** How long a sync takes. */
export interface DiskProfile {
  readonly minUs: number;
  readonly tailUs: number;
}

/** What can be wrong with a disk. */
export type DiskFault =
  /** Every sync takes `factor` times as long. */
  | { readonly kind: 'slow'; readonly factor: number }
  /** No sync ends. */
  | { readonly kind: 'stall' };

interface DiskFaultInForce extends FaultInForce<DiskFault> {
  hits: number;
}

interface PendingWrite {
  readonly write: () => void;
  readonly done: () => void;
  readonly owner: Process;
}

/**
 * A node's disk; it outlives incarnations. A write becomes durable when a sync that began after it
 * has ended; writes that arrive during a sync share the next one (group commit).
 *
 * A write is a function on the node's durable state. What becomes of a write that is not synced yet
 * depends on how its node ends. A killed process loses none: the page cache is the kernel's, which
 * lives on. A power cut loses them, but for a prefix that the drive had got round to, its length
 * drawn from the disk's own stream. So only a power cut shows who acknowledged before syncing.
 */
export class Disk implements EventTarget, Faulty<DiskFault> {
  private readonly world: World;
  private readonly node: number;
  private readonly profile: DiskProfile;
  private readonly rng: Rng;
  private waiting: PendingWrite[] = [];
  private syncing: PendingWrite[] = [];
  private epoch = 0;
  inForce: readonly DiskFaultInForce[] = [];
  /** A stall held back the end of the sync that is under way. */
  private overdue = false;

  constructor(world: World, node: number, profile: DiskProfile) {
    this.world = world;
    this.node = node;
    this.profile = profile;
    this.rng = new Rng(world.seed, `disk/${node}`);
  }

  /** Applies `write` to the durable state and calls `done`, both when the sync has ended. */
  write(owner: Process, write: () => void, done: () => void): void {
    this.waiting.push({ write, done, owner });
    if (this.syncing.length === 0) this.startSync();
  }

  /** The process was killed: the kernel writes back all that it was given. */
  processDied(): void {
    this.endWith(this.syncing.length + this.waiting.length);
  }

  /** Power was cut: decides what of the unsynced writes is on the platter. */
  lostPower(): void {
    this.endWith(this.rng.nextInt(this.syncing.length + this.waiting.length + 1));
  }

  impose(label: string, fault: DiskFault): void {
    this.inForce = withFault(this.inForce, { label, fault, hits: 0 });
  }

  lift(label: string): void {
    this.inForce = withoutFault(this.inForce, label);
    if (!this.overdue || this.stall() !== undefined) return;
    this.overdue = false;
    this.world.scheduler.schedule(this.world.nowUs, EVENT_DISK, this.node, 0, this, this.epoch);
  }

  fire(_kind: number, payload: unknown): void {
    if (payload !== this.epoch) return;
    const stall = this.stall();
    if (stall !== undefined) {
      stall.hits++;
      this.overdue = true;
      return;
    }
    const synced = this.syncing;
    this.syncing = [];
    if (this.waiting.length > 0) this.startSync();
    for (const { write, done, owner } of synced) {
      write();
      if (owner.alive) done();
    }
  }

  private startSync(): void {
    this.syncing = this.waiting;
    this.waiting = [];
    let us = this.profile.minUs + this.rng.nextExponential(this.profile.tailUs);
    for (const force of this.inForce) {
      if (force.fault.kind !== 'slow') continue;
      force.hits++;
      us *= force.fault.factor;
    }
    const { scheduler } = this.world;
    scheduler.schedule(scheduler.nowUs + us, EVENT_DISK, this.node, us, this, this.epoch);
  }

  private stall(): DiskFaultInForce | undefined {
    return this.inForce.find(({ fault }) => fault.kind === 'stall');
  }

  /** Keeps so many of the unsynced writes, oldest first, and forgets the others. */
  private endWith(kept: number): void {
    const unsynced = [...this.syncing, ...this.waiting];
    for (let i = 0; i < kept; i++) (unsynced[i] as PendingWrite).write();
    this.syncing = [];
    this.waiting = [];
    this.overdue = false;
    this.epoch++;
  }
}
