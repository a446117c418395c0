/** AND, OR, XOR, NOT over true, false and unknown (NULL). */
import { BIGINT } from '../sql/catalog-type.ts';
import { truth } from './coerce.ts';
import type { Compiled, Evaluate } from './context.ts';

/** An expression that answers 1, 0 or NULL. */
export function predicate(evaluate: Evaluate, ...operands: readonly Compiled[]): Compiled {
  const constant = operands.every((operand) => operand.constant);
  return { type: BIGINT, evaluate, column: undefined, constant };
}

/** AND: false wins over unknown; the right side is not looked at when the left is false. */
export function conjunction(left: Compiled, right: Compiled): Compiled {
  return predicate(
    (ctx, chunk, row) => {
      const a = truth(left.evaluate(ctx, chunk, row), left.type, ctx);
      if (a === false) return 0;
      const b = truth(right.evaluate(ctx, chunk, row), right.type, ctx);
      if (b === false) return 0;
      return a === null || b === null ? null : 1;
    },
    left,
    right,
  );
}

/** OR: true wins over unknown. */
export function disjunction(left: Compiled, right: Compiled): Compiled {
  return predicate(
    (ctx, chunk, row) => {
      const a = truth(left.evaluate(ctx, chunk, row), left.type, ctx);
      if (a === true) return 1;
      const b = truth(right.evaluate(ctx, chunk, row), right.type, ctx);
      if (b === true) return 1;
      return a === null || b === null ? null : 0;
    },
    left,
    right,
  );
}

/** XOR: unknown as soon as one side is. */
export function exclusive(left: Compiled, right: Compiled): Compiled {
  return predicate(
    (ctx, chunk, row) => {
      const a = truth(left.evaluate(ctx, chunk, row), left.type, ctx);
      const b = truth(right.evaluate(ctx, chunk, row), right.type, ctx);
      if (a === null || b === null) return null;
      return a === b ? 0 : 1;
    },
    left,
    right,
  );
}

/** NOT. */
export function negation(operand: Compiled): Compiled {
  return predicate((ctx, chunk, row) => {
    const value = truth(operand.evaluate(ctx, chunk, row), operand.type, ctx);
    return value === null ? null : value ? 0 : 1;
  }, operand);
}
