import type { SqlType } from '../sql/catalog-type.ts';
import type { StatementContext } from './context.ts';
import { HashJoinExecutor } from './hash-join-executor.ts';
import type { JoinOptions } from './join-options.ts';
import { type Executor, type JoinRole, Plan } from './plan.ts';

/**
 * Hash join: the smaller side is read whole into a table of words, the other is streamed past it.
 * An outer join streams the side all of whose rows must appear. Without equal pairs every row meets
 * every row. Source: TiDB `executor/join.go`.
 */
export class HashJoin extends Plan {
  readonly name = 'HashJoin';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly options: JoinOptions;
  private readonly buildLeft: boolean;

  constructor(options: JoinOptions) {
    super();
    const { type, left, right } = options;
    this.inputs = [left, right];
    this.options = options;
    this.types = [...left.types, ...right.types];
    this.estimate = Math.max(left.estimate, right.estimate);
    this.buildLeft = type === 'right' || (type === 'inner' && left.estimate < right.estimate);
    const kind = type === 'inner' ? 'inner join' : `${type} outer join`;
    const name = options.equal.length === 0 ? `CARTESIAN ${kind}` : kind;
    this.info = options.info === '' ? name : `${name}, ${options.info}`;
  }

  protected override roleOf(input: Plan): JoinRole {
    return (input === this.options.left) === this.buildLeft ? 'Build' : 'Probe';
  }

  protected start(ctx: StatementContext): Executor {
    return new HashJoinExecutor(ctx, this.id, this.options, this.buildLeft);
  }
}
