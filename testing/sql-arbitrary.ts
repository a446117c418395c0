/**
 * Generated syntax trees and texts of SQL, for property tests of parser and statement cache. Every
 * tree is one the parser could have made: literals are not negative, a row has two members.
 */
import * as fc from 'fast-check';
import type {
  Binary,
  ColumnReference,
  Expression,
  Literal,
  LiteralType,
  LiteralValue,
  OrderItem,
  Query,
  Select,
  SelectItem,
  SetOperation,
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

type Tie = fc.LetrecTypedTie<Trees>;

/** A constant of its own literal type. */
function always<const Value>(value: Value): fc.Arbitrary<Value> {
  return fc.constant(value);
}

function maybe<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.option(value, { nil: undefined });
}

function orderItems(tie: Tie): fc.Arbitrary<OrderItem[]> {
  const item = fc.record({ expression: tie('expression'), descending: fc.boolean() });
  return fc.array(item, { maxLength: 2 });
}

function operatorsOver(tie: Tie): fc.Arbitrary<Expression> {
  const operand = tie('expression');
  const negated = fc.boolean();
  return fc.oneof<fc.Arbitrary<Expression>[]>(
    fc.record({
      kind: always('unary'),
      operator: fc.constantFrom('-' as const, '+' as const, '~' as const, 'NOT' as const),
      operand,
    }),
    fc.record({ kind: always('binary'), operator: infix, left: operand, right: operand }),
    fc.record({
      kind: always('in-list'),
      operand,
      list: fc.array(operand, { minLength: 1, maxLength: 3 }),
      negated,
    }),
    fc.record({ kind: always('in-subquery'), operand, query: tie('query'), negated }),
    fc.record({ kind: always('between'), operand, low: operand, high: operand, negated }),
    fc.record({
      kind: always('like'),
      operand,
      pattern: operand,
      escape: fc.constantFrom(undefined, '!'),
      negated,
    }),
    fc.record({
      kind: always('is'),
      operand,
      truth: fc.constantFrom('NULL' as const, 'TRUE' as const, 'FALSE' as const),
      negated,
    }),
  );
}

function callsOver(tie: Tie): fc.Arbitrary<Expression> {
  const expression = tie('expression');
  const args = fc.array(expression, { minLength: 1, maxLength: 3 });
  const branch = fc.record({ when: expression, result: expression });
  return fc.oneof<fc.Arbitrary<Expression>[]>(
    fc.record({
      kind: always('case'),
      operand: maybe(expression),
      branches: fc.array(branch, { minLength: 1, maxLength: 2 }),
      otherwise: maybe(expression),
    }),
    fc.record({
      kind: always('function'),
      name: fc.constantFrom('ABS', 'IF', 'COALESCE', 'LEFT', 'MOD'),
      args,
    }),
    fc.record({
      kind: always('aggregate'),
      name: fc.constantFrom('COUNT' as const, 'SUM' as const, 'MAX' as const),
      distinct: fc.boolean(),
      args,
      orderBy: always([]),
      separator: always(undefined),
    }),
    fc.record({ kind: always('exists'), query: tie('query') }),
    fc.record({ kind: always('subquery'), query: tie('query') }),
    fc.record({
      kind: always('row'),
      members: fc.array(expression, { minLength: 2, maxLength: 3 }),
    }),
  );
}

const digit = fc.nat(9).map((value) => literalOf('int', value));

function selects(tie: Tie): fc.Arbitrary<Select> {
  const expression = tie('expression');
  const item = fc.oneof<fc.Arbitrary<SelectItem>[]>(
    fc.record({ kind: always('wildcard'), schema: always(undefined), table: maybeName }),
    fc.record({ kind: always('expression'), expression, alias: maybeName, text: always('') }),
  );
  return fc.record({
    kind: always('select'),
    with: always(undefined),
    hints: fc.constantFrom<string[][]>([], ['HASH_AGG()', 'USE_INDEX(t, a)']),
    distinct: fc.boolean(),
    items: fc.array(item, { minLength: 1, maxLength: 2 }),
    from: maybe(tie('table')),
    where: maybe(expression),
    groupBy: orderItems(tie),
    having: maybe(expression),
    windows: always([]),
    orderBy: orderItems(tie),
    limit: maybe(fc.record({ count: digit, offset: maybe(digit) })),
    lock: fc.constantFrom<Select['lock'][]>(
      undefined,
      { strength: 'update', wait: 'block', tables: [] },
      { strength: 'update', wait: 'nowait', tables: ['a'] },
      { strength: 'share', wait: { seconds: 3 }, tables: [] },
    ),
  });
}

function setOperations(tie: Tie): fc.Arbitrary<SetOperation> {
  return fc.record({
    kind: always('set-operation'),
    with: always(undefined),
    operator: fc.constantFrom('UNION' as const, 'EXCEPT' as const, 'INTERSECT' as const),
    all: fc.boolean(),
    left: tie('query'),
    right: tie('query'),
    orderBy: orderItems(tie),
    limit: always(undefined),
  });
}

const tableSource: fc.Arbitrary<TableReference> = fc.record({
  kind: always('table'),
  table: fc.record({ schema: maybeName, name }),
  alias: maybeName,
  indexHints: always([]),
  asOf: always(undefined),
});

function derivedTables(tie: Tie): fc.Arbitrary<TableReference> {
  const columns = fc.array(name, { maxLength: 2 });
  return fc.record({ kind: always('derived'), query: tie('query'), alias: name, columns });
}

/** Inner joins with or without a condition, outer joins with one. */
function joins(tie: Tie): fc.Arbitrary<TableReference> {
  const common = {
    kind: always('join'),
    left: tie('table'),
    right: tie('table'),
    using: always([]),
    natural: always(false),
  };
  const on = tie('expression');
  const outer = fc.constantFrom('left' as const, 'right' as const);
  return fc.oneof<fc.Arbitrary<TableReference>[]>(
    fc.record({ ...common, type: always('inner'), on: maybe(on), straight: fc.boolean() }),
    fc.record({ ...common, type: outer, on, straight: always(false) }),
  );
}

const shallow = { maxDepth: 2, depthSize: 'small' } as const;
const trees = fc.letrec<Trees>((tie: Tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    literalArbitrary,
    columnArbitrary,
    operatorsOver(tie),
    callsOver(tie),
  ),
  query: fc.oneof(shallow, selects(tie), setOperations(tie)),
  table: fc.oneof(shallow, tableSource, derivedTables(tie), joins(tie)),
}));

/** SELECT, set operations, INSERT, UPDATE, DELETE. */
export const statementArbitrary: fc.Arbitrary<Statement> = fc.oneof<fc.Arbitrary<Statement>[]>(
  trees.query,
  fc.record({
    kind: always('insert'),
    replace: fc.boolean(),
    ignore: fc.boolean(),
    hints: always([]),
    table: fc.record({ schema: maybeName, name }),
    columns: fc.array(name, { maxLength: 3 }),
    source: fc.record({
      kind: always('values'),
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
    kind: always('update'),
    with: always(undefined),
    ignore: fc.boolean(),
    hints: always([]),
    from: trees.table,
    assignments: fc.array(fc.record({ column: columnArbitrary, value: trees.expression }), {
      minLength: 1,
      maxLength: 2,
    }),
    where: maybe(trees.expression),
    orderBy: always([]),
    limit: always(undefined),
  }),
  fc.record({
    kind: always('delete'),
    with: always(undefined),
    ignore: fc.boolean(),
    hints: always([]),
    targets: always([]),
    from: trees.table,
    where: maybe(trees.expression),
    orderBy: always([]),
    limit: always(undefined),
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

/** The expression `text` with parentheses around every operator, as our parser groups it. */
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
