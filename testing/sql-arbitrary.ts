/**
 * Generated syntax trees and texts of SQL, for property tests of the parser and the statement cache.
 * Every tree is one the parser could have made: literals are not negative, a row has two members.
 */
import * as fc from 'fast-check';
import type {
  Binary,
  ColumnReference,
  Expression,
  Literal,
  LiteralType,
  LiteralValue,
  Query,
  Select,
  SelectItem,
  Statement,
  TableReference,
} from '../cluster/tidb/sql/ast.ts';
import { parseOne } from '../cluster/tidb/sql/parser.ts';
import { restoreExpression } from '../cluster/tidb/sql/restore.ts';

function literalOf(type: LiteralType, value: LiteralValue): Literal {
  return { kind: 'literal', type, value, ordinal: undefined };
}

const name = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('a', 'b', 'account_id', 'balance', 'total', 'last', 'x1'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('select', 'rank', 'count', 'two words', 'tick`', '1a', 'é'),
  },
);
const maybeName = fc.option(name, { nil: undefined });

const safeInteger = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const largeInteger = fc.bigInt({ min: 1n << 53n, max: (1n << 64n) - 1n });
const text = fc.oneof(
  fc.string({ maxLength: 8, unit: 'grapheme' }),
  fc.constantFrom("it's", 'a\\b', 'line\nbreak', '100%', '\\%', '"', '-- x', '/*', ''),
);

/** Any literal. */
export const literalArbitrary: fc.Arbitrary<Literal> = fc.oneof(
  safeInteger.map((value) => literalOf('int', value)),
  fc.integer({ min: 0, max: 9 }).map((value) => literalOf('int', value)),
  largeInteger.map((value) => literalOf('int', value)),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: 0, max: 6 }))
    .map(([unscaled, scale]) => literalOf('decimal', { kind: 'decimal', unscaled, scale })),
  fc
    .double({ min: 0, max: 1e300, noNaN: true })
    .filter((value) => !Object.is(value, -0))
    .map((value) => literalOf('real', { kind: 'real', value })),
  text.map((value) => literalOf('string', value)),
  fc.constantFrom('00', '4d', '00ff').map((hex) => literalOf('hex', { hex })),
  fc.constantFrom('05', 'ff00').map((hex) => literalOf('bit', { hex })),
  fc.constant(literalOf('null', null)),
  fc.constantFrom(0, 1).map((value) => literalOf('bool', value)),
);

const columnArbitrary: fc.Arbitrary<ColumnReference> = fc
  .tuple(maybeName, name)
  .map(([table, column]) => ({ kind: 'column', schema: undefined, table, name: column }));

const infix = fc.constantFrom<Binary['operator'][]>(
  ...(['OR', 'XOR', 'AND', '=', '<=>', '!=', '<', '<=', '>', '>=', '|', '&', '<<', '>>'] as const),
  ...(['+', '-', '*', '/', 'DIV', 'MOD', '^'] as const),
);

interface Trees {
  readonly expression: Expression;
  readonly query: Query;
  readonly table: TableReference;
}

const trees = fc.letrec<Trees>((tie: fc.LetrecTypedTie<Trees>) => {
  const expression = tie('expression');
  const negated = fc.boolean();
  const operand = expression;
  const list = fc.array(expression, { minLength: 1, maxLength: 3 });
  const orderBy = fc.array(fc.record({ expression, descending: fc.boolean() }), { maxLength: 2 });
  const nested: fc.Arbitrary<Expression> = fc.oneof<fc.Arbitrary<Expression>[]>(
    fc.record({
      kind: fc.constant('unary' as const),
      operator: fc.constantFrom('-' as const, '+' as const, '~' as const, 'NOT' as const),
      operand,
    }),
    fc.record({
      kind: fc.constant('binary' as const),
      operator: infix,
      left: expression,
      right: expression,
    }),
    fc.record({ kind: fc.constant('in-list' as const), operand, list, negated }),
    fc.record({ kind: fc.constant('in-subquery' as const), operand, query: tie('query'), negated }),
    fc.record({
      kind: fc.constant('between' as const),
      operand,
      low: expression,
      high: expression,
      negated,
    }),
    fc.record({
      kind: fc.constant('like' as const),
      operand,
      pattern: expression,
      escape: fc.constantFrom(undefined, '!'),
      negated,
    }),
    fc.record({
      kind: fc.constant('is' as const),
      operand,
      truth: fc.constantFrom('NULL' as const, 'TRUE' as const, 'FALSE' as const),
      negated,
    }),
    fc.record({
      kind: fc.constant('case' as const),
      operand: fc.option(expression, { nil: undefined }),
      branches: fc.array(fc.record({ when: expression, result: expression }), {
        minLength: 1,
        maxLength: 2,
      }),
      otherwise: fc.option(expression, { nil: undefined }),
    }),
    fc.record({
      kind: fc.constant('function' as const),
      name: fc.constantFrom('ABS', 'IF', 'COALESCE', 'LEFT', 'MOD'),
      args: list,
    }),
    fc.record({
      kind: fc.constant('aggregate' as const),
      name: fc.constantFrom('COUNT' as const, 'SUM' as const, 'MAX' as const),
      distinct: fc.boolean(),
      args: list,
      orderBy: fc.constant([]),
      separator: fc.constant(undefined),
    }),
    fc.record({ kind: fc.constant('exists' as const), query: tie('query') }),
    fc.record({ kind: fc.constant('subquery' as const), query: tie('query') }),
    fc.record({
      kind: fc.constant('row' as const),
      members: fc.array(expression, { minLength: 2, maxLength: 3 }),
    }),
  );
  const item = fc.oneof<fc.Arbitrary<SelectItem>[]>(
    fc.record({
      kind: fc.constant('wildcard' as const),
      schema: fc.constant(undefined),
      table: maybeName,
    }),
    fc.record({
      kind: fc.constant('expression' as const),
      expression,
      alias: maybeName,
      text: fc.constant(''),
    }),
  );
  const select: fc.Arbitrary<Select> = fc.record({
    kind: fc.constant('select' as const),
    with: fc.constant(undefined),
    hints: fc.constantFrom<string[][]>([], ['HASH_AGG()', 'USE_INDEX(t, a)']),
    distinct: fc.boolean(),
    items: fc.array(item, { minLength: 1, maxLength: 2 }),
    from: fc.option(tie('table'), { nil: undefined }),
    where: fc.option(expression, { nil: undefined }),
    groupBy: orderBy,
    having: fc.option(expression, { nil: undefined }),
    orderBy,
    limit: fc.option(
      fc.record({
        count: fc.nat(9).map((value) => literalOf('int', value)),
        offset: fc.option(
          fc.nat(9).map((value) => literalOf('int', value)),
          { nil: undefined },
        ),
      }),
      { nil: undefined },
    ),
    lock: fc.constantFrom<Select['lock'][]>(
      undefined,
      { strength: 'update', wait: 'block', tables: [] },
      { strength: 'update', wait: 'nowait', tables: ['a'] },
      { strength: 'share', wait: { seconds: 3 }, tables: [] },
    ),
  });
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
      literalArbitrary,
      columnArbitrary,
      nested,
    ),
    query: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      select,
      fc.record({
        kind: fc.constant('set-operation' as const),
        with: fc.constant(undefined),
        operator: fc.constantFrom('UNION' as const, 'EXCEPT' as const, 'INTERSECT' as const),
        all: fc.boolean(),
        left: tie('query'),
        right: tie('query'),
        orderBy,
        limit: fc.constant(undefined),
      }),
    ),
    table: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      fc.record({
        kind: fc.constant('table' as const),
        table: fc.record({ schema: maybeName, name }),
        alias: maybeName,
        indexHints: fc.constant([]),
        asOf: fc.constant(undefined),
      }),
      fc.record({
        kind: fc.constant('derived' as const),
        query: tie('query'),
        alias: name,
        columns: fc.array(name, { maxLength: 2 }),
      }),
      fc.record({
        kind: fc.constant('join' as const),
        type: fc.constantFrom('inner' as const, 'left' as const, 'right' as const),
        left: tie('table'),
        right: tie('table'),
        on: expression,
        using: fc.constant([]),
        natural: fc.constant(false),
        straight: fc.constant(false),
      }),
    ),
  };
});

/** Any expression. */
export const expressionArbitrary: fc.Arbitrary<Expression> = trees.expression;

/** SELECT, set operations, INSERT, UPDATE, DELETE. */
export const statementArbitrary: fc.Arbitrary<Statement> = fc.oneof<fc.Arbitrary<Statement>[]>(
  trees.query,
  fc.record({
    kind: fc.constant('insert' as const),
    replace: fc.boolean(),
    ignore: fc.boolean(),
    hints: fc.constant([]),
    table: fc.record({ schema: maybeName, name }),
    columns: fc.array(name, { maxLength: 3 }),
    source: fc.record({
      kind: fc.constant('values' as const),
      rows: fc.array(fc.array(trees.expression, { minLength: 1, maxLength: 3 }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    onDuplicate: fc.array(fc.record({ column: columnArbitrary, value: trees.expression }), {
      maxLength: 2,
    }),
  }),
  fc.record({
    kind: fc.constant('update' as const),
    with: fc.constant(undefined),
    ignore: fc.boolean(),
    hints: fc.constant([]),
    from: trees.table,
    assignments: fc.array(fc.record({ column: columnArbitrary, value: trees.expression }), {
      minLength: 1,
      maxLength: 2,
    }),
    where: fc.option(trees.expression, { nil: undefined }),
    orderBy: fc.constant([]),
    limit: fc.constant(undefined),
  }),
  fc.record({
    kind: fc.constant('delete' as const),
    with: fc.constant(undefined),
    ignore: fc.boolean(),
    hints: fc.constant([]),
    targets: fc.constant([]),
    from: trees.table,
    where: fc.option(trees.expression, { nil: undefined }),
    orderBy: fc.constant([]),
    limit: fc.constant(undefined),
  }),
);

const operators = [
  ...['OR', '||', 'XOR', 'AND', '&&', '=', '<=>', '<>', '!=', '<', '<=', '>', '>=', '|', '&'],
  ...['<<', '>>', '+', '-', '*', '/', 'DIV', 'MOD', '%', '^'],
];
/** How many of `operators`, from the first, bind no tighter than a comparison. */
const LOOSE = 13;
const operandText = fc
  .tuple(
    fc.constantFrom('', '', '', '-', '- ', '~', '!'),
    fc.constantFrom('0', '1', '2', '3', '5', '7', 'NULL', "'1'", "'2'", '1.5', '2e0'),
  )
  .map(([prefix, value]) => prefix + value);

/**
 * Constant expressions as text without parentheses, so that only precedence decides how they group.
 * Nothing tighter than a comparison follows IN and BETWEEN, because they do not chain.
 */
export const flatExpressionArbitrary: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', '', 'NOT '),
    operandText,
    fc.array(fc.tuple(fc.constantFrom(...operators), operandText), { minLength: 1, maxLength: 5 }),
    fc.constantFrom('', '', ' IS NULL', ' IS NOT NULL', ' IN (1, 2)', ' NOT BETWEEN 1 AND 3'),
    fc.array(fc.tuple(fc.constantFrom(...operators.slice(0, LOOSE)), operandText), {
      maxLength: 2,
    }),
  )
  .map(([not, first, middle, postfix, rest]) => {
    const chain = (pairs: [string, string][]): string =>
      pairs.map(([operator, value]) => ` ${operator} ${value}`).join('');
    return `${not}${first}${chain(middle)}${postfix}${chain(rest)}`;
  });

/** The expression `text` with one pair of parentheses around every operator, as our parser sees it. */
export function expressionTextOf(text: string): string {
  const statement = parseOne(`SELECT ${text}`);
  const [item] = statement.kind === 'select' ? statement.items : [];
  if (item?.kind !== 'expression') throw new Error(`not one expression: ${text}`);
  return restoreExpression(item.expression, { parenthesise: true });
}

/** A copy of a tree without what a text does not determine: ordinals and the text of items. */
export function stripped<Node>(tree: Node): Node {
  if (Array.isArray(tree)) return tree.map(stripped) as Node;
  if (tree === null || typeof tree !== 'object') return tree;
  const copy = Object.entries(tree).map(([key, value]): [string, unknown] => {
    if (key === 'ordinal') return [key, undefined];
    if (key === 'text' && 'expression' in tree) return [key, ''];
    return [key, stripped(value)];
  });
  return Object.fromEntries(copy) as Node;
}
