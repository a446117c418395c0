import type { Wait } from '../../sim/index.ts';
import type { Frame } from './stack.ts';
import type { Tracker } from './tracker.ts';

/** Ends the statement. */
export const PRIORITY_PANIC = 0;
/** Writes a line and lets the statement go on. */
export const PRIORITY_LOG = 1;
/** Moves rows to disk. */
export const PRIORITY_SPILL = 2;

/** Which of a tracker's two limits an action answers to. */
export type LimitKind = 'hard' | 'soft';

/** Where an action of equal priority goes: behind those there were (until v6.2), or before them. */
export type EqualsOrder = 'older-first' | 'newer-first';

/** What happened, for those who watch a node's memory. */
export type ActionName =
  | 'rate-limit'
  | 'delegate'
  | 'spill'
  | 'sort-spill'
  | 'agg-spill'
  | 'log'
  | 'cancel';

/** An action that could act if it were asked. */
export interface Untried {
  readonly action: ActionName;
  /** Bytes that it would give back; undefined: some, at some time. */
  readonly bytes: number | undefined;
}

/**
 * Something to be done when a limit is exceeded. Actions of one limit form a list in descending
 * priority; the first is asked, and decides itself whether to act or to pass on to its fallback.
 * Source: TiDB `util/memory/action.go`, `ActionOnExceed`.
 */
export abstract class MemoryAction {
  abstract readonly priority: number;
  /** The method as a Go stack trace names it, and where it calls its fallback. */
  abstract readonly frame: Frame;
  /** Whom it passes to. */
  fallback: MemoryAction | undefined = undefined;
  /** Whoever it belongs to has been closed: it is skipped (from v6.4; before, it must pass on). */
  finished = false;
  /** Which limit it answers to; told when it is added. */
  limit: LimitKind = 'hard';

  /**
   * Acts on `tracker`, the one whose limit is exceeded, in the task that consumed, its action
   * mutex held. May wait; may throw a quota panic.
   */
  abstract act(tracker: Tracker): Wait<void>;

  /** What it could do about `tracker` now, for those who watch; undefined: nothing. */
  untried(_tracker: Tracker): Untried | undefined {
    return undefined;
  }

  /** Asks the next action. */
  protected *passOn(tracker: Tracker): Wait<void> {
    const next = this.fallback;
    if (next !== undefined) yield* tracker.enter(next);
  }
}

/**
 * Puts an action into a list, in descending priority; gives the list's new head. Source: TiDB
 * `Tracker.FallbackOldAndSetNewAction`, `reArrangeFallback`.
 */
export function withAction(
  head: MemoryAction | undefined,
  action: MemoryAction,
  equals: EqualsOrder,
): MemoryAction {
  const passes = (other: MemoryAction): boolean =>
    other.priority > action.priority ||
    (equals === 'older-first' && other.priority === action.priority);
  if (head === undefined || !passes(head)) {
    action.fallback = head;
    return action;
  }
  let before = head;
  while (before.fallback !== undefined && passes(before.fallback)) before = before.fallback;
  action.fallback = before.fallback;
  before.fallback = action;
  return head;
}

/** The list without those of its members that are finished. */
export function withoutFinished(head: MemoryAction | undefined): MemoryAction | undefined {
  let first = head;
  while (first?.finished === true) first = first.fallback;
  for (let at = first; at !== undefined; at = at.fallback) {
    while (at.fallback?.finished === true) at.fallback = at.fallback.fallback;
  }
  return first;
}
