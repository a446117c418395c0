import type { SqlType } from '../sql/catalog-type.ts';
import type { JoinOptions } from './join-options.ts';
import { Plan } from './plan.ts';

/** What the three ways to join have in common: the columns of both sides, left before right. */
export abstract class Join<Options extends JoinOptions = JoinOptions> extends Plan {
  readonly types: readonly SqlType[];
  estimate: number;
  readonly inputs: readonly Plan[];
  protected readonly options: Options;

  constructor(options: Options) {
    super();
    const { left, right } = options;
    this.options = options;
    this.inputs = [left, right];
    this.types = [...left.types, ...right.types];
    this.estimate = Math.max(left.estimate, right.estimate);
  }
}

/** How EXPLAIN calls a join: `left outer join`. */
export function joinKind({ type }: JoinOptions): string {
  return type === 'inner' ? 'inner join' : `${type} outer join`;
}
