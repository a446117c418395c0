import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { take } from './columns.ts';
import type { StatementContext } from './context.ts';
import { GroupTable } from './group-table.ts';
import { type Executor, type JoinRole, Plan } from './plan.ts';

/** What is kept of the left side. */
export interface SetDifferenceOptions {
  /** EXCEPT keeps rows the right side has not, INTERSECT those it has. */
  readonly operator: 'EXCEPT' | 'INTERSECT';
  /** Both of the same types. */
  readonly left: Plan;
  readonly right: Plan;
}

/**
 * EXCEPT and INTERSECT: every distinct row of the left side, by whether the right side has it too.
 * NULL is like NULL here. TiDB builds them of a semi join with null-safe equality under a HashAgg.
 */
export class SetDifference extends Plan {
  readonly name = 'HashJoin';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly options: SetDifferenceOptions;

  constructor(options: SetDifferenceOptions) {
    super();
    this.options = options;
    this.inputs = [options.left, options.right];
    this.info = options.operator === 'EXCEPT' ? 'anti semi join' : 'semi join';
    this.types = options.left.types;
    this.estimate = options.left.estimate;
  }

  protected override roleOf(input: Plan): JoinRole {
    return input === this.options.right ? 'Build' : 'Probe';
  }

  protected start(ctx: StatementContext): Executor {
    const { operator, left, right } = this.options;
    return new SetDifferenceExecutor(operator, left.open(ctx), right.open(ctx), this.types.length);
  }
}

class SetDifferenceExecutor implements Executor {
  private readonly operator: 'EXCEPT' | 'INTERSECT';
  private readonly left: Executor;
  private readonly right: Executor;
  /** Rows of the right side have the groups below `rightGroups`. */
  private readonly table: GroupTable;
  private rightGroups: number | undefined = undefined;
  private readonly given = new Set<number>();

  constructor(operator: 'EXCEPT' | 'INTERSECT', left: Executor, right: Executor, width: number) {
    this.operator = operator;
    this.left = left;
    this.right = right;
    this.table = new GroupTable(width);
  }

  *next(): Wait<Chunk | undefined> {
    this.rightGroups ??= yield* this.readRight();
    for (;;) {
      const chunk = yield* this.left.next();
      if (chunk === undefined) return undefined;
      const kept = this.kept(chunk, this.rightGroups);
      if (kept.length > 0) return kept;
    }
  }

  close(): void {
    this.left.close();
    this.right.close();
  }

  private *readRight(): Wait<number> {
    for (;;) {
      const chunk = yield* this.right.next();
      if (chunk === undefined) return this.table.count;
      this.groupsOf(chunk);
    }
  }

  private groupsOf({ columns, length }: Chunk): Int32Array {
    const groups = new Int32Array(length);
    this.table.assign(columns, length, groups, new Int32Array(length));
    return groups;
  }

  private kept(chunk: Chunk, rightGroups: number): Chunk {
    const groups = this.groupsOf(chunk);
    const rows = new Int32Array(chunk.length);
    let count = 0;
    for (let row = 0; row < chunk.length; row++) {
      const group = groups[row] as number;
      if (group < rightGroups !== (this.operator === 'INTERSECT') || this.given.has(group))
        continue;
      this.given.add(group);
      rows[count++] = row;
    }
    return take(chunk, rows, 0, count);
  }
}
