import type {
  BinaryOperator,
  CaseBranch,
  ColumnReference,
  ComparisonOperator,
  Expression,
  Is,
  Query,
  VariableScope,
} from './ast.ts';
import { Identifier, InfixOperator, keyword, PrefixOperator, UnitWord } from './keywords.ts';
import type { Rule } from './parser-base.ts';
import { FunctionParser } from './parser-function.ts';
import { infixLevel, infixOperator, Level, prefixOperator } from './precedence.ts';
import { AnyLiteral, Comparison, literal, symbol, variable } from './tokens.ts';

/** Expressions: a precedence climber over the one table of `precedence.ts`. */
export abstract class ExpressionParser extends FunctionParser {
  /** An expression whose operators all bind at least as tightly as `min`. */
  readonly expression: Rule<Expression, [min?: number]> = this.RULE(
    'expression',
    (min: number = Level.or) => {
      let left = this.SUBRULE(this.prefixed, { ARGS: [min] });
      let max: number = Level.primary;
      this.MANY({
        GATE: () => {
          const level = infixLevel(this.LA(1).tokenTypeIdx);
          return level >= min && level <= max;
        },
        DEF: () => {
          const level = infixLevel(this.LA(1).tokenTypeIdx);
          left = this.SUBRULE(this.infix, { ARGS: [left, level] });
          // IN, LIKE and their like do not chain: `a LIKE b LIKE c` is an error, as in MySQL.
          max = level === Level.predicate ? Level.comparison : level;
        },
      });
      return left;
    },
  );

  /** A prefix operator with its operand, or a primary expression. */
  readonly prefixed: Rule<Expression, [min: number]> = this.RULE(
    'prefixed',
    (min: number): Expression => {
      return this.OR<Expression>([
        { ALT: () => this.SUBRULE(this.negation, { ARGS: [min] }) },
        {
          ALT: () => {
            const operator = prefixOperator(this.CONSUME(PrefixOperator).tokenTypeIdx) ?? '-';
            const operand = this.SUBRULE(this.expression, { ARGS: [Level.prefix] });
            return { kind: 'unary', operator, operand };
          },
        },
        { ALT: () => this.SUBRULE(this.primary) },
      ]);
    },
  );

  /** NOT with its operand; behind a tighter operator, as in `1 + NOT 2`, it is an error. */
  readonly negation: Rule<Expression, [min: number]> = this.RULE(
    'negation',
    (min: number): Expression => {
      return this.OR<Expression>([
        {
          GATE: () => min <= Level.not,
          ALT: () => {
            this.CONSUME(keyword.NOT);
            const operand = this.SUBRULE(this.expression, { ARGS: [Level.not] });
            return { kind: 'unary', operator: 'NOT', operand };
          },
        },
      ]);
    },
  );

  /** What follows `left`: an operator of `level` and whatever belongs to it. */
  readonly infix: Rule<Expression, [left: Expression, level: number]> = this.RULE(
    'infix',
    (left: Expression, level: number): Expression => {
      return this.OR<Expression>([
        {
          ALT: () => {
            const operator = infixOperator(this.CONSUME(InfixOperator).tokenTypeIdx) ?? '+';
            const right = this.SUBRULE(this.expression, { ARGS: [level + 1] });
            return { kind: 'binary', operator, left, right };
          },
        },
        { ALT: () => this.SUBRULE(this.comparison, { ARGS: [left] }) },
        { ALT: () => this.SUBRULE(this.isTest, { ARGS: [left] }) },
        { ALT: () => this.SUBRULE(this.predicate, { ARGS: [left] }) },
        {
          ALT: () => {
            this.CONSUME(keyword.COLLATE);
            const collation = this.SUBRULE(this.collationName);
            return { kind: 'collate', operand: left, collation };
          },
        },
      ]);
    },
  );

  /** `= b`, `> ALL (SELECT …)`. */
  readonly comparison: Rule<Expression, [left: Expression]> = this.RULE(
    'comparison',
    (left: Expression): Expression => {
      const index = this.CONSUME(Comparison).tokenTypeIdx;
      const operator: BinaryOperator = infixOperator(index) ?? '=';
      return this.OR<Expression>([
        {
          GATE: () => this.isAhead(2, symbol.leftParenthesis),
          ALT: () => {
            const quantifier = this.SUBRULE(this.quantifier);
            const query = this.SUBRULE(this.subquery);
            const compared = operator as ComparisonOperator;
            return { kind: 'quantified', operator: compared, quantifier, left, query };
          },
        },
        {
          ALT: () => {
            const right = this.SUBRULE(this.expression, { ARGS: [Level.comparison + 1] });
            return { kind: 'binary', operator, left, right };
          },
        },
      ]);
    },
  );

  /** ANY, SOME or ALL. */
  readonly quantifier: Rule<'ANY' | 'ALL'> = this.RULE('quantifier', () => {
    return this.OR<'ANY' | 'ALL'>([
      { ALT: () => this.meaning(this.CONSUME(keyword.ANY), 'ANY') },
      { ALT: () => this.meaning(this.CONSUME(keyword.SOME), 'ANY') },
      { ALT: () => this.meaning(this.CONSUME(keyword.ALL), 'ALL') },
    ]);
  });

  /** `IS [NOT] NULL` and its like. */
  readonly isTest: Rule<Expression, [operand: Expression]> = this.RULE(
    'isTest',
    (operand: Expression): Expression => {
      this.CONSUME(keyword.IS);
      const negated = this.OPTION(() => this.CONSUME(keyword.NOT)) !== undefined;
      const truth = this.OR<Is['truth']>([
        { ALT: () => this.meaning(this.CONSUME(keyword.NULL), 'NULL') },
        { ALT: () => this.meaning(this.CONSUME(keyword.UNKNOWN), 'NULL') },
        { ALT: () => this.meaning(this.CONSUME(keyword.TRUE), 'TRUE') },
        { ALT: () => this.meaning(this.CONSUME(keyword.FALSE), 'FALSE') },
      ]);
      return { kind: 'is', operand, truth, negated };
    },
  );

  /** `[NOT] IN|LIKE|BETWEEN|REGEXP …`. */
  readonly predicate: Rule<Expression, [operand: Expression]> = this.RULE(
    'predicate',
    (operand: Expression): Expression => {
      const negated = this.OPTION(() => this.CONSUME(keyword.NOT)) !== undefined;
      return this.OR<Expression>([
        { ALT: () => this.SUBRULE(this.membership, { ARGS: [operand, negated] }) },
        {
          ALT: () => {
            this.CONSUME(keyword.LIKE);
            const pattern = this.SUBRULE(this.expression, { ARGS: [Level.prefix] });
            const escapeChar = this.OPTION2(() => {
              this.CONSUME(keyword.ESCAPE);
              return this.SUBRULE(this.quoted);
            });
            return { kind: 'like', operand, pattern, escape: escapeChar, negated };
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.BETWEEN);
            const low = this.SUBRULE2(this.expression, { ARGS: [Level.bitOr] });
            this.CONSUME(keyword.AND);
            const high = this.SUBRULE3(this.expression, { ARGS: [Level.predicate] });
            return { kind: 'between', operand, low, high, negated };
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.REGEXP);
            const pattern = this.SUBRULE4(this.expression, { ARGS: [Level.bitOr] });
            return { kind: 'regexp', operand, pattern, negated };
          },
        },
      ]);
    },
  );

  /** `IN (…)`. */
  readonly membership: Rule<Expression, [operand: Expression, negated: boolean]> = this.RULE(
    'membership',
    (operand: Expression, negated: boolean): Expression => {
      this.CONSUME(keyword.IN);
      return this.OR<Expression>([
        {
          GATE: () => this.isQueryAhead(),
          ALT: () => {
            const query = this.SUBRULE(this.subquery);
            return { kind: 'in-subquery', operand, query, negated };
          },
        },
        {
          ALT: () => {
            this.CONSUME(symbol.leftParenthesis);
            const list = this.SUBRULE(this.expressions);
            this.CONSUME(symbol.rightParenthesis);
            return { kind: 'in-list', operand, list, negated };
          },
        },
      ]);
    },
  );

  /** An expression without an operator around it. */
  readonly primary: Rule<Expression> = this.RULE('primary', (): Expression => {
    return this.OR<Expression>([
      { ALT: () => this.literalNode(this.CONSUME(AnyLiteral)) },
      { ALT: () => this.meaning(this.CONSUME(keyword.NULL), this.wordLiteral('null', null)) },
      { ALT: () => this.meaning(this.CONSUME(keyword.TRUE), this.wordLiteral('bool', 1)) },
      { ALT: () => this.meaning(this.CONSUME(keyword.FALSE), this.wordLiteral('bool', 0)) },
      { ALT: () => this.SUBRULE(this.parameter) },
      { ALT: () => this.SUBRULE(this.userVariable) },
      { ALT: () => this.SUBRULE(this.systemVariable) },
      { ALT: () => this.SUBRULE(this.parenthesised) },
      { ALT: () => this.SUBRULE(this.exists) },
      { ALT: () => this.SUBRULE(this.caseExpression) },
      { ALT: () => this.SUBRULE(this.interval) },
      { ALT: () => this.SUBRULE(this.call) },
      { ALT: () => this.SUBRULE(this.reservedCall) },
      { ALT: () => this.SUBRULE(this.defaultValue) },
      { ALT: () => this.SUBRULE(this.named) },
    ]);
  });

  /** What starts with a name: a column, a call, or a literal such as DATE '2026-11-21'. */
  readonly named: Rule<Expression> = this.RULE('named', (): Expression => {
    return this.OR<Expression>([
      { GATE: () => this.isTypedString(), ALT: () => this.SUBRULE(this.typedString) },
      {
        GATE: () => this.isAhead(2, symbol.leftParenthesis),
        ALT: () => this.SUBRULE(this.namedCall),
      },
      { ALT: () => this.SUBRULE(this.columnReference) },
    ]);
  });

  /** `[[schema.]table.]column`. */
  readonly columnReference: Rule<ColumnReference> = this.RULE(
    'columnReference',
    (): ColumnReference => {
      const names = [this.CONSUME(Identifier).image];
      this.MANY(() => {
        this.CONSUME(symbol.dot);
        names.push(this.CONSUME2(Identifier).image);
      });
      const [name = '', table, schema] = names.reverse();
      return { kind: 'column', schema, table, name };
    },
  );

  /** `?`. */
  readonly parameter: Rule<Expression> = this.RULE('parameter', (): Expression => {
    this.CONSUME(symbol.question);
    return { kind: 'parameter', index: this.parameters++ };
  });

  /** `@a` or `@a := value`. */
  readonly userVariable: Rule<Expression> = this.RULE('userVariable', (): Expression => {
    const name = this.CONSUME(variable.user).image.toLowerCase();
    const value = this.OPTION(() => {
      this.CONSUME(symbol.assign);
      return this.SUBRULE(this.expression);
    });
    return value === undefined
      ? { kind: 'user-variable', name }
      : { kind: 'variable-assignment', name, value };
  });

  /** `@@a`, `@@global.a`. */
  readonly systemVariable: Rule<Expression> = this.RULE('systemVariable', (): Expression => {
    const { scope, name } = splitScope(this.CONSUME(variable.system).image);
    return { kind: 'system-variable', scope, name };
  });

  /** `(a)`, `(a, b)`, `(SELECT …)`. */
  readonly parenthesised: Rule<Expression> = this.RULE('parenthesised', (): Expression => {
    return this.OR<Expression>([
      {
        GATE: () => this.isQueryAhead(),
        ALT: () => ({ kind: 'subquery', query: this.SUBRULE(this.subquery) as Query }),
      },
      {
        ALT: () => {
          this.CONSUME(symbol.leftParenthesis);
          const members = this.SUBRULE(this.expressions);
          this.CONSUME(symbol.rightParenthesis);
          return this.ACTION(() => onlyOrRow(members));
        },
      },
    ]);
  });

  /** `EXISTS (SELECT …)`. */
  readonly exists: Rule<Expression> = this.RULE('exists', (): Expression => {
    this.CONSUME(keyword.EXISTS);
    return { kind: 'exists', query: this.SUBRULE(this.subquery) };
  });

  /** CASE in both forms. */
  readonly caseExpression: Rule<Expression> = this.RULE('caseExpression', (): Expression => {
    this.CONSUME(keyword.CASE);
    const operand = this.OPTION(() => this.SUBRULE(this.expression));
    const branches: CaseBranch[] = [];
    this.AT_LEAST_ONE(() => {
      this.CONSUME(keyword.WHEN);
      const when = this.SUBRULE2(this.expression);
      this.CONSUME(keyword.THEN);
      branches.push({ when, result: this.SUBRULE3(this.expression) });
    });
    const otherwise = this.OPTION2(() => {
      this.CONSUME(keyword.ELSE);
      return this.SUBRULE4(this.expression);
    });
    this.CONSUME(keyword.END);
    return { kind: 'case', operand, branches, otherwise };
  });

  /** `INTERVAL 1 DAY`. */
  readonly interval: Rule<Expression> = this.RULE('interval', (): Expression => {
    this.CONSUME(keyword.INTERVAL);
    const value = this.SUBRULE(this.expression);
    const unit = this.CONSUME(UnitWord).tokenType.name;
    return { kind: 'interval', value, unit };
  });

  /** `DEFAULT`, `DEFAULT(column)`. */
  readonly defaultValue: Rule<Expression> = this.RULE('defaultValue', (): Expression => {
    this.CONSUME(keyword.DEFAULT);
    const column = this.OPTION(() => {
      this.CONSUME(symbol.leftParenthesis);
      const reference = this.SUBRULE(this.columnReference);
      this.CONSUME(symbol.rightParenthesis);
      return reference;
    });
    return { kind: 'default', column };
  });

  /** DATE, TIME or TIMESTAMP right before a string: a literal of that type. */
  private isTypedString(): boolean {
    if (!this.isAhead(2, literal.string)) return false;
    const words = [keyword.DATE, keyword.TIME, keyword.TIMESTAMP];
    return words.some((word) => this.isAhead(1, word));
  }
}

function onlyOrRow(members: Expression[]): Expression {
  const [only] = members;
  return only !== undefined && members.length === 1 ? only : { kind: 'row', members };
}

/** Splits `global.name` and lower-cases the name; LOCAL is SESSION. */
export function splitScope(image: string): { scope: VariableScope | undefined; name: string } {
  const lower = image.toLowerCase();
  const dot = lower.indexOf('.');
  const name = lower.slice(dot + 1);
  const prefix = dot < 0 ? undefined : lower.slice(0, dot);
  if (prefix === 'global' || prefix === 'instance') return { scope: prefix, name };
  if (prefix === 'session' || prefix === 'local') return { scope: 'session', name };
  return { scope: undefined, name: lower };
}
