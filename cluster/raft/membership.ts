/**
 * Who belongs to a group, and how that may change (thesis §4.1 and §4.3). Pure: a configuration and
 * a change give the next configuration.
 */

/** The members of a group. All lists are sorted and hold peer ids. */
export interface ConfState {
  /** Those who vote and count. */
  readonly voters: readonly number[];
  /** In a joint configuration the voters before the change, who vote as well; else empty. */
  readonly outgoing: readonly number[];
  /** Those who receive the log without a voice. */
  readonly learners: readonly number[];
  /** Outgoing voters that become learners when the joint phase ends. */
  readonly learnersNext: readonly number[];
  /** Whether the leader ends the joint phase by itself as soon as it has been applied. */
  readonly autoLeave: boolean;
}

/** What becomes of one peer. `add-learner` demotes a voter, `add-voter` promotes a learner. */
export interface PeerChange {
  readonly kind: 'add-voter' | 'add-learner' | 'remove';
  readonly id: number;
}

/** A step from one configuration to the next (raft-rs `ConfChangeV2`). */
export type ConfChange =
  | { readonly kind: 'simple'; readonly change: PeerChange }
  | {
      readonly kind: 'enter-joint';
      readonly changes: readonly PeerChange[];
      readonly leave: 'auto' | 'explicit';
    }
  | { readonly kind: 'leave-joint' };

/** A peer that nobody has told anything yet. */
export const NO_MEMBERS: ConfState = {
  voters: [],
  outgoing: [],
  learners: [],
  learnersNext: [],
  autoLeave: false,
};

/** A settled configuration. */
export function confOf(voters: readonly number[], learners: readonly number[] = []): ConfState {
  return { ...NO_MEMBERS, voters: sorted(voters), learners: sorted(learners) };
}

/** Whether two majorities are needed at present. */
export function isJoint(conf: ConfState): boolean {
  return conf.outgoing.length > 0;
}

/** Whether the peer has a vote in either half. */
export function isVoter(conf: ConfState, id: number): boolean {
  return conf.voters.includes(id) || conf.outgoing.includes(id);
}

/** Every peer that the leader must replicate to, itself included; sorted. */
export function members({ voters, outgoing, learners }: ConfState): number[] {
  return sorted(new Set([...voters, ...outgoing, ...learners]));
}

/**
 * The configuration after a change; undefined where the change makes no sense: a joint phase within
 * a joint phase, an end of none, or nobody left to vote.
 */
export function changed(conf: ConfState, change: ConfChange): ConfState | undefined {
  if (change.kind === 'leave-joint') return isJoint(conf) ? leaveJoint(conf) : undefined;
  if (isJoint(conf)) return undefined;
  const next =
    change.kind === 'simple'
      ? withChanges(conf, [change.change])
      : enterJoint(conf, change.changes, change.leave === 'auto');
  return next.voters.length === 0 ? undefined : next;
}

function enterJoint(
  conf: ConfState,
  changes: readonly PeerChange[],
  autoLeave: boolean,
): ConfState {
  const target = withChanges(conf, changes);
  // A voter on its way to be a learner goes on voting in the outgoing half, so that it must not be
  // counted among the learners yet.
  const demoted = target.learners.filter((id) => conf.voters.includes(id));
  return {
    voters: target.voters,
    outgoing: conf.voters,
    learners: target.learners.filter((id) => !demoted.includes(id)),
    learnersNext: demoted,
    autoLeave,
  };
}

function leaveJoint({ voters, learners, learnersNext }: ConfState): ConfState {
  return confOf(voters, [...learners, ...learnersNext]);
}

function withChanges(conf: ConfState, changes: readonly PeerChange[]): ConfState {
  const voters = new Set(conf.voters);
  const learners = new Set(conf.learners);
  for (const { kind, id } of changes) {
    voters.delete(id);
    learners.delete(id);
    if (kind === 'add-voter') voters.add(id);
    if (kind === 'add-learner') learners.add(id);
  }
  return confOf([...voters], [...learners]);
}

function sorted(ids: Iterable<number>): number[] {
  return [...ids].sort((a, b) => a - b);
}
