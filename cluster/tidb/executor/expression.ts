/**
 * Expressions: syntax trees made into closures once per plan, then run on rows of chunks. Every
 * node has a static type; literals are read by ordinal, so that one compiled tree serves all texts
 * of a shape.
 */
import { SqlError } from '../../errors.ts';
import type {
  ColumnReference,
  Expression,
  FunctionCall,
  Literal,
  Parameter,
  Query,
  Unary,
  WindowCall,
} from '../sql/ast.ts';
import {
  BIGINT,
  DOUBLE,
  decimalType,
  NULL_TYPE,
  type SqlType,
  TEXT,
  typeOf,
  UNSIGNED_BIGINT,
} from '../sql/catalog-type.ts';
import { cast } from './coerce.ts';
import type { Compiled, Evaluate, SessionView } from './context.ts';
import { formatDecimal } from './decimal.ts';
import { arithmetic, bitwise, complement, negate } from './expression-arithmetic.ts';
import { caseWhen } from './expression-case.ts';
import { between, comparison, inList, isTest, like } from './expression-compare.ts';
import { constant } from './expression-constant.ts';
import { callFunction, trimCall } from './expression-function.ts';
import { conjunction, disjunction, exclusive, negation } from './expression-logic.ts';
import {
  exists,
  inSubquery,
  quantified,
  type Subquery,
  scalarSubquery,
} from './expression-subquery.ts';
import { regexpTest } from './expression-text.ts';
import type { Value } from './value.ts';

/** Where names and subqueries of an expression lead. */
export interface Resolver {
  readonly session: SessionView;
  /** Types of the `?` markers. */
  readonly paramTypes: readonly SqlType[];
  /** A column. Throws 1054, 1052. */
  column(reference: ColumnReference): Compiled;
  /**
   * What stands for a whole expression: an aggregate or a key of GROUP BY that is already computed.
   */
  replaced(expression: Expression): Compiled | undefined;
  /** Plans a subquery; `make` turns its result, once there, into the expression's value. */
  subquery(query: Query, make: (subquery: Subquery) => Compiled): Compiled;
  /** The value VALUES(column) stands for. Throws 1054. */
  insertedValue(reference: ColumnReference): Compiled;
  /** The plan depends on the session's state now and must not be kept. */
  volatile(): void;
}

/** Compiles an expression. Throws the errors of name resolution, 1235, 1241, 1305, 1582. */
export function compile(expression: Expression, resolver: Resolver): Compiled {
  const replaced = resolver.replaced(expression);
  if (replaced !== undefined) return replaced;
  const sub = (node: Expression): Compiled => compile(node, resolver);
  switch (expression.kind) {
    case 'literal':
      return literal(expression);
    case 'parameter':
      return parameter(expression, resolver);
    case 'column':
      return resolver.column(expression);
    case 'unary':
      return unary(expression, sub);
    case 'binary':
      return binary(expression.operator, sub(expression.left), sub(expression.right));
    case 'in-list':
      return inList(sub(expression.operand), expression.list.map(sub), expression.negated);
    case 'between':
      return between(
        sub(expression.operand),
        sub(expression.low),
        sub(expression.high),
        expression.negated,
      );
    case 'like':
      return like(
        sub(expression.operand),
        sub(expression.pattern),
        expression.escape ?? '\\',
        expression.negated,
      );
    case 'regexp':
      return regexpTest(sub(expression.operand), sub(expression.pattern), expression.negated);
    case 'is':
      return isTest(sub(expression.operand), expression.truth, expression.negated);
    case 'case':
      return caseWhen(expression, sub);
    default:
      return compileRare(expression, resolver, sub);
  }
}

type Rare = Exclude<
  Expression['kind'],
  | 'literal'
  | 'parameter'
  | 'column'
  | 'unary'
  | 'binary'
  | 'in-list'
  | 'between'
  | 'like'
  | 'regexp'
  | 'is'
  | 'case'
>;

function compileRare(
  expression: Extract<Expression, { kind: Rare }>,
  resolver: Resolver,
  sub: (node: Expression) => Compiled,
): Compiled {
  switch (expression.kind) {
    case 'function':
      return scalarFunction(expression, resolver, sub);
    case 'cast':
      return castTo(sub(expression.operand), castTarget(expression.type));
    case 'convert-using':
      return castTo(sub(expression.operand), TEXT);
    case 'collate':
      return sub(expression.operand);
    case 'trim':
      return trimCall(
        expression.direction,
        expression.removed === undefined ? undefined : sub(expression.removed),
        sub(expression.operand),
      );
    case 'user-variable':
    case 'system-variable':
    case 'variable-assignment':
      return variable(expression, resolver, sub);
    case 'subquery':
      return resolver.subquery(expression.query, scalarSubquery);
    case 'exists':
      return resolver.subquery(expression.query, exists);
    case 'in-subquery': {
      const members = operands(expression.operand, sub);
      const { negated } = expression;
      return resolver.subquery(expression.query, (query) => inSubquery(members, query, negated));
    }
    case 'quantified': {
      const left = sub(expression.left);
      const { operator, quantifier } = expression;
      return resolver.subquery(expression.query, (query) =>
        quantified(left, query, operator, quantifier),
      );
    }
    case 'inserted-value':
      return resolver.insertedValue(expression.column);
    case 'row':
      throw new SqlError(1241, 'Operand should contain 1 column(s)');
    case 'aggregate':
      throw new SqlError(1111, 'Invalid use of group function');
    case 'window':
      throw windowMisplaced(expression);
    default:
      throw new SqlError(1235, `This version of TiDB doesn't yet support '${expression.kind}'`);
  }
}

/** Error 3593; the quote at its end is MySQL's own. */
function windowMisplaced({ call }: WindowCall): SqlError {
  const name = call.name.toLowerCase();
  return new SqlError(3593, `You cannot use the window function '${name}' in this context.'`);
}

/** Members of a row, or the one expression. */
function operands(expression: Expression, sub: (node: Expression) => Compiled): Compiled[] {
  return expression.kind === 'row' ? expression.members.map(sub) : [sub(expression)];
}

function binary(
  operator: Extract<Expression, { kind: 'binary' }>['operator'],
  left: Compiled,
  right: Compiled,
): Compiled {
  switch (operator) {
    case 'AND':
      return conjunction(left, right);
    case 'OR':
      return disjunction(left, right);
    case 'XOR':
      return exclusive(left, right);
    case '=':
    case '<=>':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(operator, left, right);
    case '+':
    case '-':
    case '*':
    case '/':
    case 'DIV':
    case 'MOD':
      return arithmetic(operator, left, right);
    case '|':
    case '&':
    case '^':
    case '<<':
    case '>>':
      return bitwise(operator, left, right);
    default:
      throw new SqlError(1235, `This version of TiDB doesn't yet support 'operator ${operator}'`);
  }
}

function unary(expression: Unary, sub: (node: Expression) => Compiled): Compiled {
  const operand = sub(expression.operand);
  switch (expression.operator) {
    case '-':
      return negate(operand);
    case 'NOT':
      return negation(operand);
    case '~':
      return complement(operand);
    case 'BINARY':
      return castTo(operand, TEXT);
    default:
      return operand;
  }
}

function literal(node: Literal): Compiled {
  const { ordinal } = node;
  const type = literalType(node);
  const bare = bareOf(node.value);
  if (ordinal === undefined) return pinnedLiteral(type, bare);
  if (type.kind === 'int' || node.type === 'string') {
    return constant(type, (ctx) => ctx.literals[ordinal] as Value);
  }
  return constant(type, (ctx) => bareOf(ctx.literals[ordinal] as Literal['value']));
}

/** A literal whose value is part of the statement's shape. */
function pinnedLiteral(type: SqlType, value: Value): Compiled {
  const compiled = constant(type, () => value);
  const whole = typeof value === 'number' || typeof value === 'bigint';
  return whole && type.kind === 'int' ? { ...compiled, literal: value } : compiled;
}

function literalType(node: Literal): SqlType {
  switch (node.type) {
    case 'int':
      return typeof node.value === 'bigint' && node.value > 0x7fff_ffff_ffff_ffffn
        ? UNSIGNED_BIGINT
        : BIGINT;
    case 'bool':
      return BIGINT;
    case 'decimal': {
      const value = bareOf(node.value);
      const scale = typeof value === 'object' && value !== null ? value.scale : 0;
      const digits = value === null ? 1 : formatDecimal(value as never).replace(/\D/g, '').length;
      return decimalType(digits, scale);
    }
    case 'real':
      return DOUBLE;
    case 'null':
      return NULL_TYPE;
    default:
      return TEXT;
  }
}

/** A literal's value without its wrapping; bytes become the string of those code units. */
function bareOf(value: Literal['value']): Value {
  if (typeof value !== 'object' || value === null) return value;
  if ('hex' in value) {
    let text = '';
    for (let i = 0; i < value.hex.length; i += 2) {
      text += String.fromCharCode(Number.parseInt(value.hex.slice(i, i + 2), 16));
    }
    return text;
  }
  return value.kind === 'real' ? value.value : value;
}

function parameter(node: Parameter, resolver: Resolver): Compiled {
  const { index } = node;
  const type = resolver.paramTypes[index] ?? NULL_TYPE;
  return constant(type, (ctx) => bareOf(ctx.params[index] ?? null));
}

function castTarget(type: Extract<Expression, { kind: 'cast' }>['type']): SqlType {
  const target = typeOf(type);
  return target.kind === 'string' && type.length === undefined ? TEXT : target;
}

/** CAST(operand AS type). */
export function castTo(operand: Compiled, type: SqlType): Compiled {
  const { evaluate } = operand;
  return {
    type,
    evaluate: (ctx, chunk, row) => cast(evaluate(ctx, chunk, row), operand.type, type, ctx),
    column: undefined,
    constant: operand.constant,
  };
}

function scalarFunction(
  call: FunctionCall,
  resolver: Resolver,
  sub: (node: Expression) => Compiled,
): Compiled {
  const { name } = call;
  const interval = call.args.find((arg) => arg.kind === 'interval' || arg.kind === 'time-unit');
  if (interval !== undefined) {
    throw new SqlError(1235, `This version of TiDB doesn't yet support '${name}'`);
  }
  return callFunction(name, call.args.map(sub), resolver.session);
}

function variable(
  node: Extract<Expression, { kind: `${string}variable${string}` }>,
  resolver: Resolver,
  sub: (node: Expression) => Compiled,
): Compiled {
  const { name } = node;
  const { session } = resolver;
  resolver.volatile();
  if (node.kind === 'variable-assignment') {
    const value = sub(node.value);
    const evaluate: Evaluate = (ctx, chunk, row) => {
      const assigned = value.evaluate(ctx, chunk, row);
      ctx.session.setUserVariable(name, assigned, value.type);
      return assigned;
    };
    return { type: value.type, evaluate, column: undefined, constant: false };
  }
  if (node.kind === 'user-variable') {
    const type = session.userVariable(name)?.type ?? NULL_TYPE;
    return constant(type, (ctx) => ctx.session.userVariable(name)?.value ?? null);
  }
  const global = node.scope === 'global';
  const { type, value } = session.systemVariable(name, global);
  return constant(type, () => value);
}
