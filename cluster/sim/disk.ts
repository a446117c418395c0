import type { Process } from './process.ts';
import { Rng } from './rng.ts';
import { EVENT_DISK, type EventTarget } from './scheduler.ts';
import type { World } from './world.ts';

/** How long a sync takes. */
export interface DiskProfile {
  readonly minUs: number;
  readonly tailUs: number;
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
 * A write is a function on the node's durable state. On a kill, writes not yet synced are lost or
 * kept, as a real page cache or drive may do: a prefix of them survives, its length drawn from the
 * disk's own stream.
 */
export class Disk implements EventTarget {
  private readonly world: World;
  private readonly node: number;
  private readonly profile: DiskProfile;
  private readonly rng: Rng;
  private waiting: PendingWrite[] = [];
  private syncing: PendingWrite[] = [];
  private epoch = 0;

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

  /** The node was killed: decides what of the unsynced writes is on the platter. */
  lostPower(): void {
    const unsynced = [...this.syncing, ...this.waiting];
    const survive = this.rng.nextInt(unsynced.length + 1);
    for (let i = 0; i < survive; i++) (unsynced[i] as PendingWrite).write();
    this.syncing = [];
    this.waiting = [];
    this.epoch++;
  }

  fire(_kind: number, payload: unknown): void {
    if (payload !== this.epoch) return;
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
    const us = this.profile.minUs + this.rng.nextExponential(this.profile.tailUs);
    const { scheduler } = this.world;
    scheduler.schedule(scheduler.nowUs + us, EVENT_DISK, this.node, us, this, this.epoch);
  }
}
