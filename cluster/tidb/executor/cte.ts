import type { SqlType } from '../sql/catalog-type.ts';
import type { StatementContext } from './context.ts';
import { CteRun } from './cte-run.ts';
import type { RowWindow } from './limit.ts';
import type { Executor, ExplainNode, NextId } from './plan.ts';
import { Plan } from './plan.ts';

/** What a recursive common table expression adds to its seed. */
interface Recursion {
  /** Reads the rows of the step before from a `CteTable`. */
  readonly plan: Plan;
  /** LIMIT of the whole. */
  readonly window: RowWindow | undefined;
}

/**
 * `WITH RECURSIVE name AS (seed UNION [ALL] recursion)`: what all references to it share. Source:
 * TiDB `PhysicalCTE`.
 */
export class RecursiveCte {
  /** N of `CTE_N`. */
  readonly index: number;
  readonly seed: Plan;
  /** UNION: rows that were there before are left out. */
  readonly distinct: boolean;
  /** Labels its trackers. 0 until `assignIds` has run. */
  id = 0;
  private recursion: Recursion | undefined = undefined;

  constructor(index: number, seed: Plan, distinct: boolean) {
    this.index = index;
    this.seed = seed;
    this.distinct = distinct;
  }

  /** Completes it: the recursive part can be planned only when the seed's columns are known. */
  complete(recursion: Recursion): void {
    this.recursion = recursion;
  }

  get types(): readonly SqlType[] {
    return this.seed.types;
  }

  get recursive(): Plan {
    return this.completed.plan;
  }

  get window(): RowWindow | undefined {
    return this.completed.window;
  }

  /** Rows expected. */
  get estimate(): number {
    return this.seed.estimate + this.recursive.estimate;
  }

  assignIds(next: NextId): void {
    this.id = next();
    this.seed.assignIds(next);
    this.recursive.assignIds(next);
  }

  /** Its lines of EXPLAIN, which stand below those of the statement. */
  explain(): ExplainNode {
    const { id, index, estimate } = this;
    const children = [
      { ...this.seed.explain(), role: 'Seed Part' as const },
      { ...this.recursive.explain(), role: 'Recursive Part' as const },
    ];
    const line = { task: 'root', access: '', info: 'Recursive CTE' } as const;
    return { id, name: `CTE_${index}`, numbered: false, rows: estimate, ...line, children };
  }

  private get completed(): Recursion {
    if (this.recursion === undefined) throw new Error('a recursive part is not planned yet');
    return this.recursion;
  }
}

/** Reads all rows of a common table expression; the first reader has them computed. */
export class CteFullScan extends Plan {
  readonly name = 'CTEFullScan';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[] = [];
  override readonly info: string;
  private readonly cte: RecursiveCte;
  private readonly object: string;

  /** @param object `CTE:name AS alias`, for EXPLAIN */
  constructor(cte: RecursiveCte, object: string) {
    super();
    this.cte = cte;
    this.object = object;
    this.types = cte.types;
    this.estimate = cte.estimate;
    this.info = `data:CTE_${cte.index}`;
  }

  protected override access(): string {
    return this.object;
  }

  protected start(ctx: StatementContext): Executor {
    return CteRun.of(ctx, this.cte).reader();
  }
}

/** Reads what the last step of the recursion has added. */
export class CteTable extends Plan {
  readonly name = 'CTETable';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[] = [];
  override readonly info: string;
  private readonly cte: RecursiveCte;

  constructor(cte: RecursiveCte) {
    super();
    this.cte = cte;
    this.types = cte.types;
    this.estimate = cte.seed.estimate;
    this.info = `Scan on CTE_${cte.index}`;
  }

  protected start(ctx: StatementContext): Executor {
    return CteRun.of(ctx, this.cte).stepReader();
  }
}
