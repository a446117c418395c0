/**
 * How each kind of fault is done, undone, and seen. A handler arms a fault: it finds out whom the
 * fault will hit and how that could be seen; the injector (`runner/inject.ts`) then injects it,
 * looks, waits, heals it and looks again. A new kind of fault is one line here.
 */
import type { FaultName } from '../../nemesis/fault-kinds.ts';
import { skew, strobe } from './clock-faults.ts';
import { slowDisk, stallDisk } from './disk-faults.ts';
import type { FaultHandler } from './handler.ts';
import {
  bridge,
  clog,
  corrupt,
  delay,
  duplicate,
  loss,
  partition,
  reorder,
} from './link-faults.ts';
import { regionOperation, scheduler } from './pd-faults.ts';
import { kill, pause, powerCut } from './process-faults.ts';
import { scaleOut } from './scale-faults.ts';

export type { ArmedFault, FaultHost } from './handler.ts';

/** The handler of each kind of fault. */
export const HANDLERS: Readonly<Record<FaultName, FaultHandler>> = {
  ...{ kill, power_cut: powerCut, pause },
  ...{ partition, bridge, clog, loss, corrupt, duplicate, reorder, delay },
  ...{ skew, strobe },
  ...{ slow_disk: slowDisk, stall_disk: stallDisk },
  ...{ scheduler, region_operation: regionOperation, scale_out: scaleOut },
};
