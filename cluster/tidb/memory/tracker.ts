import { Mutex, type Process, type Wait } from '../../sim/index.ts';
import { removeFrom } from '../remove-from.ts';
import {
  type LimitKind,
  type MemoryAction,
  type Untried,
  withAction,
  withoutFinished,
} from './action.ts';
import type { ActionSetting } from './action-setting.ts';
import { dumpTracker } from './dump.ts';

/** The soft limit lies at this part of the hard one. */
const SOFT_PART = 0.8;

/** Somebody who looks at one tracker, and may want its consumers to stop. */
export interface TrackerWatch {
  /** It has grown by so much. False: whoever consumed must ask `act` at once. */
  grown(tracker: Tracker, bytes: number): boolean;
  /** It stands at its maximum and is about to shrink. */
  leavesPeak(tracker: Tracker): void;
  /**
   * Asked by `act` before any action: throws if the consumer is to be ended. True: the last of the
   * hard limit's actions is to act, whatever the limit.
   */
  check(): boolean;
}

/** The actions of one limit, and who is busy with them. */
class ActionSlot {
  head: MemoryAction | undefined = undefined;
  readonly mutex = new Mutex();
  /** Actions being walked, outermost first. */
  readonly walk: MemoryAction[] = [];
}

/**
 * Bytes that something holds. Trackers form a tree: what a node consumes, its parents consume too.
 * No memory is allocated for any of it. Source: TiDB `util/memory/tracker.go`.
 *
 * Growth comes in two steps, so that the common case costs a loop of additions: `charge` adds, and
 * tells whether a limit was exceeded; only then `act` has to be awaited, before anything else is
 * done. It runs the actions of the outermost exceeded tracker, one task at a time, which is what
 * holds back all others that grow.
 */
export class Tracker {
  label: number;
  consumed = 0;
  maxConsumed = 0;
  parent: Tracker | undefined = undefined;
  /** Who looks at it. */
  watch: TrackerWatch | undefined = undefined;
  /** Actions given to this one go there: from v6.4 a statement's go to its session. */
  actionsAt: Tracker = this;
  private hardLimit: number;
  private soft: number;
  /** Consumption from which on `act` has something to look at. */
  private trigger: number;
  private readonly setting: ActionSetting | undefined;
  private hardSlot: ActionSlot | undefined = undefined;
  private softSlot: ActionSlot | undefined = undefined;
  private offspring: Tracker[] | undefined = undefined;

  /**
   * @param limit bytes; 0 or less is none
   * @param setting for those that are given actions
   */
  constructor(label: number, limit = -1, setting?: ActionSetting) {
    this.label = label;
    this.hardLimit = limit;
    this.soft = Math.trunc(SOFT_PART * limit);
    this.trigger = limit > 0 ? limit : Infinity;
    this.setting = setting;
  }

  /** Bytes; 0 or less is none. Reaching it is exceeding it. */
  get limit(): number {
    return this.hardLimit;
  }

  set limit(bytes: number) {
    this.hardLimit = bytes;
    this.soft = Math.trunc(SOFT_PART * bytes);
    this.setTrigger();
  }

  /** Bytes at which the soft actions begin. */
  get softLimit(): number {
    return this.soft;
  }

  /** Those attached, in order. */
  get children(): readonly Tracker[] {
    return this.offspring ?? NO_CHILDREN;
  }

  /** Whether the hard limit is exceeded. */
  get exceeded(): boolean {
    return this.hardLimit > 0 && this.consumed >= this.hardLimit;
  }

  /**
   * Adds bytes here and above. True: nothing more to do. False: a limit is exceeded, and the caller
   * must `yield* act()` before it does anything else.
   */
  charge(bytes: number): boolean {
    if (bytes === 0) return true;
    if (bytes < 0) throw new Error(`tracker ${this.label}: ${bytes} bytes cannot be charged`);
    let calm = true;
    for (let at: Tracker | undefined = this; at !== undefined; at = at.parent) {
      at.consumed += bytes;
      if (at.consumed > at.maxConsumed) at.maxConsumed = at.consumed;
      if (at.consumed >= at.trigger) calm = false;
      if (at.watch !== undefined && !at.watch.grown(at, bytes)) calm = false;
    }
    return calm;
  }

  /** Takes bytes off, here and above. Never waits, never triggers anything. */
  release(bytes: number): void {
    if (bytes === 0) return;
    if (bytes < 0) throw new Error(`tracker ${this.label}: ${bytes} bytes cannot be released`);
    for (let at: Tracker | undefined = this; at !== undefined; at = at.parent) {
      if (at.watch !== undefined && at.consumed === at.maxConsumed) at.watch.leavesPeak(at);
    }
    for (let at: Tracker | undefined = this; at !== undefined; at = at.parent) at.consumed -= bytes;
  }

  /** Adds bytes and does what that asks for. */
  *consume(bytes: number): Wait<void> {
    if (!this.charge(bytes)) yield* this.act();
  }

  /** Holds `bytes` instead of what it holds. */
  *replaceBytesUsed(bytes: number): Wait<void> {
    this.release(this.consumed);
    yield* this.consume(bytes);
  }

  /**
   * After a `charge` that said false: runs the actions of the outermost exceeded tracker, of either
   * limit. Waits while another task is busy with them; may throw what ends the statement.
   */
  *act(): Wait<void> {
    let hard: Tracker | undefined;
    let soft: Tracker | undefined;
    let first: LimitKind = 'hard';
    for (let at: Tracker | undefined = this; at !== undefined; at = at.parent) {
      if (at.watch?.check() === true) yield* at.runActions('hard', true);
      if (at.hardLimit <= 0) continue;
      if (at.consumed >= at.hardLimit) hard = at;
      if (at.consumed >= at.soft) soft = at;
      first = at.setting?.first ?? first;
    }
    if (first === 'soft' && soft !== undefined) yield* soft.runActions('soft');
    if (hard !== undefined) yield* hard.runActions('hard');
    if (first === 'hard' && soft !== undefined) yield* soft.runActions('soft');
  }

  /** Gives an action its place among those of a limit. */
  addAction(action: MemoryAction, kind: LimitKind): void {
    const { actionsAt } = this;
    if (actionsAt !== this) {
      actionsAt.addAction(action, kind);
      return;
    }
    const slot = this.slot(kind);
    action.limit = kind;
    slot.head = withAction(this.firstAction(kind), action, this.setting?.equals ?? 'newer-first');
    this.setTrigger();
  }

  /** Forgets all actions: a new statement begins. */
  dropActions(): void {
    this.hardSlot = undefined;
    this.softSlot = undefined;
    this.setTrigger();
  }

  /** The first action of a limit. */
  firstAction(kind: LimitKind): MemoryAction | undefined {
    const slot = kind === 'hard' ? this.hardSlot : this.softSlot;
    if (slot === undefined) return undefined;
    if (this.setting?.dropsFinished === true) slot.head = withoutFinished(slot.head);
    return slot.head;
  }

  /** Actions of either limit that could still do something, but for the one that acts. */
  untried(): Untried[] {
    const untried: Untried[] = [];
    for (const kind of ['hard', 'soft'] as const) {
      for (let at = this.firstAction(kind); at !== undefined; at = at.fallback) {
        const could = at.finished ? undefined : at.untried(this);
        if (could !== undefined) untried.push(could);
      }
    }
    return untried;
  }

  /** Runs one action of the list that is being walked. Only actions ask for it. */
  *enter(action: MemoryAction): Wait<void> {
    const { walk } = this.slot(action.limit);
    walk.push(action);
    try {
      yield* action.act(this);
    } finally {
      walk.pop();
    }
  }

  /** The actions of a limit that are being walked, innermost first: what a stack trace shows. */
  walked(kind: LimitKind): readonly MemoryAction[] {
    return [...this.slot(kind).walk].reverse();
  }

  /**
   * Moves it, with all that it holds, under another parent. False: as that of `charge`, should it
   * hold anything.
   */
  attachTo(parent: Tracker): boolean {
    this.detach();
    this.parent = parent;
    parent.offspring ??= [];
    parent.offspring.push(this);
    return parent.charge(this.consumed);
  }

  /** Leaves the parent, which is rid of what this one holds. */
  detach(): void {
    const { parent } = this;
    if (parent === undefined) return;
    parent.release(this.consumed);
    removeFrom(parent.offspring as Tracker[], this);
    this.parent = undefined;
  }

  /** TiDB's readable form: nested blocks, children in order of label. */
  toString(): string {
    return dumpTracker(this);
  }

  private *runActions(kind: LimitKind, last = false): Wait<void> {
    const { mutex } = this.slot(kind);
    if (!mutex.tryLock()) yield* mutex.wait(this.process);
    try {
      let first = this.firstAction(kind);
      while (last && first?.fallback !== undefined) first = first.fallback;
      if (first !== undefined) yield* this.enter(first);
    } finally {
      mutex.unlock();
    }
  }

  private slot(kind: LimitKind): ActionSlot {
    if (kind === 'hard') {
      this.hardSlot ??= new ActionSlot();
      return this.hardSlot;
    }
    this.softSlot ??= new ActionSlot();
    return this.softSlot;
  }

  private setTrigger(): void {
    const soft = this.softSlot !== undefined;
    this.trigger = this.hardLimit > 0 ? (soft ? this.soft : this.hardLimit) : Infinity;
  }

  private get process(): Process {
    if (this.setting === undefined) throw new Error(`tracker ${this.label} has no actions`);
    return this.setting.process;
  }
}

const NO_CHILDREN: readonly Tracker[] = [];
