import { formatDecimal } from '../../executor/decimal.ts';
import { formatReal } from '../../executor/value.ts';
import type { AggregateCall, Expression, Literal, LiteralValue, OrderItem } from '../ast.ts';
import { type SqlType, typeOf, typeText } from '../catalog-type.ts';
import { restoreExpression } from '../restore.ts';

/** What EXPLAIN calls an expression that is a column here; undefined if it is none. */
export type LabelOf = (expression: Expression) => string | undefined;

const OPERATORS: Readonly<Record<string, string>> = {
  ...{ '=': 'eq', '<=>': 'nulleq', '!=': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' },
  ...{ '+': 'plus', '-': 'minus', '*': 'mul', '/': 'div', DIV: 'intdiv', MOD: 'mod' },
  ...{ '|': 'bitor', '&': 'bitand', '^': 'bitxor', '<<': 'leftshift', '>>': 'rightshift' },
  ...{ AND: 'and', OR: 'or', XOR: 'xor', '->': 'json_extract', '->>': 'json_unquote' },
};

/**
 * Texts of one EXPLAIN: expressions as TiDB spells them (`eq(test.t.a, 5)`), with the values of
 * this very statement, and numbers for columns that have no name. A statement that is only run is
 * planned without them. Source: TiDB `expression.ExplainExpressionList`.
 */
export class ExplainTexts {
  private readonly literals: readonly LiteralValue[];
  private readonly params: readonly LiteralValue[];
  private columns = 0;

  constructor(literals: readonly LiteralValue[], params: readonly LiteralValue[]) {
    this.literals = literals;
    this.params = params;
  }

  /** Columns of a table take numbers although their names are shown. */
  skipColumns(count: number): void {
    this.columns += count;
  }

  /** A column without a name. */
  newColumn(): string {
    return `Column#${++this.columns}`;
  }

  /** Expressions side by side. */
  list(expressions: readonly Expression[], labelOf: LabelOf): string {
    return expressions.map((each) => this.conjunct(each, labelOf)).join(', ');
  }

  /** Keys of an order: `test.t.a:desc`. */
  order(items: readonly OrderItem[], labelOf: LabelOf): string {
    return items
      .map(({ expression, descending }) => {
        return this.expression(expression, labelOf) + (descending ? ':desc' : '');
      })
      .join(', ');
  }

  /** An aggregate over rows: `count(1)`, `sum(test.t.a)`, `count(distinct test.t.a)`. */
  aggregate({ name, distinct, args }: AggregateCall, labelOf: LabelOf): string {
    const list = args.length === 0 ? '1' : args.map((arg) => this.expression(arg, labelOf));
    return `${name.toLowerCase()}(${distinct ? 'distinct ' : ''}${String(list)})`;
  }

  /** One expression. */
  expression(expression: Expression, labelOf: LabelOf): string {
    const label = labelOf(expression);
    if (label !== undefined) return label;
    const sub = (node: Expression): string => this.expression(node, labelOf);
    switch (expression.kind) {
      case 'literal':
        return this.literal(expression);
      case 'parameter':
        return constantText(this.params[expression.index] ?? null);
      case 'binary':
        return call(OPERATORS[expression.operator] ?? '', [expression.left, expression.right], sub);
      case 'unary':
        return this.unary(expression, sub);
      case 'between':
        return `${call('ge', [expression.operand, expression.low], sub)}, ${call('le', [expression.operand, expression.high], sub)}`;
      case 'in-list':
        return not(expression.negated, call('in', [expression.operand, ...expression.list], sub));
      case 'like': {
        const escaping = (expression.escape ?? '\\').charCodeAt(0);
        const text = `like(${sub(expression.operand)}, ${sub(expression.pattern)}, ${escaping})`;
        return not(expression.negated, text);
      }
      case 'is': {
        const name = { NULL: 'isnull', TRUE: 'istrue', FALSE: 'isfalse' }[expression.truth];
        return not(expression.negated, call(name, [expression.operand], sub));
      }
      default:
        return this.rare(expression, sub);
    }
  }

  private conjunct(expression: Expression, labelOf: LabelOf): string {
    const { kind } = expression;
    if (kind !== 'between' || !expression.negated) return this.expression(expression, labelOf);
    const { operand, low, high } = expression;
    const sub = (node: Expression): string => this.expression(node, labelOf);
    return `or(${call('lt', [operand, low], sub)}, ${call('gt', [operand, high], sub)})`;
  }

  private rare(expression: Expression, sub: (node: Expression) => string): string {
    switch (expression.kind) {
      case 'function':
        return call(expression.name.toLowerCase(), expression.args, sub);
      case 'aggregate':
        return this.aggregate(expression, () => undefined);
      case 'cast':
        return castText(sub(expression.operand), typeOf(expression.type));
      case 'case': {
        const branches = expression.branches.flatMap(({ when, result }) => [when, result]);
        const { otherwise } = expression;
        return call('case', otherwise === undefined ? branches : [...branches, otherwise], sub);
      }
      default:
        return restoreExpression(expression);
    }
  }

  private unary(
    { operator, operand }: Extract<Expression, { kind: 'unary' }>,
    sub: (node: Expression) => string,
  ): string {
    if (operator === 'NOT') return call('not', [operand], sub);
    if (operator === '-') {
      return operand.kind === 'literal' ? `-${sub(operand)}` : call('unaryminus', [operand], sub);
    }
    return operator === '~' ? call('bitneg', [operand], sub) : sub(operand);
  }

  private literal({ ordinal, value }: Literal): string {
    return constantText(ordinal === undefined ? value : (this.literals[ordinal] ?? null));
  }
}

/** A cast that the optimizer put in. */
export function castText(operand: string, type: SqlType): string {
  return `cast(${operand}, ${typeText(type)} BINARY)`;
}

function call(
  name: string,
  args: readonly Expression[],
  sub: (node: Expression) => string,
): string {
  return `${name}(${args.map(sub).join(', ')})`;
}

function not(negated: boolean, text: string): string {
  return negated ? `not(${text})` : text;
}

/** A constant: strings in double quotes. */
export function constantText(value: LiteralValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value !== 'object') return String(value);
  if ('hex' in value) return `0x${value.hex}`;
  return value.kind === 'real' ? formatReal(value.value) : formatDecimal(value);
}
