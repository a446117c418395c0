import { toInt } from '../../../datum.ts';
import { SqlError } from '../../../errors.ts';
import { toDecimal } from '../../executor/coerce.ts';
import type { Compiled } from '../../executor/context.ts';
import { decimal, decimalToBigInt, multiplyDecimals } from '../../executor/decimal.ts';
import { compile } from '../../executor/expression.ts';
import { constant } from '../../executor/expression-constant.ts';
import type { SortKey } from '../../executor/order.ts';
import type { Frame, FrameEnd } from '../../executor/window-frame.ts';
import type { Expression, FrameBound } from '../ast.ts';
import { BIGINT } from '../catalog-type.ts';
import { type PlanEnvironment, ScopeResolver } from './scope.ts';
import type { ResolvedWindow } from './window-specification.ts';

/** Units of INTERVAL that always last as long, in µs. */
const UNIT_US: Readonly<Record<string, bigint>> = {
  MICROSECOND: 1n,
  SECOND: 1_000_000n,
  MINUTE: 60_000_000n,
  HOUR: 3_600_000_000n,
  DAY: 86_400_000_000n,
  WEEK: 604_800_000_000n,
};

/**
 * The frame that functions see, ready to run. Throws 3587, 3588, 3589 where a distance does not
 * suit the key of ORDER BY, and 1235 for months and compound intervals.
 */
export function plannedFrame(
  { name, frame }: ResolvedWindow,
  orderBy: readonly SortKey[],
  env: PlanEnvironment,
): Frame | undefined {
  if (frame === undefined) return undefined;
  const { unit, start, end } = frame;
  if (unit === 'GROUPS') throw new Error('GROUPS was refused before');
  const ends = [start, end].map((bound) => {
    if (unit === 'RANGE') checkRange(name, bound, orderBy);
    return frameEnd(bound, env);
  });
  return { unit, start: ends[0] as FrameEnd, end: ends[1] as FrameEnd };
}

/** Source: TiDB `checkOriginWindowFrameBound`. */
function checkRange(name: string, { distance }: FrameBound, orderBy: readonly SortKey[]): void {
  if (distance === undefined) return;
  const kind = orderBy.length === 1 ? orderBy[0]?.compiled.type.kind : undefined;
  const isNumber = kind === 'int' || kind === 'decimal' || kind === 'real';
  const isTime = kind === 'datetime' || kind === 'date' || kind === 'time';
  if (!isNumber && !isTime) {
    throw new SqlError(
      3587,
      `Window '${name}' with RANGE N PRECEDING/FOLLOWING frame requires exactly one ORDER BY expression, of numeric or temporal type`,
    );
  }
  if (distance.kind === 'interval' && isNumber) {
    throw new SqlError(
      3589,
      `Window '${name}' with RANGE frame has ORDER BY expression of numeric type, INTERVAL bound value not allowed.`,
    );
  }
  if (distance.kind !== 'interval' && isTime) {
    throw new SqlError(
      3588,
      `Window '${name}' with RANGE frame has ORDER BY expression of datetime type. Only INTERVAL bound value allowed.`,
    );
  }
}

function frameEnd({ side, distance }: FrameBound, env: PlanEnvironment): FrameEnd {
  if (side === 'current-row') return { kind: 'current-row' };
  if (distance === undefined) return { kind: 'unbounded' };
  return { kind: side, distance: compiledDistance(distance, env) };
}

function compiledDistance(distance: Expression, env: PlanEnvironment): Compiled {
  const resolver = new ScopeResolver(env, []);
  if (distance.kind !== 'interval') return compile(distance, resolver);
  const unit = UNIT_US[distance.unit];
  if (unit === undefined) {
    throw new SqlError(1235, `This version of TiDB doesn't yet support '${distance.unit}'`);
  }
  const { evaluate, type } = compile(distance.value, resolver);
  return constant(BIGINT, (ctx, chunk, row) => {
    const value = evaluate(ctx, chunk, row);
    if (value === null) return null;
    const exact = multiplyDecimals(toDecimal(value, type, ctx), decimal(unit, 0));
    return toInt(decimalToBigInt(exact));
  });
}
