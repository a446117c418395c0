import type { Compiled } from './context.ts';
import type { Plan } from './plan.ts';

/** How two inputs are joined. Columns come out left before right. */
export interface JoinOptions {
  readonly type: 'inner' | 'left' | 'right';
  readonly left: Plan;
  readonly right: Plan;
  /** Pairs that must be equal, each compiled for its own side. */
  readonly equal: readonly { readonly left: Compiled; readonly right: Compiled }[];
  /** Other conditions, compiled for the joined row. */
  readonly other: readonly Compiled[];
  readonly info: string;
}
