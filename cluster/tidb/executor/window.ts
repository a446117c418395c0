import type { SqlType } from '../sql/catalog-type.ts';
import type { Compiled, StatementContext } from './context.ts';
import type { SortKey } from './order.ts';
import { type Executor, Plan } from './plan.ts';
import { WindowExecutor } from './window-executor.ts';
import type { Frame } from './window-frame.ts';
import type { WindowFunction } from './window-function.ts';

/** Functions over one and the same window. Keys and arguments are columns of the input. */
export interface WindowSpec {
  /** For errors. */
  readonly name: string;
  readonly partitionBy: readonly Compiled[];
  readonly orderBy: readonly SortKey[];
  /** Undefined: the whole partition. */
  readonly frame: Frame | undefined;
  readonly functions: readonly WindowFunction[];
}

/**
 * Window functions: each row as it came, and behind it what each function says of it. Rows come in
 * order of PARTITION BY, then ORDER BY.
 */
export class Window extends Plan {
  readonly name = 'Window';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly child: Plan;
  private readonly spec: WindowSpec;

  constructor(child: Plan, spec: WindowSpec, info: string) {
    super();
    this.child = child;
    this.inputs = [child];
    this.spec = spec;
    this.info = info;
    this.types = [...child.types, ...spec.functions.map(({ type }) => type)];
    this.estimate = child.estimate;
  }

  protected start(ctx: StatementContext): Executor {
    return new WindowExecutor(ctx, this.child.open(ctx), this.spec);
  }
}
