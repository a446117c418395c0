import type { Process } from '../../sim/index.ts';
import type { EqualsOrder, LimitKind } from './action.ts';

/** How a tracker runs its actions: which differs between versions. */
export interface ActionSetting {
  /** Where tasks wait for their turn. */
  readonly process: Process;
  readonly equals: EqualsOrder;
  /** Which limit is looked at first: the soft one until v6.3, the hard one since. */
  readonly first: LimitKind;
  /** Actions whose owner is closed are dropped (from v6.4) instead of asked. */
  readonly dropsFinished: boolean;
}
