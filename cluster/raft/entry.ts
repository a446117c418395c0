import type { ConfChange } from './membership.ts';

/** What any entry of the log has. */
interface EntryBase<P> {
  /** Term of the leader that made it. */
  readonly term: number;
  /** Place in the log, from 1. */
  readonly index: number;
  /** The driver's command. Absent in what a leader proposes of its own accord. */
  readonly payload: P | undefined;
  /** What it weighs on the wire and on disk, as the proposer said. */
  readonly bytes: number;
}

/** An ordinary command. */
interface NormalEntry<P> extends EntryBase<P> {
  readonly kind: 'normal';
  readonly change: undefined;
}

/** A change of the membership; the payload is whatever the driver wants to know about it. */
interface ConfChangeEntry<P> extends EntryBase<P> {
  readonly kind: 'conf-change';
  readonly change: ConfChange;
}

/** One entry of the log; never changed once made, hence shared between logs and messages. */
export type Entry<P> = NormalEntry<P> | ConfChangeEntry<P>;

/** What a peer must find on its disk after a crash (figure 2, "persistent state"). */
export interface HardState {
  readonly term: number;
  /** Whom it voted for in that term; 0 is nobody. */
  readonly vote: number;
  /**
   * The commit index when last written. It may be older than the truth: a commit index alone is
   * never worth a sync.
   */
  readonly commit: number;
}

/** A command at a place in the log. All entries are made here, so that they share one shape. */
export function normalEntry<P>(
  term: number,
  index: number,
  payload: P | undefined,
  bytes: number,
): Entry<P> {
  return { term, index, kind: 'normal', payload, change: undefined, bytes };
}

/** A membership change at a place in the log. */
export function confChangeEntry<P>(
  term: number,
  index: number,
  payload: P | undefined,
  change: ConfChange,
): Entry<P> {
  return { term, index, kind: 'conf-change', payload, change, bytes: CONF_CHANGE_BYTES };
}

/** A membership change names a handful of peers. */
const CONF_CHANGE_BYTES = 64;

/**
 * A hard state that is written without a sync, because only its commit index is new: cut to the
 * durable log, which ends at `lastIndex`. What lies behind may still be on its way to the disk, and
 * when power fails what is lost is lost from the end, this included.
 */
export function withinLog({ term, vote, commit }: HardState, lastIndex: number): HardState {
  return { term, vote, commit: Math.min(commit, lastIndex) };
}
