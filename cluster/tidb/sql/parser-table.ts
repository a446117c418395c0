import { EMPTY_ALT } from 'chevrotain';
import type {
  DerivedTable,
  Expression,
  IndexHint,
  Join,
  TableReference,
  TableSource,
} from './ast.ts';
import { Identifier, keyword } from './keywords.ts';
import type { Rule } from './parser-base.ts';
import { ExpressionParser } from './parser-expression.ts';
import { symbol } from './tokens.ts';

type JoinWord = Pick<Join, 'kind' | 'type' | 'natural' | 'straight'>;

/** What stands in FROM: tables, derived tables and joins of them. */
export abstract class TableParser extends ExpressionParser {
  /** `a, b JOIN c`. A comma is an inner join that binds more loosely than JOIN. */
  readonly tableReferences: Rule<TableReference> = this.RULE('tableReferences', () => {
    let left = this.SUBRULE(this.tableReference);
    this.MANY(() => {
      this.CONSUME(symbol.comma);
      const right = this.SUBRULE2(this.tableReference);
      left = { ...innerJoin, left, right };
    });
    return left;
  });

  /** Tables joined by JOIN, from left to right. */
  readonly tableReference: Rule<TableReference> = this.RULE('tableReference', () => {
    let left = this.SUBRULE(this.tableFactor);
    this.MANY(() => {
      left = this.SUBRULE(this.joinTail, { ARGS: [left] });
    });
    return left;
  });

  /** One JOIN with its right side and condition. */
  readonly joinTail: Rule<TableReference, [left: TableReference]> = this.RULE(
    'joinTail',
    (left: TableReference): TableReference => {
      const shape = this.SUBRULE(this.joinWord);
      const right = this.SUBRULE(this.tableFactor);
      let on: Expression | undefined;
      let using: string[] = [];
      this.OR([
        {
          // `INSERT … SELECT … FROM a JOIN b ON DUPLICATE KEY UPDATE …` is no join condition.
          GATE: () => !this.isAhead(2, keyword.DUPLICATE),
          ALT: () => {
            this.CONSUME(keyword.ON);
            on = this.SUBRULE(this.expression);
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.USING);
            using = this.SUBRULE(this.identifierList);
          },
        },
        // Only an outer join needs a condition.
        { GATE: () => shape.type === 'inner' || shape.natural, ALT: EMPTY_ALT() },
      ]);
      return { ...shape, left, right, on, using };
    },
  );

  /** `JOIN`, `LEFT OUTER JOIN`, `NATURAL RIGHT JOIN`, `STRAIGHT_JOIN`, … */
  readonly joinWord: Rule<JoinWord> = this.RULE('joinWord', (): JoinWord => {
    let straight = false;
    const natural = this.OPTION(() => this.CONSUME(keyword.NATURAL)) !== undefined;
    const type = this.OR<Join['type']>([
      { ALT: () => this.meaning(this.CONSUME(keyword.JOIN), 'inner') },
      {
        ALT: () => {
          straight = true;
          return this.meaning(this.CONSUME(keyword.STRAIGHT_JOIN), 'inner');
        },
      },
      {
        ALT: () => {
          this.OR2([
            { ALT: () => this.CONSUME(keyword.INNER) },
            { ALT: () => this.CONSUME(keyword.CROSS) },
          ]);
          return this.meaning(this.CONSUME2(keyword.JOIN), 'inner');
        },
      },
      {
        ALT: () => {
          const side = this.OR3<Join['type']>([
            { ALT: () => this.meaning(this.CONSUME(keyword.LEFT), 'left') },
            { ALT: () => this.meaning(this.CONSUME(keyword.RIGHT), 'right') },
          ]);
          this.OPTION2(() => this.CONSUME(keyword.OUTER));
          this.CONSUME3(keyword.JOIN);
          return side;
        },
      },
    ]);
    return { kind: 'join', type, natural, straight };
  });

  /** A table, a derived table, or joins in parentheses. */
  readonly tableFactor: Rule<TableReference> = this.RULE('tableFactor', () => {
    return this.OR<TableReference>([
      { GATE: () => this.isQueryAhead(), ALT: () => this.SUBRULE(this.derivedTable) },
      {
        ALT: () => {
          this.CONSUME(symbol.leftParenthesis);
          const inner = this.SUBRULE(this.tableReferences);
          this.CONSUME(symbol.rightParenthesis);
          return inner;
        },
      },
      { ALT: () => this.SUBRULE(this.tableSource) },
    ]);
  });

  /** `(SELECT …) [AS] alias [(columns)]`; the alias is not optional. */
  readonly derivedTable: Rule<DerivedTable> = this.RULE('derivedTable', (): DerivedTable => {
    const query = this.SUBRULE(this.subquery);
    this.OPTION(() => this.CONSUME(keyword.AS));
    const alias = this.SUBRULE(this.identifier);
    const columns = this.OPTION2(() => this.SUBRULE(this.identifierList)) ?? [];
    return { kind: 'derived', query, alias, columns };
  });

  /** `table [[AS] alias] [AS OF TIMESTAMP t] [USE INDEX (…)]`. */
  readonly tableSource: Rule<TableSource> = this.RULE('tableSource', (): TableSource => {
    const table = this.SUBRULE(this.tableName);
    const alias = this.OPTION({
      GATE: () => !this.isAhead(2, keyword.OF),
      DEF: () => this.SUBRULE(this.tableAlias),
    });
    const asOf = this.OPTION2(() => this.SUBRULE(this.asOf));
    const indexHints: IndexHint[] = [];
    this.MANY(() => {
      indexHints.push(this.SUBRULE(this.indexHint));
    });
    return { kind: 'table', table, alias, indexHints, asOf };
  });

  /** `[AS] alias`. */
  readonly tableAlias: Rule<string> = this.RULE('tableAlias', () => {
    this.OPTION(() => this.CONSUME(keyword.AS));
    return this.CONSUME(Identifier).image;
  });

  /** `AS OF TIMESTAMP t`. */
  readonly asOf: Rule<Expression> = this.RULE('asOf', () => {
    this.CONSUME(keyword.AS);
    this.CONSUME(keyword.OF);
    this.CONSUME(keyword.TIMESTAMP);
    return this.SUBRULE(this.expression);
  });

  /** `FORCE INDEX (a, b)`. */
  readonly indexHint: Rule<IndexHint> = this.RULE('indexHint', () => {
    const action = this.OR<IndexHint['action']>([
      { ALT: () => this.meaning(this.CONSUME(keyword.USE), 'USE') },
      { ALT: () => this.meaning(this.CONSUME(keyword.FORCE), 'FORCE') },
      { ALT: () => this.meaning(this.CONSUME(keyword.IGNORE), 'IGNORE') },
    ]);
    this.OR2([
      { ALT: () => this.CONSUME(keyword.INDEX) },
      { ALT: () => this.CONSUME(keyword.KEY) },
    ]);
    const indexes: string[] = [];
    this.CONSUME(symbol.leftParenthesis);
    this.MANY_SEP({
      SEP: symbol.comma,
      DEF: () => {
        indexes.push(this.SUBRULE(this.indexName));
      },
    });
    this.CONSUME(symbol.rightParenthesis);
    return { action, indexes };
  });

  /** The name of an index; PRIMARY needs no quotes. */
  readonly indexName: Rule<string> = this.RULE('indexName', () => {
    return this.OR([
      { ALT: () => this.SUBRULE(this.identifier) },
      { ALT: () => this.CONSUME(keyword.PRIMARY).image },
    ]);
  });
}

const innerJoin = {
  kind: 'join',
  type: 'inner',
  natural: false,
  straight: false,
  on: undefined,
  using: [],
} as const;
