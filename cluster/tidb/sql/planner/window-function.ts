import { SqlError } from '../../../errors.ts';
import type { Compiled } from '../../executor/context.ts';
import {
  type WindowFunction,
  type WindowName,
  windowType,
} from '../../executor/window-function.ts';
import type { WindowCall } from '../ast.ts';

/** Functions, and how many arguments each may have. */
const ARGUMENTS: Readonly<Record<WindowName, readonly [least: number, most: number]>> = {
  ROW_NUMBER: [0, 0],
  RANK: [0, 0],
  DENSE_RANK: [0, 0],
  PERCENT_RANK: [0, 0],
  CUME_DIST: [0, 0],
  NTILE: [1, 1],
  LAG: [1, 3],
  LEAD: [1, 3],
  FIRST_VALUE: [1, 1],
  LAST_VALUE: [1, 1],
  NTH_VALUE: [2, 2],
  COUNT: [0, 1],
  SUM: [1, 1],
  AVG: [1, 1],
  MIN: [1, 1],
  MAX: [1, 1],
  BIT_AND: [1, 1],
  BIT_OR: [1, 1],
  BIT_XOR: [1, 1],
};

/** Arguments of these but for the first are numbers of rows, known before. */
const COUNTING: ReadonlySet<string> = new Set(['LAG', 'LEAD', 'NTH_VALUE']);

/**
 * A call ready to run. Throws 1235 for what TiDB has not, 1582 for a wrong number of arguments,
 * 1210 for a number of rows that is none.
 */
export function plannedFunction(node: WindowCall, args: readonly Compiled[]): WindowFunction {
  const { call, fromLast, ignoreNulls } = node;
  if (ignoreNulls) throw unsupported('IGNORE NULLS');
  if (fromLast) throw unsupported('FROM LAST');
  if (call.kind === 'aggregate' && call.distinct) {
    throw unsupported('<window function>(DISTINCT ..)');
  }
  const name = call.name as WindowName;
  const bounds = ARGUMENTS[name];
  if (bounds === undefined) throw unsupported(`${call.name} as window function`);
  if (args.length < bounds[0] || args.length > bounds[1]) {
    throw new SqlError(
      1582,
      `Incorrect parameter count in the call to native function '${name.toLowerCase()}'`,
      '42000',
    );
  }
  const rows = name === 'NTILE' ? args[0] : COUNTING.has(name) ? args[1] : undefined;
  if (rows !== undefined && !rows.constant) {
    throw new SqlError(1210, `Incorrect arguments to ${name.toLowerCase()}`);
  }
  return { name, args, type: windowType(name, args) };
}

function unsupported(what: string): SqlError {
  return new SqlError(1235, `This version of TiDB doesn't yet support '${what}'`);
}
