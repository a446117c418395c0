import type { SqlType } from '../sql/catalog-type.ts';
import type { StatementContext } from './context.ts';
import type { SortKey } from './order.ts';
import { type Executor, Plan } from './plan.ts';
import { SortExecutor } from './sort-executor.ts';

/** Sorts everything. Rows that compare equal keep their order. */
export class Sort extends Plan {
  readonly name = 'Sort';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly child: Plan;
  private readonly keys: readonly SortKey[];

  constructor(child: Plan, keys: readonly SortKey[], info: string) {
    super();
    this.child = child;
    this.inputs = [child];
    this.keys = keys;
    this.info = info;
    this.types = child.types;
    this.estimate = child.estimate;
  }

  protected start(ctx: StatementContext): Executor {
    const { id, keys, types } = this;
    return new SortExecutor({ ctx, id, keys, types, child: this.child.open(ctx) });
  }
}
