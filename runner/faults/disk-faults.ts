import type { DiskFault } from '../../cluster/sim/disk.ts';
import type { PlannedFault } from '../../nemesis/fault.ts';
import {
  type ArmedFault,
  counted,
  type FaultHandler,
  type FaultHost,
  type NotNow,
  nodeNamed,
  wholeOf,
} from './handler.ts';
import { laidOn } from './laid-on.ts';

/** A disk takes a multiple of its time for every sync. */
export const slowDisk: FaultHandler = (host, planned, label) => {
  const factor = wholeOf(planned, 'factor');
  return onDisk(
    host,
    planned,
    label,
    { kind: 'slow', factor },
    (hits) => `slowed ${counted(hits, 'sync')}`,
  );
};

/** A disk ends no sync. */
export const stallDisk: FaultHandler = (host, planned, label) =>
  onDisk(host, planned, label, { kind: 'stall' }, (hits) => `held up ${counted(hits, 'sync')}`);

function onDisk(
  host: FaultHost,
  { target }: PlannedFault,
  label: string,
  fault: DiskFault,
  effect: (hits: number) => string,
): ArmedFault | NotNow {
  const disk = host.disk(nodeNamed(host, target).id);
  if (disk === undefined) return `${target} has no disk`;
  return laidOn({ hit: target, label, fault, things: [disk], effect });
}
