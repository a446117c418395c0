import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { StatementContext } from './context.ts';
import { type Executor, Plan } from './plan.ts';

/** One input after the other; all give the same types. */
export class UnionAll extends Plan {
  readonly name = 'Union';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];

  constructor(children: readonly Plan[]) {
    super();
    this.inputs = children;
    this.types = children[0]?.types ?? [];
    this.estimate = children.reduce((sum, child) => sum + child.estimate, 0);
  }

  protected start(ctx: StatementContext): Executor {
    return new UnionAllExecutor(this.inputs.map((child) => child.open(ctx)));
  }
}

class UnionAllExecutor implements Executor {
  private readonly children: readonly Executor[];
  private at = 0;

  constructor(children: readonly Executor[]) {
    this.children = children;
  }

  *next(): Wait<Chunk | undefined> {
    for (; this.at < this.children.length; this.at++) {
      const chunk = yield* (this.children[this.at] as Executor).next();
      if (chunk !== undefined) return chunk;
    }
    return undefined;
  }

  close(): void {
    for (const child of this.children) child.close();
  }
}
