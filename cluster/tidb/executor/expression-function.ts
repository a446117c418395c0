/** The scalar functions, by name. */
import { SqlError } from '../../errors.ts';
import type { Trim } from '../sql/ast.ts';
import { BIGINT, DATETIME, NULL_TYPE, type SqlType, TEXT } from '../sql/catalog-type.ts';
import { toText, truth } from './coerce.ts';
import type { Compiled, Evaluate, SessionView } from './context.ts';
import { powerOfTen } from './decimal.ts';
import { arithmetic } from './expression-arithmetic.ts';
import { choose, commonType, converted } from './expression-case.ts';
import { comparer, comparison } from './expression-compare.ts';
import { constant } from './expression-constant.ts';
import { predicate } from './expression-logic.ts';
import { absolute, roundTo, signOf, squareRoot, wholePart } from './expression-number.ts';
import { byteLength, edge, hex, ofTexts, padText, substring, trimText } from './expression-text.ts';
import { sleepCall } from './sleep.ts';
import { roundTime } from './temporal.ts';
import type { Value } from './value.ts';

interface FunctionDefinition {
  readonly least: number;
  readonly most: number;
  readonly build: (args: readonly Compiled[], session: SessionView) => Compiled;
}

type Build = FunctionDefinition['build'];
type Args1 = readonly [Compiled];
type Args2 = readonly [Compiled, Compiled];
type Args3 = readonly [Compiled, Compiled, Compiled];

const FUNCTIONS = new Map<string, FunctionDefinition>();

function define(names: string, least: number, most: number, build: Build): void {
  for (const name of names.split(' ')) FUNCTIONS.set(name, { least, most, build });
}

/** Compiles a call. Throws 1305 for unknown functions and 1582 for a wrong number of arguments. */
export function callFunction(
  name: string,
  args: readonly Compiled[],
  session: SessionView,
): Compiled {
  const definition = FUNCTIONS.get(name);
  if (definition === undefined) {
    throw new SqlError(1305, `FUNCTION ${session.database}.${name} does not exist`, '42000');
  }
  if (args.length < definition.least || args.length > definition.most) {
    throw new SqlError(
      1582,
      `Incorrect parameter count in the call to native function '${name}'`,
      '42000',
    );
  }
  return definition.build(args, session);
}

/** TRIM(direction removed FROM operand). */
export function trimCall(
  direction: Trim['direction'],
  removed: Compiled | undefined,
  operand: Compiled,
): Compiled {
  if (removed === undefined)
    return ofTexts([operand], TEXT, (a) => trimText(a as string, ' ', direction));
  return ofTexts([operand, removed], TEXT, (a, b) => trimText(a as string, b as string, direction));
}

define('IF', 3, 3, (args) => {
  const [condition, yes, no] = args as unknown as Args3;
  return choose([condition], [yes], no);
});

define('IFNULL', 2, 2, (args) => coalesce(args));
define('COALESCE', 1, 255, (args) => coalesce(args));

function coalesce(args: readonly Compiled[]): Compiled {
  const type = commonType(args.map((arg) => arg.type));
  const parts = args.map((arg) => converted(arg, type));
  const evaluate: Evaluate = (ctx, chunk, row) => {
    for (const part of parts) {
      const value = part.evaluate(ctx, chunk, row);
      if (value !== null) return value;
    }
    return null;
  };
  return { type, evaluate, column: undefined, constant: args.every((arg) => arg.constant) };
}

define('NULLIF', 2, 2, (args) => {
  const [left, right] = args as unknown as Args2;
  return choose([comparison('=', left, right)], [constant(NULL_TYPE, () => null)], left);
});

define('ISNULL', 1, 1, (args) => {
  const [arg] = args as unknown as Args1;
  return predicate((ctx, chunk, row) => (arg.evaluate(ctx, chunk, row) === null ? 1 : 0), arg);
});

define('GREATEST', 2, 255, (args) => extreme(args, 1));
define('LEAST', 2, 255, (args) => extreme(args, -1));

function extreme(args: readonly Compiled[], wanted: 1 | -1): Compiled {
  const type = commonType(args.map((arg) => arg.type));
  const parts = args.map((arg) => converted(arg, type));
  const compare = comparer(type, type);
  const evaluate: Evaluate = (ctx, chunk, row) => {
    let best: Value = null;
    for (const part of parts) {
      const value = part.evaluate(ctx, chunk, row);
      if (value === null) return null;
      const sign = compare(value, best, ctx);
      if (sign === null || sign * wanted > 0) best = value;
    }
    return best;
  };
  return { type, evaluate, column: undefined, constant: args.every((arg) => arg.constant) };
}

define('ABS', 1, 1, (args) => absolute((args as unknown as Args1)[0]));
define('SIGN', 1, 1, (args) => signOf((args as unknown as Args1)[0]));
define('SQRT', 1, 1, (args) => squareRoot((args as unknown as Args1)[0]));
define('FLOOR', 1, 1, (args) => wholePart((args as unknown as Args1)[0], 'floor'));
define('CEIL CEILING', 1, 1, (args) => wholePart((args as unknown as Args1)[0], 'ceil'));
define('ROUND', 1, 2, (args) => roundTo(args as readonly [Compiled], 'round'));
define('TRUNCATE', 2, 2, (args) => roundTo(args as unknown as Args2, 'truncate'));
define('MOD', 2, 2, (args) => arithmetic('MOD', ...(args as unknown as Args2)));

define('CONCAT', 1, 255, (args) => ofTexts(args, TEXT, (...texts) => texts.join('')));
define('CONCAT_WS', 2, 255, (args) => {
  const [separator, ...rest] = args as readonly [Compiled, ...Compiled[]];
  const evaluate: Evaluate = (ctx, chunk, row) => {
    const between = separator.evaluate(ctx, chunk, row);
    if (between === null) return null;
    const texts: string[] = [];
    for (const part of rest) {
      const value = part.evaluate(ctx, chunk, row);
      if (value !== null) texts.push(toText(value, part.type));
    }
    return texts.join(toText(between, separator.type));
  };
  return { type: TEXT, evaluate, column: undefined, constant: args.every((arg) => arg.constant) };
});
define('LENGTH OCTET_LENGTH', 1, 1, (args) =>
  ofTexts(args, BIGINT, (a) => byteLength(a as string)),
);
define('CHAR_LENGTH CHARACTER_LENGTH', 1, 1, (args) =>
  ofTexts(args, BIGINT, (a) => [...(a as string)].length),
);
define('UPPER UCASE', 1, 1, (args) => ofTexts(args, TEXT, (a) => (a as string).toUpperCase()));
define('LOWER LCASE', 1, 1, (args) => ofTexts(args, TEXT, (a) => (a as string).toLowerCase()));
define('REVERSE', 1, 1, (args) =>
  ofTexts(args, TEXT, (a) => [...(a as string)].reverse().join('')),
);
define('LTRIM', 1, 1, (args) => ofTexts(args, TEXT, (a) => trimText(a as string, ' ', 'LEADING')));
define('RTRIM', 1, 1, (args) => ofTexts(args, TEXT, (a) => trimText(a as string, ' ', 'TRAILING')));
define('REPLACE', 3, 3, (args) =>
  ofTexts(args, TEXT, (a, b, c) =>
    b === '' ? (a as string) : (a as string).split(b as string).join(c as string),
  ),
);
define('LOCATE', 2, 2, (args) =>
  ofTexts(args, BIGINT, (a, b) => (b as string).indexOf(a as string) + 1),
);
define('INSTR', 2, 2, (args) =>
  ofTexts(args, BIGINT, (a, b) => (a as string).indexOf(b as string) + 1),
);
define('REPEAT', 2, 2, (args) =>
  ofTexts(args, TEXT, (a, b) => (a as string).repeat(Math.max(0, Math.min(1_000_000, Number(b))))),
);
define('SUBSTRING', 2, 3, (args) => substring(args));
define('LEFT', 2, 2, (args) => edge(args, false));
define('RIGHT', 2, 2, (args) => edge(args, true));
define('LPAD', 3, 3, (args) => padText(args, true));
define('RPAD', 3, 3, (args) => padText(args, false));
define('HEX', 1, 1, (args) => hex(args));
define('ASCII', 1, 1, (args) =>
  ofTexts(args, BIGINT, (a) => (a === '' ? 0 : (a as string).charCodeAt(0))),
);

define('NOW CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP UTC_TIMESTAMP SYSDATE', 0, 1, (args) => {
  const [precision] = args;
  const scale = precision === undefined ? 0 : 6;
  const type: SqlType = { ...DATETIME, length: 19, scale };
  return constant(type, (ctx) => {
    const digits = precision === undefined ? 0 : Number(precision.evaluate(ctx, NOTHING, 0));
    return roundDown(ctx.nowUs, digits);
  });
});

const NOTHING = { columns: [], length: 1 };

function roundDown(us: number, digits: number): number | bigint {
  const unit = Number(powerOfTen(6 - digits));
  return roundTime(us - (us % unit), digits);
}

define('UNIX_TIMESTAMP', 0, 0, () => constant(BIGINT, (ctx) => Math.floor(ctx.nowUs / 1_000_000)));
define('SLEEP', 1, 1, (args) => sleepCall((args as unknown as Args1)[0]));
define('CONNECTION_ID', 0, 0, () => constant(BIGINT, (ctx) => ctx.session.connectionId));
define('DATABASE SCHEMA', 0, 0, () => constant(TEXT, (ctx) => ctx.session.database));
define('USER CURRENT_USER SESSION_USER SYSTEM_USER', 0, 0, () => constant(TEXT, () => 'root@%'));
define('LAST_INSERT_ID', 0, 0, () => constant(BIGINT, (ctx) => ctx.session.lastInsertId));
define('VERSION', 0, 0, (_args, session) => {
  const { value } = session.systemVariable('version', true);
  return constant(TEXT, () => value);
});
define('FIELD', 2, 255, (args) => {
  const [needle, ...rest] = args as readonly [Compiled, ...Compiled[]];
  const tests = rest.map((candidate) => comparison('=', needle, candidate));
  const evaluate: Evaluate = (ctx, chunk, row) =>
    tests.findIndex((test) => truth(test.evaluate(ctx, chunk, row), BIGINT, ctx) === true) + 1;
  return { type: BIGINT, evaluate, column: undefined, constant: false };
});
