import type { RowWindow } from '../../executor/limit.ts';
import type { Plan } from '../../executor/plan.ts';

/** What an operator that stores run part of says of that part in EXPLAIN. */
export interface PushedTexts {
  readonly info: string;
  readonly estimate: number;
}

/** LIMIT, and what stores are asked for on its behalf. */
export interface PushedLimit {
  readonly window: RowWindow;
  /** `offset:0, count:1`, for EXPLAIN. */
  readonly text: string;
  readonly pushed: PushedTexts;
}

/** The first rows, or few more. */
export interface FirstRows {
  readonly plan: Plan;
  /** These rows exactly: no Limit is wanted above. */
  readonly exact: boolean;
}
