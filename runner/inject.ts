import type { FaultSurface, NodeInfo } from '../cluster/surface.ts';
import type { FaultRecord, PlannedFault } from '../nemesis/fault.ts';
import { type FaultName, isFaultName, type Plan } from '../nemesis/plan.ts';

/** What an injector needs of a cluster: faults, and a place in virtual time to do them. */
export interface FaultHost extends FaultSurface {
  nowUs(): number;
  at(timeUs: number, action: () => void): void;
}

/** How one kind of fault is done, undone, and seen. */
interface FaultHandler {
  inject(surface: FaultSurface, node: number): void;
  heal(surface: FaultSurface, node: number): void;
  /** Whether the node is under the fault now: asked of the cluster, never remembered. */
  isActive(surface: FaultSurface, node: number): boolean;
}

const HANDLERS: Readonly<Record<FaultName, FaultHandler>> = {
  kill: {
    inject: (surface, node) => surface.kill(node),
    heal: (surface, node) => surface.restart(node),
    isActive: (surface, node) => !surface.isAlive(node),
  },
};

/** A fault in its course. */
interface Course {
  readonly planned: PlannedFault;
  readonly handler: FaultHandler;
  readonly node: number;
  atUs: number;
  untilUs: number;
  state: 'waiting' | 'running' | 'over';
  tookEffect: boolean;
  healed: boolean;
  note: string;
}

/**
 * Carries a plan out, and does not take the cluster's word for it: after each injection the node is
 * looked at again, and after each heal too. A fault that did not happen is a run that tested less
 * than it says, so every fault leaves a record.
 */
export class Injector {
  private readonly host: FaultHost;
  private readonly courses: Course[];

  /** Books every fault of the plan, whose times count from `startUs`. */
  constructor(host: FaultHost, plan: Plan, startUs: number) {
    this.host = host;
    this.courses = plan.faults.map((planned) => newCourse(host, planned));
    for (const course of this.courses) {
      host.at(startUs + course.planned.atUs, () => this.begin(course));
      host.at(startUs + course.planned.untilUs, () => this.end(course));
    }
  }

  /** How many faults run now. */
  get running(): number {
    return this.courses.filter((course) => course.state === 'running').length;
  }

  /** How many faults have begun. */
  get begun(): number {
    return this.courses.filter((course) => course.state !== 'waiting').length;
  }

  /** Ends every fault that runs now, and calls off those that have not begun. */
  healAll(): void {
    for (const course of this.courses) {
      if (course.state === 'running') this.end(course);
      course.state = 'over';
    }
  }

  /** What became of every fault that began, in order of the plan. */
  records(): FaultRecord[] {
    return this.courses.filter((course) => course.atUs >= 0).map(recordOf);
  }

  private begin(course: Course): void {
    if (course.state !== 'waiting') return;
    const { handler, node } = course;
    course.state = 'running';
    course.atUs = this.host.nowUs();
    if (handler.isActive(this.host, node)) {
      course.note = `${course.planned.target} was under it already`;
      return;
    }
    handler.inject(this.host, node);
    course.tookEffect = handler.isActive(this.host, node);
    if (!course.tookEffect) course.note = `${course.planned.target} was not seen to be affected`;
  }

  private end(course: Course): void {
    if (course.state !== 'running') return;
    const { handler, node } = course;
    course.state = 'over';
    course.untilUs = this.host.nowUs();
    if (handler.isActive(this.host, node)) handler.heal(this.host, node);
    course.healed = !handler.isActive(this.host, node);
    if (!course.healed) course.note = `${course.planned.target} did not recover`;
  }
}

function newCourse(host: FaultHost, planned: PlannedFault): Course {
  if (!isFaultName(planned.fault)) throw new Error(`no handler for fault ${planned.fault}`);
  return {
    planned,
    handler: HANDLERS[planned.fault],
    node: nodeNamed(host, planned.target).id,
    atUs: -1,
    untilUs: -1,
    state: 'waiting',
    tookEffect: false,
    healed: false,
    note: '',
  };
}

function nodeNamed(host: FaultHost, name: string): NodeInfo {
  const node = host.nodes().find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`the plan names a node that does not exist: ${name}`);
  return node;
}

function recordOf(course: Course): FaultRecord {
  const { nemesis, fault, target } = course.planned;
  const { atUs, tookEffect, healed, note } = course;
  // A fault that still runs (an interrupted run) has no end yet.
  const untilUs = course.untilUs < 0 ? atUs : course.untilUs;
  return { nemesis, fault, target, atUs, untilUs, tookEffect, healed, note };
}
