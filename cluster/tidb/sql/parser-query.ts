import type {
  CommonTableExpression,
  Expression,
  Limit,
  LockClause,
  OrderItem,
  Query,
  Select,
  SelectItem,
  SetOperation,
  TableReference,
  With,
} from './ast.ts';
import { keyword, SelectOption } from './keywords.ts';
import type { Rule } from './parser-base.ts';
import { TableParser } from './parser-table.ts';
import type { Mutable } from './parser-type.ts';
import { HintComment, symbol } from './tokens.ts';

/** SELECT, set operations, WITH, and the clauses that other statements share with them. */
export abstract class QueryParser extends TableParser {
  /** A whole query: `[WITH …] terms [ORDER BY …] [LIMIT …] [FOR UPDATE]`. */
  readonly query: Rule<Query> = this.RULE('query', () => {
    const ctes = this.OPTION(() => this.SUBRULE(this.withClause));
    return this.SUBRULE(this.queryBody, { ARGS: [ctes] });
  });

  /** A query behind its WITH clause. */
  readonly queryBody: Rule<Query, [ctes: With | undefined]> = this.RULE(
    'queryBody',
    (ctes: With | undefined): Query => {
      const body = this.SUBRULE(this.unions);
      const open = this.ACTION(() => isOpen(body));
      const orderBy = this.OPTION({ GATE: () => open, DEF: () => this.SUBRULE(this.orderBy) });
      const limit = this.OPTION2({ GATE: () => open, DEF: () => this.SUBRULE(this.limit) });
      const lock = this.OPTION3({
        GATE: () => open && body.kind === 'select',
        DEF: () => this.SUBRULE(this.lockClause),
      });
      return this.ACTION(() => withTail(body, ctes, orderBy, limit, lock));
    },
  );

  /** Terms joined by UNION and EXCEPT, from left to right. */
  readonly unions: Rule<Query> = this.RULE('unions', () => {
    let left = this.SUBRULE(this.intersections);
    this.MANY(() => {
      const operator = this.OR<SetOperation['operator']>([
        { ALT: () => this.meaning(this.CONSUME(keyword.UNION), 'UNION') },
        { ALT: () => this.meaning(this.CONSUME(keyword.EXCEPT), 'EXCEPT') },
      ]);
      const distinct = this.SUBRULE(this.allOrDistinct);
      const right = this.SUBRULE2(this.intersections);
      left = { ...setOperation, operator, all: distinct === false, left, right };
    });
    return left;
  });

  /** Terms joined by INTERSECT, which binds more tightly than UNION. */
  readonly intersections: Rule<Query> = this.RULE('intersections', () => {
    let left = this.SUBRULE(this.queryTerm);
    this.MANY(() => {
      this.CONSUME(keyword.INTERSECT);
      const distinct = this.SUBRULE(this.allOrDistinct);
      const right = this.SUBRULE2(this.queryTerm);
      left = { ...setOperation, operator: 'INTERSECT', all: distinct === false, left, right };
    });
    return left;
  });

  /** A SELECT or a query in parentheses. */
  readonly queryTerm: Rule<Query> = this.RULE('queryTerm', () => {
    return this.OR<Query>([
      { ALT: () => this.SUBRULE(this.subquery) },
      { ALT: () => this.SUBRULE(this.select) },
    ]);
  });

  /** SELECT up to WINDOW. */
  readonly select: Rule<Select> = this.RULE('select', (): Select => {
    this.CONSUME(keyword.SELECT);
    const hints = this.SUBRULE(this.hints);
    const distinct = this.SUBRULE(this.selectOptions);
    const items = this.pinned(() => this.SUBRULE(this.selectItems));
    const from = this.OPTION(() => this.SUBRULE(this.fromClause));
    const where = this.OPTION2(() => this.SUBRULE(this.where));
    const groupBy =
      this.OPTION3(() => {
        this.CONSUME(keyword.GROUP);
        this.CONSUME(keyword.BY);
        return this.SUBRULE(this.orderItems);
      }) ?? [];
    const having = this.OPTION4(() => {
      this.CONSUME(keyword.HAVING);
      return this.SUBRULE(this.expression);
    });
    const windows = this.OPTION5(() => this.SUBRULE(this.windowClause)) ?? [];
    return {
      kind: 'select',
      with: undefined,
      hints,
      distinct,
      items,
      from,
      where,
      groupBy,
      having,
      windows,
      orderBy: [],
      limit: undefined,
      lock: undefined,
    };
  });

  /** The hints behind a statement's first word, each on its own. */
  readonly hints: Rule<string[]> = this.RULE('hints', () => {
    const comment = this.OPTION(() => this.CONSUME(HintComment).image);
    return this.ACTION(() => splitHints(comment ?? ''));
  });

  /** DISTINCT and the words that change nothing here. */
  readonly selectOptions: Rule<boolean> = this.RULE('selectOptions', () => {
    let distinct = false;
    this.MANY(() => {
      const type = this.CONSUME(SelectOption).tokenType;
      distinct ||= type === keyword.DISTINCT;
    });
    return distinct;
  });

  /** The select list. */
  readonly selectItems: Rule<SelectItem[]> = this.RULE('selectItems', () => {
    const items: SelectItem[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        items.push(this.SUBRULE(this.selectItem));
      },
    });
    return items;
  });

  /** `*`, `t.*` or an expression with its alias. */
  readonly selectItem: Rule<SelectItem> = this.RULE('selectItem', () => {
    return this.OR<SelectItem>([
      {
        ALT: () => {
          this.CONSUME(symbol.star);
          return { kind: 'wildcard', schema: undefined, table: undefined };
        },
      },
      {
        GATE: () => this.isWildcardAhead(),
        ALT: () => {
          const { schema, name } = this.SUBRULE(this.tableName);
          this.CONSUME(symbol.dot);
          this.CONSUME2(symbol.star);
          return { kind: 'wildcard', schema, table: name };
        },
      },
      { ALT: () => this.SUBRULE(this.selectExpression) },
    ]);
  });

  /** An expression of a select list. */
  readonly selectExpression: Rule<SelectItem> = this.RULE('selectExpression', (): SelectItem => {
    const start = this.LA(1).startOffset;
    const expression = this.SUBRULE(this.expression);
    const text = this.ACTION(() => this.textSince(start));
    const alias = this.OPTION(() => {
      this.OPTION2(() => this.CONSUME(keyword.AS));
      return this.SUBRULE(this.nameOrString);
    });
    return { kind: 'expression', expression, alias, text };
  });

  private isWildcardAhead(): boolean {
    if (!this.isAhead(2, symbol.dot)) return false;
    return (
      this.isAhead(3, symbol.star) || (this.isAhead(4, symbol.dot) && this.isAhead(5, symbol.star))
    );
  }

  /** FROM; DUAL is no table at all. */
  readonly fromClause: Rule<TableReference | undefined> = this.RULE('fromClause', () => {
    this.CONSUME(keyword.FROM);
    return this.OR<TableReference | undefined>([
      { ALT: () => this.meaning(this.CONSUME(keyword.DUAL), undefined) },
      { ALT: () => this.SUBRULE(this.tableReferences) },
    ]);
  });

  /** WHERE. */
  readonly where: Rule<Expression> = this.RULE('where', () => {
    this.CONSUME(keyword.WHERE);
    return this.SUBRULE(this.expression);
  });

  /** ORDER BY. */
  readonly orderBy: Rule<OrderItem[]> = this.RULE('orderBy', () => {
    this.CONSUME(keyword.ORDER);
    this.CONSUME(keyword.BY);
    return this.SUBRULE(this.orderItems);
  });

  /** `a, b DESC`; pinned, because a bare integer is a position. */
  readonly orderItems: Rule<OrderItem[]> = this.RULE('orderItems', () => {
    const items: OrderItem[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        const expression = this.pinned(() => this.SUBRULE(this.expression));
        const descending = this.SUBRULE(this.direction);
        items.push({ expression, descending });
      },
    });
    return items;
  });

  /** ASC, DESC or nothing; true is descending. */
  readonly direction: Rule<boolean> = this.RULE('direction', () => {
    const word = this.OPTION(() =>
      this.OR([
        { ALT: () => this.meaning(this.CONSUME(keyword.ASC), false) },
        { ALT: () => this.meaning(this.CONSUME(keyword.DESC), true) },
      ]),
    );
    return word ?? false;
  });

  /** `LIMIT n`, `LIMIT offset, n`, `LIMIT n OFFSET offset`; pinned. */
  readonly limit: Rule<Limit> = this.RULE('limit', () => {
    this.CONSUME(keyword.LIMIT);
    const first = this.SUBRULE(this.limitNumber);
    const second = this.OPTION(() =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(symbol.comma);
            return { count: this.SUBRULE2(this.limitNumber), offset: first };
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.OFFSET);
            return { count: first, offset: this.SUBRULE3(this.limitNumber) };
          },
        },
      ]),
    );
    return second ?? { count: first, offset: undefined };
  });

  /** FOR UPDATE [OF t] [NOWAIT | WAIT n | SKIP LOCKED], FOR SHARE, LOCK IN SHARE MODE. */
  readonly lockClause: Rule<LockClause> = this.RULE('lockClause', () => {
    return this.OR<LockClause>([
      {
        ALT: () => {
          this.CONSUME(keyword.LOCK);
          this.CONSUME(keyword.IN);
          this.CONSUME(keyword.SHARE);
          this.CONSUME(keyword.MODE);
          return { strength: 'share', wait: 'block', tables: [] };
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword.FOR);
          const strength = this.OR2<LockClause['strength']>([
            { ALT: () => this.meaning(this.CONSUME(keyword.UPDATE), 'update') },
            { ALT: () => this.meaning(this.CONSUME2(keyword.SHARE), 'share') },
          ]);
          const tables = this.OPTION(() => {
            this.CONSUME(keyword.OF);
            const names = this.SUBRULE(this.tableNames);
            return this.ACTION(() => names.map((table) => table.name));
          });
          const wait = this.OPTION2(() => this.SUBRULE(this.lockWait)) ?? 'block';
          return { strength, wait, tables: tables ?? [] };
        },
      },
    ]);
  });

  /** What to do about a lock already held. */
  readonly lockWait: Rule<LockClause['wait']> = this.RULE('lockWait', () => {
    return this.OR<LockClause['wait']>([
      { ALT: () => this.meaning(this.CONSUME(keyword.NOWAIT), 'nowait') },
      {
        ALT: () => {
          this.CONSUME(keyword.SKIP);
          return this.meaning(this.CONSUME(keyword.LOCKED), 'skip-locked');
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword.WAIT);
          return { seconds: this.SUBRULE(this.integer) };
        },
      },
    ]);
  });

  /** WITH [RECURSIVE]. */
  readonly withClause: Rule<With> = this.RULE('withClause', () => {
    this.CONSUME(keyword.WITH);
    const recursive = this.OPTION(() => this.CONSUME(keyword.RECURSIVE)) !== undefined;
    const tables: CommonTableExpression[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        const name = this.SUBRULE(this.identifier);
        const columns = this.OPTION2(() => this.SUBRULE(this.identifierList)) ?? [];
        this.CONSUME(keyword.AS);
        tables.push({ name, columns, query: this.SUBRULE(this.subquery) });
      },
    });
    return { recursive, tables };
  });

  /** An integer or a parameter; pinned. */
  readonly limitNumber: Rule<Expression> = this.RULE('limitNumber', () => {
    return this.OR<Expression>([
      { ALT: () => this.pinned(() => this.SUBRULE(this.integerLiteral)) },
      { ALT: () => this.SUBRULE(this.parameter) },
    ]);
  });
}

const setOperation = {
  kind: 'set-operation',
  with: undefined,
  orderBy: [],
  limit: undefined,
} as const;

/** Whether a query can still be given ORDER BY, LIMIT and a lock clause. */
function isOpen(query: Query): boolean {
  if (query.orderBy.length > 0 || query.limit !== undefined) return false;
  return query.kind !== 'select' || query.lock === undefined;
}

/** Puts the clauses around a query into its (fresh) node; spreading would cost more. */
function withTail(
  body: Query,
  ctes: With | undefined,
  orderBy: OrderItem[] | undefined,
  limit: Limit | undefined,
  lock: LockClause | undefined,
): Query {
  const node: Mutable<Query> = body;
  if (ctes !== undefined) node.with = ctes;
  if (orderBy !== undefined) node.orderBy = orderBy;
  if (limit !== undefined) node.limit = limit;
  if (lock !== undefined && node.kind === 'select') node.lock = lock;
  return body;
}

/** Splits `A() B(x, y)` into `A()` and `B(x, y)`. */
function splitHints(comment: string): string[] {
  return comment.match(/\w+\s*(?:\((?:[^()]|\([^()]*\))*\))?/g) ?? [];
}
