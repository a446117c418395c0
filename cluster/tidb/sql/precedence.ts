/**
 * Operator precedence, in one table. The order is the one of the MySQL reference manual
 * ("Operator Precedence"), refined where the manual lumps together what the server's grammar keeps
 * apart: IN, LIKE, BETWEEN and REGEXP take arithmetic operands and do not chain, while comparisons
 * and IS sit one step below them and do.
 *
 * `||` is OR, because PIPES_AS_CONCAT is off by default; NOT is the loose one, because
 * HIGH_NOT_PRECEDENCE is off too.
 */
import type { TokenType } from 'chevrotain';
import type { BinaryOperator, UnaryOperator } from './ast.ts';
import { keyword } from './keywords.ts';
import { symbol } from './tokens.ts';

/** Binding strength, loosest first. */
export const Level = {
  or: 1,
  xor: 2,
  and: 3,
  not: 4,
  comparison: 5,
  predicate: 6,
  bitOr: 7,
  bitAnd: 8,
  shift: 9,
  additive: 10,
  multiplicative: 11,
  bitXor: 12,
  prefix: 13,
  collate: 14,
  json: 15,
  primary: 16,
} as const;

interface InfixRow {
  readonly token: TokenType;
  readonly level: number;
  /** Undefined for IS, IN, LIKE, BETWEEN, REGEXP, COLLATE: they have nodes of their own. */
  readonly operator?: BinaryOperator;
}

interface PrefixRow {
  readonly token: TokenType;
  readonly level: number;
  readonly operator: UnaryOperator;
}

/** Operators that stand between (or behind) operands. */
const infixTable: readonly InfixRow[] = [
  { token: keyword.OR, level: Level.or, operator: 'OR' },
  { token: symbol.pipes, level: Level.or, operator: 'OR' },
  { token: keyword.XOR, level: Level.xor, operator: 'XOR' },
  { token: keyword.AND, level: Level.and, operator: 'AND' },
  { token: symbol.ampersands, level: Level.and, operator: 'AND' },
  { token: symbol.equal, level: Level.comparison, operator: '=' },
  { token: symbol.nullSafeEqual, level: Level.comparison, operator: '<=>' },
  { token: symbol.notEqual, level: Level.comparison, operator: '!=' },
  { token: symbol.less, level: Level.comparison, operator: '<' },
  { token: symbol.lessEqual, level: Level.comparison, operator: '<=' },
  { token: symbol.greater, level: Level.comparison, operator: '>' },
  { token: symbol.greaterEqual, level: Level.comparison, operator: '>=' },
  { token: keyword.IS, level: Level.comparison },
  { token: keyword.NOT, level: Level.predicate },
  { token: keyword.IN, level: Level.predicate },
  { token: keyword.LIKE, level: Level.predicate },
  { token: keyword.BETWEEN, level: Level.predicate },
  { token: keyword.REGEXP, level: Level.predicate },
  { token: symbol.pipe, level: Level.bitOr, operator: '|' },
  { token: symbol.ampersand, level: Level.bitAnd, operator: '&' },
  { token: symbol.shiftLeft, level: Level.shift, operator: '<<' },
  { token: symbol.shiftRight, level: Level.shift, operator: '>>' },
  { token: symbol.plus, level: Level.additive, operator: '+' },
  { token: symbol.minus, level: Level.additive, operator: '-' },
  { token: symbol.star, level: Level.multiplicative, operator: '*' },
  { token: symbol.slash, level: Level.multiplicative, operator: '/' },
  { token: symbol.percent, level: Level.multiplicative, operator: 'MOD' },
  { token: keyword.DIV, level: Level.multiplicative, operator: 'DIV' },
  { token: keyword.MOD, level: Level.multiplicative, operator: 'MOD' },
  { token: symbol.caret, level: Level.bitXor, operator: '^' },
  { token: keyword.COLLATE, level: Level.collate },
  { token: symbol.arrow, level: Level.json, operator: '->' },
  { token: symbol.longArrow, level: Level.json, operator: '->>' },
];

/** Operators that stand before their operand. */
const prefixTable: readonly PrefixRow[] = [
  { token: keyword.NOT, level: Level.not, operator: 'NOT' },
  { token: symbol.minus, level: Level.prefix, operator: '-' },
  { token: symbol.plus, level: Level.prefix, operator: '+' },
  { token: symbol.tilde, level: Level.prefix, operator: '~' },
  { token: symbol.exclamation, level: Level.prefix, operator: 'NOT' },
  { token: keyword.BINARY, level: Level.prefix, operator: 'BINARY' },
];

function highestIndex(): number {
  return Math.max(...[...infixTable, ...prefixTable].map((row) => row.token.tokenTypeIdx ?? 0));
}

const infixLevels = new Uint8Array(highestIndex() + 1);
const infixOperators: (BinaryOperator | undefined)[] = [];
const prefixLevels = new Uint8Array(highestIndex() + 1);
const prefixOperators: (UnaryOperator | undefined)[] = [];
const operatorLevels = new Map<string, number>();

for (const row of infixTable) {
  const index = row.token.tokenTypeIdx as number;
  infixLevels[index] = row.level;
  infixOperators[index] = row.operator;
  if (row.operator !== undefined) operatorLevels.set(row.operator, row.level);
}
for (const row of prefixTable) {
  const index = row.token.tokenTypeIdx as number;
  prefixLevels[index] = row.level;
  prefixOperators[index] = row.operator;
}

/** Level of a token as an infix operator; 0 when it is none. */
export function infixLevel(tokenTypeIdx: number): number {
  return infixLevels[tokenTypeIdx] ?? 0;
}

/** The operator a token stands for between two operands; undefined for IS, IN and their like. */
export function infixOperator(tokenTypeIdx: number): BinaryOperator | undefined {
  return infixOperators[tokenTypeIdx];
}

/** Level of a token as a prefix operator; 0 when it is none. */
export function prefixLevel(tokenTypeIdx: number): number {
  return prefixLevels[tokenTypeIdx] ?? 0;
}

/** The operator a token stands for before an operand. */
export function prefixOperator(tokenTypeIdx: number): UnaryOperator | undefined {
  return prefixOperators[tokenTypeIdx];
}

/** Level of an infix operator of the tree, for whoever prints it. */
export function levelOfOperator(operator: BinaryOperator): number {
  return operatorLevels.get(operator) ?? Level.primary;
}
