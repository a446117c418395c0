import type { SqlType } from '../sql/catalog-type.ts';
import type { StatementContext } from './context.ts';
import type { GroupingSpec } from './grouping.ts';
import type { Executor } from './plan.ts';

/** What a running aggregation needs. */
export interface HashAggOptions {
  readonly id: number;
  readonly ctx: StatementContext;
  readonly child: { readonly executor: Executor; readonly types: readonly SqlType[] };
  readonly spec: GroupingSpec;
  readonly kept: readonly boolean[];
}
