import type { ClockFault } from '../../cluster/sim/clock.ts';
import type { PlannedFault } from '../../nemesis/fault.ts';
import {
  type ArmedFault,
  type FaultHandler,
  type FaultHost,
  nodeNamed,
  wholeOf,
} from './handler.ts';
import { laidOn } from './laid-on.ts';

/** A wall clock is off by a constant. */
export const skew: FaultHandler = (host, planned, label) =>
  onClock(host, planned, label, { offsetUs: wholeOf(planned, 'offsetUs'), strobeUs: 0 });

/** A wall clock jumps there and back. */
export const strobe: FaultHandler = (host, planned, label) =>
  onClock(host, planned, label, {
    offsetUs: wholeOf(planned, 'offsetUs'),
    strobeUs: wholeOf(planned, 'periodUs'),
  });

function onClock(
  host: FaultHost,
  { target }: PlannedFault,
  label: string,
  fault: ClockFault,
): ArmedFault {
  const clock = host.clock(nodeNamed(host, target).id);
  const laid = laidOn({ hit: target, label, fault, things: [clock], effect: () => '' });
  return { ...laid, effect: () => `the clock was ${shown(clock.skewUs)} when it ended` };
}

function shown(skewUs: number): string {
  if (skewUs === 0) return 'right';
  return `${Math.abs(skewUs) / 1000} ms ${skewUs > 0 ? 'ahead' : 'behind'}`;
}
