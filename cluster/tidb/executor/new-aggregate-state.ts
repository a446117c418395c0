import type { Aggregate } from './aggregate.ts';
import { BitsState } from './aggregate-bits.ts';
import { ConcatState } from './aggregate-concat.ts';
import { CountState } from './aggregate-count.ts';
import { DistinctState } from './aggregate-distinct.ts';
import { ExtremeState } from './aggregate-extreme.ts';
import { FirstRowState } from './aggregate-first-row.ts';
import type { AggregateState } from './aggregate-state.ts';
import { SumState } from './aggregate-sum.ts';
import type { Compiled } from './context.ts';

/** A fresh state. */
export function newState(aggregate: Aggregate): AggregateState {
  if (aggregate.distinct) {
    return new DistinctState(aggregate.args, newState({ ...aggregate, distinct: false }));
  }
  switch (aggregate.name) {
    case 'COUNT':
      return new CountState(aggregate.args);
    case 'SUM':
    case 'AVG':
      return new SumState(aggregate);
    case 'GROUP_CONCAT':
      return new ConcatState(aggregate);
    case 'BIT_AND':
    case 'BIT_OR':
    case 'BIT_XOR':
      return new BitsState(aggregate.name, aggregate.args[0] as Compiled);
    case 'FIRST_ROW':
      return new FirstRowState(aggregate.args[0] as Compiled);
    default:
      return new ExtremeState(aggregate.args[0] as Compiled, aggregate.name === 'MAX' ? 1 : -1);
  }
}
