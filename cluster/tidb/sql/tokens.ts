import { createToken, Lexer, type TokenType } from 'chevrotain';
import { InfixOperator, keywordVocabulary, PrefixOperator } from './keywords.ts';

/** Kinds of literal that share a category: anything that may start a literal expression. */
export const AnyLiteral = createToken({ name: 'AnyLiteral', pattern: Lexer.NA });
/** Comparisons, which may be followed by ANY or ALL. */
export const Comparison = createToken({ name: 'Comparison', pattern: Lexer.NA });
function token(name: string, ...categories: TokenType[]): TokenType {
  return createToken({ name, pattern: Lexer.NA, categories });
}

/** Punctuation. */
export const symbol = {
  leftParenthesis: token('('),
  rightParenthesis: token(')'),
  comma: token(','),
  semicolon: token(';'),
  dot: token('.'),
  question: token('?'),
  assign: token(':='),
  pipes: token('||', InfixOperator),
  ampersands: token('&&', InfixOperator),
  equal: token('=', Comparison),
  nullSafeEqual: token('<=>', Comparison),
  notEqual: token('!=', Comparison),
  less: token('<', Comparison),
  lessEqual: token('<=', Comparison),
  greater: token('>', Comparison),
  greaterEqual: token('>=', Comparison),
  pipe: token('|', InfixOperator),
  ampersand: token('&', InfixOperator),
  shiftLeft: token('<<', InfixOperator),
  shiftRight: token('>>', InfixOperator),
  plus: token('+', InfixOperator, PrefixOperator),
  minus: token('-', InfixOperator, PrefixOperator),
  star: token('*', InfixOperator),
  slash: token('/', InfixOperator),
  percent: token('%', InfixOperator),
  caret: token('^', InfixOperator),
  arrow: token('->', InfixOperator),
  longArrow: token('->>', InfixOperator),
  tilde: token('~', PrefixOperator),
  exclamation: token('!', PrefixOperator),
} as const;

/** Literals; the payload of the token is the value. */
export const literal = {
  int: token('IntLiteral', AnyLiteral),
  decimal: token('DecimalLiteral', AnyLiteral),
  real: token('RealLiteral', AnyLiteral),
  string: token('StringLiteral', AnyLiteral),
  hex: token('HexLiteral', AnyLiteral),
  bit: token('BitLiteral', AnyLiteral),
} as const;

/** `@name` and `@@scope.name`; the image is the name without the signs. */
export const variable = {
  user: token('UserVariable'),
  system: token('SystemVariable'),
} as const;

/** An optimizer hint comment right behind SELECT, INSERT, REPLACE, UPDATE or DELETE. */
export const HintComment = token('HintComment');
/** What no rule accepts: an unknown character, an open string or comment. */
export const Invalid = token('Invalid');

/** Every token type: the parser's vocabulary. */
export const vocabulary: readonly TokenType[] = [
  AnyLiteral,
  Comparison,
  ...keywordVocabulary,
  ...Object.values(symbol),
  ...Object.values(literal),
  ...Object.values(variable),
  HintComment,
  Invalid,
];
