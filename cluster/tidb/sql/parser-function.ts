import { EMPTY_ALT } from 'chevrotain';
import type { AggregateCall, AggregateName, ColumnReference, Expression, Trim } from './ast.ts';
import {
  AggregateWord,
  bareCalls,
  FunctionWord,
  Identifier,
  keyword,
  UnitWord,
} from './keywords.ts';
import type { Rule } from './parser-base.ts';
import { typeNamed } from './parser-type.ts';
import { WindowParser } from './parser-window.ts';
import { Level } from './precedence.ts';
import { literal, symbol } from './tokens.ts';

/** Calls: plain functions, aggregates, window functions, and those with a grammar of their own. */
export abstract class FunctionParser extends WindowParser {
  abstract readonly columnReference: Rule<ColumnReference>;

  /** Whether `(` opens a query rather than an expression or a join. */
  protected isQueryAhead(): boolean {
    if (this.isAhead(2, keyword.SELECT) || this.isAhead(2, keyword.WITH)) return true;
    if (!this.isAhead(2, symbol.leftParenthesis)) return false;
    const behind = this.distanceBehindParentheses(2);
    return [keyword.UNION, keyword.EXCEPT, keyword.INTERSECT].some((w) => this.isAhead(behind, w));
  }

  /** Distance of the token behind the parenthesis that matches the one `distance` ahead. */
  private distanceBehindParentheses(distance: number): number {
    let at = distance;
    let depth = 0;
    do {
      if (this.isAhead(at, symbol.leftParenthesis)) depth++;
      else if (this.isAhead(at, symbol.rightParenthesis)) depth--;
      else if (Number.isNaN(this.LA(at).startOffset)) return at;
      at++;
    } while (depth > 0);
    return at;
  }

  /** Calls that start with a keyword of their own. */
  readonly call: Rule<Expression> = this.RULE('call', (): Expression => {
    return this.OR<Expression>([
      { ALT: () => this.SUBRULE(this.aggregate) },
      { ALT: () => this.SUBRULE(this.windowFunction) },
      { ALT: () => this.SUBRULE(this.cast) },
      { ALT: () => this.SUBRULE(this.convert) },
      { ALT: () => this.SUBRULE(this.trim) },
      { ALT: () => this.SUBRULE(this.substring) },
      { ALT: () => this.SUBRULE(this.unitCall) },
      { ALT: () => this.SUBRULE(this.position) },
      { ALT: () => this.SUBRULE(this.insertedValue) },
      { ALT: () => this.SUBRULE(this.rowConstructor) },
    ]);
  });

  /**
   * `name(a, b)` for everything without a grammar of its own. How many digits ROUND leaves is part
   * of its type.
   */
  readonly namedCall: Rule<Expression> = this.RULE('namedCall', (): Expression => {
    const name = this.CONSUME(Identifier).image.toUpperCase();
    const decides = name === 'ROUND' || name === 'TRUNCATE';
    const args = decides ? this.pinned(() => this.SUBRULE(this.tuple)) : this.SUBRULE2(this.tuple);
    return { kind: 'function', name, args };
  });

  /** A function named by a reserved word: IF(a, b, c), CURRENT_TIMESTAMP with or without `()`. */
  readonly reservedCall: Rule<Expression> = this.RULE('reservedCall', (): Expression => {
    const word = this.CONSUME(FunctionWord).tokenType;
    const args = this.OR<Expression[]>([
      { ALT: () => this.SUBRULE(this.tuple) },
      { GATE: () => bareCalls.has(word), ALT: EMPTY_ALT([]) },
    ]);
    return { kind: 'function', name: word.name, args };
  });

  /** COUNT(*), SUM(DISTINCT a), …, with or without OVER. */
  readonly aggregate: Rule<Expression> = this.RULE('aggregate', (): Expression => {
    const name = this.CONSUME(AggregateWord).tokenType.name as AggregateName;
    let args: Expression[] = [];
    let distinct = false;
    this.CONSUME(symbol.leftParenthesis);
    this.OR([
      { ALT: () => this.CONSUME(symbol.star) },
      {
        ALT: () => {
          distinct = this.SUBRULE(this.allOrDistinct) ?? false;
          args = this.SUBRULE(this.expressions);
        },
      },
    ]);
    const orderBy = this.OPTION2(() => this.SUBRULE(this.orderBy)) ?? [];
    const separator = this.OPTION3(() => {
      this.CONSUME(keyword.SEPARATOR);
      return this.SUBRULE(this.quoted);
    });
    this.CONSUME(symbol.rightParenthesis);
    const call: AggregateCall = { kind: 'aggregate', name, distinct, args, orderBy, separator };
    const over = this.OPTION4(() => this.SUBRULE(this.over));
    if (over === undefined) return call;
    return { kind: 'window', call, fromLast: false, ignoreNulls: false, over };
  });

  /** ALL (false), DISTINCT (true) or nothing. */
  readonly allOrDistinct: Rule<boolean | undefined> = this.RULE('allOrDistinct', () => {
    return this.OPTION(() =>
      this.OR([
        { ALT: () => this.meaning(this.CONSUME(keyword.ALL), false) },
        { ALT: () => this.meaning(this.CONSUME(keyword.DISTINCT), true) },
      ]),
    );
  });

  /** `CAST(a AS type)`. */
  readonly cast: Rule<Expression> = this.RULE('cast', (): Expression => {
    this.CONSUME(keyword.CAST);
    this.CONSUME(symbol.leftParenthesis);
    const operand = this.SUBRULE(this.expression);
    this.CONSUME(keyword.AS);
    const type = this.SUBRULE(this.castType);
    this.CONSUME(symbol.rightParenthesis);
    return { kind: 'cast', operand, type };
  });

  /** `CONVERT(a, type)`, `CONVERT(a USING charset)`. */
  readonly convert: Rule<Expression> = this.RULE('convert', (): Expression => {
    this.CONSUME(keyword.CONVERT);
    this.CONSUME(symbol.leftParenthesis);
    const operand = this.SUBRULE(this.expression);
    const node = this.OR<Expression>([
      {
        ALT: () => {
          this.CONSUME(symbol.comma);
          return { kind: 'cast', operand, type: this.SUBRULE(this.castType) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword.USING);
          return { kind: 'convert-using', operand, charset: this.SUBRULE(this.charsetName) };
        },
      },
    ]);
    this.CONSUME(symbol.rightParenthesis);
    return node;
  });

  /** `TRIM([LEADING|TRAILING|BOTH] [removed] FROM operand)`. */
  readonly trim: Rule<Expression> = this.RULE('trim', (): Expression => {
    this.CONSUME(keyword.TRIM);
    this.CONSUME(symbol.leftParenthesis);
    const direction =
      this.OPTION(() =>
        this.OR<Trim['direction']>([
          { ALT: () => this.meaning(this.CONSUME(keyword.BOTH), 'BOTH') },
          { ALT: () => this.meaning(this.CONSUME(keyword.LEADING), 'LEADING') },
          { ALT: () => this.meaning(this.CONSUME(keyword.TRAILING), 'TRAILING') },
        ]),
      ) ?? 'BOTH';
    const first = this.OPTION2(() => this.SUBRULE(this.expression));
    const second = this.OPTION3(() => {
      this.CONSUME(keyword.FROM);
      return this.SUBRULE2(this.expression);
    });
    this.CONSUME(symbol.rightParenthesis);
    const operand = second ?? first ?? this.wordLiteral('null', null);
    return { kind: 'trim', direction, removed: second && first, operand };
  });

  /** `SUBSTRING(a, b[, c])` and `SUBSTRING(a FROM b [FOR c])`; SUBSTR and MID are the same. */
  readonly substring: Rule<Expression> = this.RULE('substring', (): Expression => {
    this.OR([
      { ALT: () => this.CONSUME(keyword.SUBSTRING) },
      { ALT: () => this.CONSUME(keyword.SUBSTR) },
      { ALT: () => this.CONSUME(keyword.MID) },
    ]);
    this.CONSUME(symbol.leftParenthesis);
    const args = [this.SUBRULE(this.expression)];
    this.OR2([
      { ALT: () => this.CONSUME(symbol.comma) },
      { ALT: () => this.CONSUME(keyword.FROM) },
    ]);
    args.push(this.SUBRULE2(this.expression));
    this.OPTION(() => {
      this.OR3([
        { ALT: () => this.CONSUME2(symbol.comma) },
        { ALT: () => this.CONSUME(keyword.FOR) },
      ]);
      args.push(this.SUBRULE3(this.expression));
    });
    this.CONSUME(symbol.rightParenthesis);
    return { kind: 'function', name: 'SUBSTRING', args };
  });

  /** TIMESTAMPDIFF(unit, a, b), TIMESTAMPADD(unit, a, b), EXTRACT(unit FROM a). */
  readonly unitCall: Rule<Expression> = this.RULE('unitCall', (): Expression => {
    const name = this.OR([
      { ALT: () => this.CONSUME(keyword.TIMESTAMPDIFF).tokenType.name },
      { ALT: () => this.CONSUME(keyword.TIMESTAMPADD).tokenType.name },
      { ALT: () => this.CONSUME(keyword.EXTRACT).tokenType.name },
    ]);
    this.CONSUME(symbol.leftParenthesis);
    const unit = this.CONSUME(UnitWord).tokenType.name;
    this.OR2([
      { ALT: () => this.CONSUME(symbol.comma) },
      { ALT: () => this.CONSUME(keyword.FROM) },
    ]);
    const args: Expression[] = [{ kind: 'time-unit', unit }];
    const values = this.SUBRULE(this.expressions);
    this.ACTION(() => args.push(...values));
    this.CONSUME(symbol.rightParenthesis);
    return { kind: 'function', name, args };
  });

  /** `POSITION(a IN b)` is LOCATE(a, b). */
  readonly position: Rule<Expression> = this.RULE('position', (): Expression => {
    this.CONSUME(keyword.POSITION);
    this.CONSUME(symbol.leftParenthesis);
    const needle = this.SUBRULE(this.expression, { ARGS: [Level.bitOr] });
    this.CONSUME(keyword.IN);
    const hay = this.SUBRULE2(this.expression);
    this.CONSUME(symbol.rightParenthesis);
    return { kind: 'function', name: 'LOCATE', args: [needle, hay] };
  });

  /** `VALUES(column)`. */
  readonly insertedValue: Rule<Expression> = this.RULE('insertedValue', (): Expression => {
    this.CONSUME(keyword.VALUES);
    this.CONSUME(symbol.leftParenthesis);
    const column = this.SUBRULE(this.columnReference);
    this.CONSUME(symbol.rightParenthesis);
    return { kind: 'inserted-value', column };
  });

  /** `ROW(a, b)`. */
  readonly rowConstructor: Rule<Expression> = this.RULE('rowConstructor', (): Expression => {
    this.CONSUME(keyword.ROW);
    return { kind: 'row', members: this.SUBRULE(this.tuple) };
  });

  /** `DATE '2026-11-21'` is CAST('2026-11-21' AS DATE). */
  readonly typedString: Rule<Expression> = this.RULE('typedString', (): Expression => {
    const name = this.OR([
      { ALT: () => this.meaning(this.CONSUME(keyword.DATE), 'DATE') },
      { ALT: () => this.meaning(this.CONSUME(keyword.TIME), 'TIME') },
      { ALT: () => this.meaning(this.CONSUME(keyword.TIMESTAMP), 'DATETIME') },
    ]);
    const operand = this.literalNode(this.CONSUME(literal.string));
    return { kind: 'cast', operand, type: typeNamed(name) };
  });
}
