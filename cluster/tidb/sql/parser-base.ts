import { EmbeddedActionsParser, type IToken, type ParserMethod, type TokenType } from 'chevrotain';
import type {
  Expression,
  Limit,
  Literal,
  LiteralType,
  OrderItem,
  Query,
  TableName,
} from './ast.ts';
import { Identifier } from './keywords.ts';
import type { SqlToken } from './tokenizer.ts';
import { literal, symbol, vocabulary } from './tokens.ts';

/** A grammar rule: called with `Arguments`, answers a `Node`. */
export type Rule<Node, Arguments extends unknown[] = []> = ParserMethod<Arguments, Node>;

const literalTypes: ReadonlyMap<TokenType, LiteralType> = new Map<TokenType, LiteralType>([
  [literal.int, 'int'],
  [literal.decimal, 'decimal'],
  [literal.real, 'real'],
  [literal.string, 'string'],
  [literal.hex, 'hex'],
  [literal.bit, 'bit'],
]);

/** Integer literals beyond this are BIGINT UNSIGNED. */
export const MAX_BIGINT = 0x7fff_ffff_ffff_ffffn;

/** Names, small lists, and the bookkeeping of literals that every statement family needs. */
export abstract class ParserBase extends EmbeddedActionsParser {
  /** The text being parsed. */
  protected text = '';
  /** Literals whose value another text may replace, in text order. */
  protected free: SqlToken[] = [];
  /** Parameter markers seen so far. */
  protected parameters = 0;
  #pins = 0;

  /** Rules of later families that earlier ones call. */
  abstract readonly expression: Rule<Expression, [min?: number]>;
  abstract readonly query: Rule<Query>;
  abstract readonly orderBy: Rule<OrderItem[]>;
  abstract readonly limit: Rule<Limit>;

  /**
   * @param validate checks the grammar for ambiguity and duplicate indexes; costs time, so only the
   *   tests ask for it
   */
  constructor(validate: boolean) {
    super([...vocabulary], { maxLookahead: 1, skipValidations: !validate });
  }

  /** Forgets the text before. */
  protected begin(text: string, tokens: SqlToken[]): void {
    this.text = text;
    this.free = [];
    this.parameters = 0;
    this.#pins = 0;
    this.input = tokens;
  }

  /**
   * Runs `body` with its literals pinned: their values become part of the tree, because they decide
   * more than a value (the name of a column, a position, a limit).
   */
  protected pinned<Node>(body: () => Node): Node {
    this.#pins++;
    const node = body();
    this.#pins--;
    return node;
  }

  /** The node of a literal token; a literal that is not pinned gets the next ordinal. */
  protected literalNode(token: IToken): Literal {
    const pinned = this.#pins > 0 || decidesType(token as SqlToken);
    const ordinal = pinned ? undefined : this.free.length;
    if (!pinned) this.free.push(token as SqlToken);
    const type = literalTypes.get(token.tokenType) ?? 'null';
    return { kind: 'literal', type, value: (token as SqlToken).payload, ordinal };
  }

  /** A literal that is spelled as a word: NULL, TRUE, FALSE. */
  protected wordLiteral(type: LiteralType, value: number | null): Literal {
    return { kind: 'literal', type, value, ordinal: undefined };
  }

  /** Whether the token `distance` ahead (1 is the next) is of `type` or in that category. */
  protected isAhead(distance: number, type: TokenType): boolean {
    const found = this.LA(distance);
    return found.tokenTypeIdx === type.tokenTypeIdx || matches(type, found);
  }

  /** The text from the offset `start` to the last token taken. */
  protected textSince(start: number): string {
    return this.text.slice(start, (this.LA(0) as SqlToken).stopOffset);
  }

  /** Says in one expression that a word was taken and what it means. */
  protected meaning<Meaning>(_token: IToken, meaning: Meaning): Meaning {
    return meaning;
  }

  /** A name. */
  readonly identifier: Rule<string> = this.RULE('identifier', () => {
    return this.CONSUME(Identifier).image;
  });

  /** `(a, b, …)`. */
  readonly identifierList: Rule<string[]> = this.RULE('identifierList', () => {
    const names: string[] = [];
    this.CONSUME(symbol.leftParenthesis);
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        names.push(this.SUBRULE(this.identifier));
      },
    });
    this.CONSUME(symbol.rightParenthesis);
    return names;
  });

  /** `[schema.]table`. */
  readonly tableName: Rule<TableName> = this.RULE('tableName', () => {
    const first = this.SUBRULE(this.identifier);
    const second = this.OPTION({
      // In `t.*` the dot belongs to the wildcard.
      GATE: () => !this.isAhead(2, symbol.star),
      DEF: () => {
        this.CONSUME(symbol.dot);
        return this.SUBRULE2(this.identifier);
      },
    });
    return second === undefined
      ? { schema: undefined, name: first }
      : { schema: first, name: second };
  });

  /** `a, s.b, …`. */
  readonly tableNames: Rule<TableName[]> = this.RULE('tableNames', () => {
    const names: TableName[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        names.push(this.SUBRULE(this.tableName));
      },
    });
    return names;
  });

  /** A non-negative integer that is part of the statement's shape. */
  readonly integer: Rule<number> = this.RULE('integer', () => {
    return Number(this.CONSUME(literal.int).payload);
  });

  /** An integer as an expression. */
  readonly integerLiteral: Rule<Expression> = this.RULE('integerLiteral', () => {
    return this.literalNode(this.CONSUME(literal.int));
  });

  /** A string that is part of the statement's shape. */
  readonly quoted: Rule<string> = this.RULE('quoted', () => {
    return String(this.CONSUME(literal.string).payload);
  });

  /** A name or a string, as behind CHARSET and ENGINE. */
  readonly nameOrString: Rule<string> = this.RULE('nameOrString', () => {
    return this.OR([
      { ALT: () => this.SUBRULE(this.identifier) },
      { ALT: () => this.SUBRULE(this.quoted) },
    ]);
  });

  /** `a, b, …`. */
  readonly expressions: Rule<Expression[]> = this.RULE('expressions', () => {
    const list: Expression[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        list.push(this.SUBRULE(this.expression));
      },
    });
    return list;
  });

  /** `([a, b, …])`. */
  readonly tuple: Rule<Expression[]> = this.RULE('tuple', () => {
    let list: Expression[] = [];
    this.CONSUME(symbol.leftParenthesis);
    this.OPTION(() => {
      list = this.SUBRULE(this.expressions);
    });
    this.CONSUME(symbol.rightParenthesis);
    return list;
  });

  /** `(SELECT …)`. */
  readonly subquery: Rule<Query> = this.RULE('subquery', () => {
    this.CONSUME(symbol.leftParenthesis);
    const query = this.SUBRULE(this.query);
    this.CONSUME(symbol.rightParenthesis);
    return query;
  });
}

/**
 * A decimal's digits and an integer's being beyond BIGINT are part of the type of what is computed
 * from it.
 */
function decidesType({ tokenType, payload }: SqlToken): boolean {
  return tokenType === literal.decimal || (typeof payload === 'bigint' && payload > MAX_BIGINT);
}

function matches(category: TokenType, found: IToken): boolean {
  return category.categoryMatchesMap?.[found.tokenTypeIdx] === true;
}
