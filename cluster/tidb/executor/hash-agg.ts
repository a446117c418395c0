import type { SqlType } from '../sql/catalog-type.ts';
import type { Aggregate } from './aggregate.ts';
import type { Compiled, StatementContext } from './context.ts';
import type { GroupingSpec } from './grouping.ts';
import { ParallelHashAgg } from './hash-agg-parallel.ts';
import { UnparallelHashAgg } from './hash-agg-unparallel.ts';
import { KeptKeys } from './kept-keys.ts';
import { type Executor, Plan } from './plan.ts';

/**
 * What an aggregation reads and gives: rows in and results out (`complete`), rows in and partial
 * results out (`partial`, what a store does), or partial results in and results out (`final`).
 * Source: TiDB `aggregation.AggFunctionMode`.
 */
export type AggMode = 'complete' | 'partial' | 'final';

/** What may be said of an aggregation beyond its keys and functions. */
export interface HashAggSettings {
  /**
   * `complete` unless given. With `final` the keys and the arguments of the aggregates are columns
   * of the partial results (`finalAggregate`).
   */
  readonly mode: Exclude<AggMode, 'partial'>;
  /**
   * Which keys are wanted above: TiDB keeps a FIRST_ROW for each of them, and gives no others. All
   * unless given.
   */
  readonly kept: readonly boolean[];
}

/**
 * GROUP BY: the keys that are kept first, then the aggregates. Without keys everything is one
 * group, which exists even if no row came. Source: TiDB `executor/aggregate.go`.
 */
export class HashAgg extends Plan {
  readonly name: string;
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly child: Plan;
  private readonly spec: GroupingSpec;
  private readonly kept: readonly boolean[];
  private readonly given: KeptKeys;

  constructor(
    child: Plan,
    keys: readonly Compiled[],
    aggregates: readonly Aggregate[],
    info: string,
    { mode = 'complete', kept = [] }: Partial<HashAggSettings> = {},
  ) {
    super();
    this.name = keys.length === 0 ? 'StreamAgg' : 'HashAgg';
    this.child = child;
    this.inputs = [child];
    this.spec = { keys, aggregates, merges: mode === 'final' };
    this.kept = kept;
    this.info = info;
    const types = [...keys, ...aggregates].map(({ type }) => type);
    this.given = new KeptKeys(types.length, kept);
    this.types = this.given.typesOf(types);
    this.estimate = keys.length === 0 ? 1 : Math.max(1, child.estimate * 0.8);
  }

  protected start(ctx: StatementContext): Executor {
    const { id, spec, kept } = this;
    const child = { executor: this.child.open(ctx), types: this.child.types };
    const concurrency = Number(
      ctx.session.systemVariable('tidb_executor_concurrency', false).value,
    );
    const options = { id, ctx, child, spec, kept };
    const distinct = spec.aggregates.some((aggregate) => aggregate.distinct);
    const serial = concurrency === 1 || distinct || spec.keys.length === 0;
    return this.given.of(
      serial ? new UnparallelHashAgg(options) : new ParallelHashAgg({ ...options, concurrency }),
    );
  }
}
