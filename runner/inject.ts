import type { FaultRecord, PlannedFault } from '../nemesis/fault.ts';
import { isFaultName } from '../nemesis/fault-kinds.ts';
import type { Plan } from '../nemesis/plan.ts';
import { SECOND_US } from './duration.ts';
import { type ArmedFault, type FaultHost, HANDLERS } from './faults/index.ts';

/** What cannot be done or undone at once is tried again so often, … */
const AGAIN_US = SECOND_US;
/** … and, to heal it, for so long: a store that leaves has to be emptied first. */
const HEAL_PATIENCE_US = 600 * SECOND_US;

/** A cluster that was under a fault may take so long to be itself again. */
const RECOVERY_US = 60 * SECOND_US;

/** A fault in its course. */
interface Course {
  readonly planned: PlannedFault;
  /**
   * `trying`: its time has come, but the cluster would not have it yet. `ending`: its time is over,
   * but it is not gone, or another fault keeps the same state up.
   */
  stage: 'waiting' | 'trying' | 'running' | 'ending' | 'over';
  armed: ArmedFault | undefined;
  atUs: number;
  untilUs: number;
  tookEffect: boolean;
  crowdedOut: boolean;
  healed: boolean;
  effect: string;
  note: string;
}

/**
 * Carries a plan out, and does not take the cluster's word for it: after each injection the cluster
 * is looked at again, and after each heal too. A fault that did not happen is a run that tested
 * less than it says, and one that was not healed would be blamed on the database, so every fault
 * leaves a record.
 */
export class Injector {
  private readonly host: FaultHost;
  private readonly courses: readonly Course[];
  /** Those that are running or ending, in the order in which they began. */
  private readonly active = new Set<Course>();
  private begunCount = 0;
  /** When a fault that took effect was last over. */
  private peaceSinceUs = Number.NEGATIVE_INFINITY;

  /** Books every fault of the plan, whose times count from `startUs`. */
  constructor(host: FaultHost, plan: Plan, startUs: number) {
    this.host = host;
    this.courses = plan.faults.map(newCourse);
    for (const course of this.courses) {
      host.at(startUs + course.planned.atUs, () => this.begin(course));
      host.at(startUs + course.planned.untilUs, () => this.end(course));
    }
  }

  /** How many faults run now. */
  get running(): number {
    return this.active.size;
  }

  /** How many faults have begun. */
  get begun(): number {
    return this.begunCount;
  }

  /** Ends every fault that runs now, and calls off those that have not begun. */
  healAll(): void {
    const begun = this.courses.filter(({ stage }) => stage !== 'waiting');
    for (const course of this.courses) if (course.stage === 'waiting') course.stage = 'over';
    for (const course of begun) this.end(course);
  }

  /** What became of every fault that began, in order of the plan. */
  records(): FaultRecord[] {
    return this.courses.filter((course) => course.atUs >= 0).map(recordOf);
  }

  private begin(course: Course): void {
    if (course.stage !== 'waiting') return;
    course.stage = 'trying';
    this.begunCount++;
    course.atUs = this.host.nowUs();
    this.tryToInject(course);
  }

  private tryToInject(course: Course): void {
    if (course.stage !== 'trying') return;
    const refusal = this.inject(course);
    if (refusal === undefined) {
      course.stage = 'running';
      this.active.add(course);
      return;
    }
    course.note = refusal;
    course.crowdedOut = this.isTroubled();
    this.host.at(this.host.nowUs() + AGAIN_US, () => this.tryToInject(course));
  }

  /** Whether the cluster is under a fault, or has been of late. */
  private isTroubled(): boolean {
    return this.active.size > 0 || this.peaceSinceUs >= this.host.nowUs() - RECOVERY_US;
  }

  /** Injects a fault and looks whether it is in force; answers why it cannot be done now. */
  private inject(course: Course): string | undefined {
    const { planned } = course;
    const armed = armedFault(this.host, planned);
    if (typeof armed === 'string') return armed;
    const already = armed.inForce();
    if (already && !this.isKeptUp(armed, course)) {
      course.note = `${armed.hit} was under it already`;
    } else {
      const refusal = already ? undefined : armed.inject();
      if (refusal !== undefined) return refusal;
      course.tookEffect = armed.inForce();
      course.note = course.tookEffect ? '' : `${armed.hit} was not seen to be affected`;
    }
    course.armed = armed;
    course.crowdedOut = false;
    course.atUs = this.host.nowUs();
    return undefined;
  }

  private end(course: Course): void {
    if (course.stage === 'trying') {
      course.stage = 'over';
      course.untilUs = this.host.nowUs();
      course.healed = true;
    } else if (course.stage === 'running') {
      course.stage = 'ending';
      course.effect = course.armed?.effect() ?? '';
      this.heal(course, this.host.nowUs() + HEAL_PATIENCE_US);
    }
  }

  /** Heals a fault, and with it those that ended before it and were only kept up by it. */
  private heal(course: Course, patientUntilUs: number): void {
    const { armed } = course;
    if (course.stage !== 'ending' || armed === undefined || this.isKeptUp(armed)) return;
    if (!armed.isOver()) armed.heal();
    const nowUs = this.host.nowUs();
    if (armed.isOver()) {
      for (const other of this.sharing(armed, 'ending')) this.close(other, true);
      this.close(course, true);
    } else if (nowUs >= patientUntilUs) this.close(course, false);
    else this.host.at(nowUs + AGAIN_US, () => this.heal(course, patientUntilUs));
  }

  private close(course: Course, healed: boolean): void {
    course.stage = 'over';
    this.active.delete(course);
    course.untilUs = this.host.nowUs();
    if (course.tookEffect) this.peaceSinceUs = course.untilUs;
    course.healed = healed;
    if (!healed) course.note = `${course.armed?.hit} did not recover`;
  }

  /** Whether another fault that runs now brings about the same state. */
  private isKeptUp(armed: ArmedFault, self?: Course): boolean {
    return this.sharing(armed, 'running').some((course) => course !== self);
  }

  private sharing({ state }: ArmedFault, stage: Course['stage']): Course[] {
    if (state === undefined) return [];
    return [...this.active].filter(
      (course) => course.stage === stage && course.armed?.state === state,
    );
  }
}

function newCourse(planned: PlannedFault): Course {
  return {
    planned,
    ...{ stage: 'waiting', armed: undefined, atUs: -1, untilUs: -1 },
    ...{ tookEffect: false, crowdedOut: false, healed: false, effect: '', note: '' },
  };
}

function armedFault(host: FaultHost, planned: PlannedFault): ArmedFault | string {
  const { fault, target, nemesis, atUs } = planned;
  if (!isFaultName(fault)) throw new Error(`no handler for fault ${fault}`);
  return HANDLERS[fault](host, planned, `${nemesis}/${fault}/${target}@${atUs}`);
}

function recordOf(course: Course): FaultRecord {
  const { nemesis, fault, target } = course.planned;
  const { atUs, tookEffect, crowdedOut, healed, effect, note } = course;
  const hit = course.armed?.hit ?? target;
  // A fault that still runs (an interrupted run) has no end yet.
  const untilUs = course.untilUs < 0 ? atUs : course.untilUs;
  const seen = { tookEffect, crowdedOut, healed, effect, note };
  return { nemesis, fault, target, hit, atUs, untilUs, ...seen };
}
