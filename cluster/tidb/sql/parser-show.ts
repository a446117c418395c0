import type { Expression, Show, ShowSubject, TableName, VariableScope } from './ast.ts';
import { Identifier, keyword } from './keywords.ts';
import type { Rule } from './parser-base.ts';
import { SetParser } from './parser-set.ts';

type ShowHead = Pick<Show, 'subject' | 'table' | 'database'>;

/** SHOW, and DESC table, which is the same as SHOW COLUMNS. */
export abstract class ShowParser extends SetParser {
  /** SHOW. */
  readonly show: Rule<Show> = this.RULE('show', (): Show => {
    this.CONSUME(keyword.SHOW);
    const full = this.OPTION(() => this.CONSUME(keyword.FULL)) !== undefined;
    const scope = this.OPTION2(() => this.SUBRULE(this.scope));
    const head = this.OR<ShowHead>([
      { ALT: () => this.SUBRULE(this.showCreate) },
      { ALT: () => this.SUBRULE(this.showTables) },
      { ALT: () => this.SUBRULE(this.showColumns) },
      { ALT: () => this.SUBRULE(this.showIndex) },
      { ALT: () => this.SUBRULE(this.showRegions) },
      { ALT: () => headOf(this.SUBRULE(this.showList)) },
    ]);
    const { like, where } = this.SUBRULE(this.showFilter);
    return showOf(head, { full, scope, like, where });
  });

  /** CREATE TABLE t, CREATE DATABASE d. */
  readonly showCreate: Rule<ShowHead> = this.RULE('showCreate', (): ShowHead => {
    this.CONSUME(keyword.CREATE);
    return this.OR<ShowHead>([
      {
        ALT: () => {
          this.CONSUME(keyword.TABLE);
          return headOf('create-table', this.SUBRULE(this.tableName));
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword.DATABASE);
          return headOf('create-database', undefined, this.SUBRULE(this.identifier));
        },
      },
    ]);
  });

  /** TABLES [FROM d]. */
  readonly showTables: Rule<ShowHead> = this.RULE('showTables', (): ShowHead => {
    this.CONSUME(keyword.TABLES);
    return headOf(
      'tables',
      undefined,
      this.OPTION(() => this.SUBRULE(this.fromName)),
    );
  });

  /** COLUMNS FROM t [FROM d]. */
  readonly showColumns: Rule<ShowHead> = this.RULE('showColumns', (): ShowHead => {
    this.OR([
      { ALT: () => this.CONSUME(keyword.COLUMNS) },
      { ALT: () => this.CONSUME(keyword.FIELDS) },
    ]);
    return headOf('columns', this.SUBRULE(this.fromTable));
  });

  /** INDEX FROM t [FROM d]. */
  readonly showIndex: Rule<ShowHead> = this.RULE('showIndex', (): ShowHead => {
    this.OR([
      { ALT: () => this.CONSUME(keyword.INDEX) },
      { ALT: () => this.CONSUME(keyword.INDEXES) },
      { ALT: () => this.CONSUME(keyword.KEYS) },
    ]);
    return headOf('index', this.SUBRULE(this.fromTable));
  });

  /** TABLE t REGIONS. */
  readonly showRegions: Rule<ShowHead> = this.RULE('showRegions', (): ShowHead => {
    this.CONSUME(keyword.TABLE);
    const table = this.SUBRULE(this.tableName);
    this.CONSUME(keyword.REGIONS);
    return headOf('table-regions', table);
  });

  /** `FROM t [FROM d]`, where d wins over a schema of t. */
  readonly fromTable: Rule<TableName> = this.RULE('fromTable', (): TableName => {
    this.SUBRULE(this.fromOrIn);
    const table = this.SUBRULE(this.tableName);
    const schema = this.OPTION(() => this.SUBRULE(this.fromName)) ?? table.schema;
    return { schema, name: table.name };
  });

  /** `FROM d`. */
  readonly fromName: Rule<string> = this.RULE('fromName', () => {
    this.SUBRULE(this.fromOrIn);
    return this.SUBRULE(this.identifier);
  });

  /** FROM or IN. */
  readonly fromOrIn: Rule<void> = this.RULE('fromOrIn', () => {
    this.OR([{ ALT: () => this.CONSUME(keyword.FROM) }, { ALT: () => this.CONSUME(keyword.IN) }]);
  });

  /** Subjects without a name behind them. */
  readonly showList: Rule<ShowSubject> = this.RULE('showList', () => {
    return this.OR<ShowSubject>([
      { ALT: () => this.meaning(this.CONSUME(keyword.VARIABLES), 'variables') },
      { ALT: () => this.meaning(this.CONSUME(keyword.STATUS), 'status') },
      { ALT: () => this.meaning(this.CONSUME(keyword.WARNINGS), 'warnings') },
      { ALT: () => this.meaning(this.CONSUME(keyword.ERRORS), 'errors') },
      { ALT: () => this.meaning(this.CONSUME(keyword.DATABASES), 'databases') },
      { ALT: () => this.meaning(this.CONSUME(keyword.PROCESSLIST), 'processlist') },
      { ALT: () => this.meaning(this.CONSUME(keyword.ENGINES), 'engines') },
      { ALT: () => this.meaning(this.CONSUME(keyword.CHARSET), 'charset') },
      {
        ALT: () => {
          this.CONSUME(keyword.CHARACTER);
          return this.meaning(this.CONSUME(keyword.SET), 'charset');
        },
      },
      { ALT: () => this.meaning(this.CONSUME(keyword.COLLATION), 'collation') },
      { ALT: () => this.meaning(this.CONSUME(keyword.STATS_META), 'stats-meta') },
      { ALT: () => this.meaning(this.CONSUME(keyword.STATS_HEALTHY), 'stats-healthy') },
      { ALT: () => this.meaning(this.CONSUME(keyword.STATS_HISTOGRAMS), 'stats-histograms') },
      { ALT: () => this.meaning(this.CONSUME(keyword.STATS_BUCKETS), 'stats-buckets') },
      {
        ALT: () => {
          this.CONSUME(keyword.ANALYZE);
          return this.meaning(this.CONSUME2(keyword.STATUS), 'analyze-status');
        },
      },
    ]);
  });

  /** LIKE 'pattern', WHERE condition or nothing. */
  readonly showFilter: Rule<Pick<Show, 'like' | 'where'>> = this.RULE('showFilter', () => {
    const filter = this.OPTION(() =>
      this.OR<Pick<Show, 'like' | 'where'>>([
        {
          ALT: () => {
            this.CONSUME(keyword.LIKE);
            return { like: this.SUBRULE(this.quoted), where: undefined };
          },
        },
        { ALT: () => ({ like: undefined, where: this.SUBRULE(this.where) }) },
      ]),
    );
    return filter ?? { like: undefined, where: undefined };
  });

  /** Behind DESC: a table, and a column or pattern. */
  readonly describeTable: Rule<Show> = this.RULE('describeTable', (): Show => {
    const table = this.SUBRULE(this.tableName);
    const like = this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(Identifier).image },
        { ALT: () => this.SUBRULE(this.quoted) },
      ]),
    );
    const filter = { full: false, scope: undefined, like, where: undefined };
    return showOf(headOf('columns', table), filter);
  });
}

function headOf(subject: ShowSubject, table?: TableName, database?: string): ShowHead {
  return { subject, table, database };
}

interface ShowRest {
  readonly full: boolean;
  readonly scope: VariableScope | undefined;
  readonly like: string | undefined;
  readonly where: Expression | undefined;
}

function showOf(head: ShowHead, rest: ShowRest): Show {
  return { kind: 'show', ...head, ...rest };
}
