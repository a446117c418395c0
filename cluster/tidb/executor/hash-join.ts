import type { StatementContext } from './context.ts';
import { HashJoinExecutor } from './hash-join-executor.ts';
import { Join, joinKind } from './join.ts';
import type { JoinOptions } from './join-options.ts';
import type { Executor, JoinRole, Plan } from './plan.ts';

/**
 * Hash join: the smaller side is read whole into a table of words, the other is streamed past it.
 * An outer join streams the side all of whose rows must appear. Without equal pairs every row meets
 * every row. Source: TiDB `executor/join.go`.
 */
export class HashJoin extends Join {
  readonly name = 'HashJoin';
  override readonly info: string;
  private readonly buildLeft: boolean;
  private wanted: readonly boolean[] = [];

  constructor(options: JoinOptions) {
    super(options);
    const { type, left, right } = options;
    this.buildLeft = type === 'right' || (type === 'inner' && left.estimate < right.estimate);
    const kind = joinKind(options);
    const name = options.equal.length === 0 ? `CARTESIAN ${kind}` : kind;
    this.info = options.info === '' ? name : `${name}, ${options.info}`;
  }

  override wanting(columns: readonly boolean[]): void {
    // Other conditions look at whatever they like.
    if (this.options.other.length === 0) this.wanted = columns;
  }

  protected override roleOf(input: Plan): JoinRole {
    return (input === this.options.left) === this.buildLeft ? 'Build' : 'Probe';
  }

  protected start(ctx: StatementContext): Executor {
    const { id, options, buildLeft, wanted } = this;
    return new HashJoinExecutor(ctx, id, { ...options, buildLeft, wanted });
  }
}
