import type { Faulty } from '../../cluster/sim/faulty.ts';
import type { ArmedFault } from './handler.ts';

/** What distinguishes one fault that is laid on things from another. */
export interface LaidOn<F> {
  /** Whom a reader takes it to be done to. */
  readonly hit: string;
  /** Its name on each of the things. */
  readonly label: string;
  readonly fault: F;
  /** Links, clocks or disks. */
  readonly things: readonly Faulty<F>[];
  /** What it came to, from the number of times it struck. */
  readonly effect: (hits: number) => string;
}

/** A fault that is imposed on things by name, and lifted by name. */
export function laidOn<F>({ hit, label, fault, things, effect }: LaidOn<F>): ArmedFault {
  const force = (thing: Faulty<F>) => thing.inForce.find((one) => one.label === label);
  return {
    hit,
    inject() {
      for (const thing of things) thing.impose(label, fault);
      return undefined;
    },
    heal() {
      for (const thing of things) if (force(thing) !== undefined) thing.lift(label);
    },
    inForce: () => things.length > 0 && things.every((thing) => force(thing) !== undefined),
    isOver: () => things.every((thing) => force(thing) === undefined),
    effect: () => effect(things.reduce((sum, thing) => sum + (force(thing)?.hits ?? 0), 0)),
  };
}
