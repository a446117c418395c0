/**
 * Several changes of members as one: the region enters a joint configuration, in which a decision
 * needs a majority of the old voters and one of the new, and leaves it again. So a peer can be
 * moved without the region ever having two voters or four. Source: PD `ChangePeerV2Enter`,
 * `ChangePeerV2Leave`; Ongaro's Raft dissertation, section 4.3.
 */
import type { PeerInfo, PeerRole } from '../tikv/request.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import { isInJointState, leaderPeer } from './region-view.ts';
import { fastStepUs, type PeerPlace, placed, type Step, type StepCommand } from './steps.ts';

/** Learners that become voters, and voters that become learners, at once. */
export interface JointChange {
  readonly promote: readonly PeerPlace[];
  readonly demote: readonly PeerPlace[];
}

abstract class JointStep implements Step {
  readonly isFast = true;
  protected readonly change: JointChange;

  constructor(change: JointChange) {
    this.change = change;
  }

  abstract describe(): string;
  abstract isFinished(region: RegionHeartbeat): boolean;
  abstract confVerChanged(region: RegionHeartbeat): number;
  abstract obstacle(region: RegionHeartbeat): string | undefined;
  abstract command(): StepCommand;

  timeoutUs(megabytes: number): number {
    return fastStepUs(megabytes) * this.count;
  }

  influence(): void {}

  protected get count(): number {
    return this.change.promote.length + this.change.demote.length;
  }

  /** Whether every peer has one of the roles; a demoted one may also be gone. */
  protected all(
    region: RegionHeartbeat,
    promoted: readonly PeerRole[],
    demoted: readonly (PeerRole | 'gone')[],
  ): boolean {
    const { promote, demote } = this.change;
    return (
      promote.every((place) => (promoted as readonly string[]).includes(roleOf(region, place))) &&
      demote.every((place) => (demoted as readonly string[]).includes(roleOf(region, place)))
    );
  }
}

function roleOf(region: RegionHeartbeat, place: PeerPlace): PeerRole | 'gone' {
  const peer: PeerInfo | undefined = placed(region, place);
  return peer?.role ?? 'gone';
}

function list(places: readonly PeerPlace[]): string {
  return places.map(({ id, store }) => `${id} on store ${store}`).join(', ');
}

/** The region enters the joint configuration. */
export class EnterJoint extends JointStep {
  describe(): string {
    const { promote, demote } = this.change;
    return `enter joint: promote ${list(promote)}; demote ${list(demote)}`;
  }

  isFinished(region: RegionHeartbeat): boolean {
    return this.all(region, ['incoming-voter'], ['demoting-voter']);
  }

  confVerChanged(region: RegionHeartbeat): number {
    const begun = this.all(
      region,
      ['incoming-voter', 'voter'],
      ['demoting-voter', 'learner', 'gone'],
    );
    return begun ? this.count : 0;
  }

  obstacle(region: RegionHeartbeat): string | undefined {
    const before = this.all(region, ['learner'], ['voter']);
    return before || this.isFinished(region) ? undefined : 'peers have changed their roles';
  }

  command(): StepCommand {
    const { promote, demote } = this.change;
    return {
      kind: 'change-peer',
      wishes: [
        ...promote.map((peer) => ({ kind: 'add-voter', peer }) as const),
        ...demote.map((peer) => ({ kind: 'add-learner', peer }) as const),
      ],
    };
  }
}

/** The region leaves the joint configuration: what was coming is there, what was going is not. */
export class LeaveJoint extends JointStep {
  describe(): string {
    return 'leave joint';
  }

  isFinished(region: RegionHeartbeat): boolean {
    return !isInJointState(region) && this.all(region, ['voter'], ['learner', 'gone']);
  }

  confVerChanged(region: RegionHeartbeat): number {
    return this.isFinished(region) ? this.count : 0;
  }

  obstacle(region: RegionHeartbeat): string | undefined {
    const { id, role } = leaderPeer(region);
    if (role === 'demoting-voter') return `leader ${id} is being demoted`;
    const known = this.all(
      region,
      ['incoming-voter', 'voter'],
      ['demoting-voter', 'learner', 'gone'],
    );
    return known ? undefined : 'peers have changed their roles';
  }

  command(): StepCommand {
    return { kind: 'change-peer', wishes: [] };
  }
}
