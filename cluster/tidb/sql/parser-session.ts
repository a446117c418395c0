import type {
  AdminCheckTable,
  AnalyzeTable,
  Begin,
  Deallocate,
  Execute,
  Explain,
  Expression,
  Flush,
  Kill,
  Prepare,
  SplitTable,
  Statement,
  Use,
} from './ast.ts';
import { keyword } from './keywords.ts';
import type { Rule } from './parser-base.ts';
import { ShowParser } from './parser-show.ts';
import { symbol, variable } from './tokens.ts';

/** Transactions, prepared statements, KILL, ADMIN, ANALYZE, SPLIT, FLUSH, EXPLAIN. */
export abstract class SessionParser extends ShowParser {
  /** USE. */
  readonly use: Rule<Use> = this.RULE('use', (): Use => {
    this.CONSUME(keyword.USE);
    return { kind: 'use', database: this.SUBRULE(this.identifier) };
  });

  /** BEGIN, START TRANSACTION. */
  readonly beginTransaction: Rule<Begin> = this.RULE('beginTransaction', (): Begin => {
    return this.OR<Begin>([
      {
        ALT: () => {
          this.CONSUME(keyword.BEGIN);
          this.OPTION(() => this.CONSUME(keyword.WORK));
          const mode = this.OPTION2(() =>
            this.OR2<Begin['mode']>([
              { ALT: () => this.meaning(this.CONSUME(keyword.PESSIMISTIC), 'pessimistic') },
              { ALT: () => this.meaning(this.CONSUME(keyword.OPTIMISTIC), 'optimistic') },
            ]),
          );
          return { ...plainBegin, mode };
        },
      },
      { ALT: () => this.SUBRULE(this.startTransaction) },
    ]);
  });

  /** START TRANSACTION [WITH CONSISTENT SNAPSHOT | READ WRITE | READ ONLY [AS OF …]]. */
  readonly startTransaction: Rule<Begin> = this.RULE('startTransaction', (): Begin => {
    this.CONSUME(keyword.START);
    this.CONSUME(keyword.TRANSACTION);
    const found = this.OPTION(() =>
      this.OR<Partial<Begin>>([
        {
          ALT: () => {
            this.CONSUME(keyword.WITH);
            this.CONSUME(keyword.CONSISTENT);
            return this.meaning(this.CONSUME(keyword.SNAPSHOT), { consistentSnapshot: true });
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.READ);
            return this.OR2<Partial<Begin>>([
              { ALT: () => this.meaning(this.CONSUME(keyword.WRITE), { readOnly: false }) },
              {
                ALT: () => {
                  this.CONSUME(keyword.ONLY);
                  return { readOnly: true, asOf: this.OPTION2(() => this.SUBRULE(this.asOf)) };
                },
              },
            ]);
          },
        },
      ]),
    );
    return { ...plainBegin, ...found };
  });

  /** COMMIT [WORK], ROLLBACK [WORK]. */
  readonly endTransaction: Rule<Statement> = this.RULE('endTransaction', () => {
    const node = this.OR<Statement>([
      { ALT: () => this.meaning(this.CONSUME(keyword.COMMIT), { kind: 'commit' }) },
      { ALT: () => this.meaning(this.CONSUME(keyword.ROLLBACK), { kind: 'rollback' }) },
    ]);
    this.OPTION(() => this.CONSUME(keyword.WORK));
    return node;
  });

  /** EXPLAIN, DESCRIBE and DESC of a statement or a table. */
  readonly explain: Rule<Statement> = this.RULE('explain', (): Statement => {
    this.OR([
      { ALT: () => this.CONSUME(keyword.EXPLAIN) },
      { ALT: () => this.CONSUME(keyword.DESCRIBE) },
      { ALT: () => this.CONSUME(keyword.DESC) },
    ]);
    return this.OR2<Statement>([
      {
        // FORMAT is also a name: `DESC format` asks for the columns of a table.
        GATE: () => !this.isAhead(1, keyword.FORMAT) || this.isAhead(2, symbol.equal),
        ALT: () => this.SUBRULE(this.explainStatement),
      },
      { ALT: () => this.SUBRULE(this.describeTable) },
    ]);
  });

  /** Behind EXPLAIN: `[ANALYZE] [FORMAT = x] statement`. */
  readonly explainStatement: Rule<Explain> = this.RULE('explainStatement', (): Explain => {
    const analyze = this.OPTION(() => this.CONSUME(keyword.ANALYZE)) !== undefined;
    const format = this.OPTION2(() => {
      this.CONSUME(keyword.FORMAT);
      this.CONSUME(symbol.equal);
      const name = this.SUBRULE(this.nameOrString);
      return this.ACTION(() => name.toLowerCase());
    });
    const statement = this.SUBRULE(this.dataStatement);
    return { kind: 'explain', analyze, format: format ?? 'row', statement };
  });

  /** What can be explained: a query or a change of rows. */
  readonly dataStatement: Rule<Statement> = this.RULE('dataStatement', () => {
    const ctes = this.OPTION(() => this.SUBRULE(this.withClause));
    return this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.queryBody, { ARGS: [ctes] }) },
      { GATE: () => ctes === undefined, ALT: () => this.SUBRULE(this.insert) },
      { ALT: () => this.SUBRULE(this.update, { ARGS: [ctes] }) },
      { ALT: () => this.SUBRULE(this.delete, { ARGS: [ctes] }) },
    ]);
  });

  /** PREPARE name FROM 'text' | @variable. */
  readonly prepare: Rule<Prepare> = this.RULE('prepare', (): Prepare => {
    this.CONSUME(keyword.PREPARE);
    const name = this.SUBRULE(this.identifier);
    this.CONSUME(keyword.FROM);
    const source = this.OR<Prepare['source']>([
      { ALT: () => ({ kind: 'text', text: this.SUBRULE(this.quoted) }) },
      { ALT: () => ({ kind: 'user-variable', name: this.SUBRULE(this.userVariableName) }) },
    ]);
    return { kind: 'prepare', name, source };
  });

  /** `@name`, as a name. */
  readonly userVariableName: Rule<string> = this.RULE('userVariableName', () => {
    return this.CONSUME(variable.user).image.toLowerCase();
  });

  /** EXECUTE name [USING @a, @b]. */
  readonly execute: Rule<Execute> = this.RULE('execute', (): Execute => {
    this.CONSUME(keyword.EXECUTE);
    const name = this.SUBRULE(this.identifier);
    const using: string[] = [];
    this.OPTION(() => {
      this.CONSUME(keyword.USING);
      this.AT_LEAST_ONE_SEP({
        SEP: symbol.comma,
        DEF: () => {
          using.push(this.SUBRULE(this.userVariableName));
        },
      });
    });
    return { kind: 'execute', name, using };
  });

  /** DEALLOCATE PREPARE name; DROP PREPARE is parsed with the other DROPs. */
  readonly deallocate: Rule<Deallocate> = this.RULE('deallocate', (): Deallocate => {
    this.CONSUME(keyword.DEALLOCATE);
    return this.SUBRULE(this.preparedName);
  });

  /** KILL [TIDB] [CONNECTION|QUERY] id. */
  readonly kill: Rule<Kill> = this.RULE('kill', (): Kill => {
    this.CONSUME(keyword.KILL);
    const tidb = this.OPTION(() => this.CONSUME(keyword.TIDB)) !== undefined;
    const target = this.OPTION2(() =>
      this.OR<Kill['target']>([
        { ALT: () => this.meaning(this.CONSUME(keyword.CONNECTION), 'connection') },
        { ALT: () => this.meaning(this.CONSUME(keyword.QUERY), 'query') },
      ]),
    );
    const connection = this.SUBRULE(this.expression);
    return { kind: 'kill', tidb, target: target ?? 'connection', connection };
  });

  /** ADMIN CHECK TABLE a, b. */
  readonly adminCheckTable: Rule<AdminCheckTable> = this.RULE(
    'adminCheckTable',
    (): AdminCheckTable => {
      this.CONSUME(keyword.ADMIN);
      this.CONSUME(keyword.CHECK);
      this.CONSUME(keyword.TABLE);
      return { kind: 'admin-check-table', tables: this.SUBRULE(this.tableNames) };
    },
  );

  /** ANALYZE TABLE a, b. */
  readonly analyzeTable: Rule<AnalyzeTable> = this.RULE('analyzeTable', (): AnalyzeTable => {
    this.CONSUME(keyword.ANALYZE);
    this.CONSUME(keyword.TABLE);
    return { kind: 'analyze-table', tables: this.SUBRULE(this.tableNames) };
  });

  /** SPLIT TABLE t [INDEX i] BETWEEN … | BY …. */
  readonly splitTable: Rule<SplitTable> = this.RULE('splitTable', (): SplitTable => {
    this.CONSUME(keyword.SPLIT);
    this.CONSUME(keyword.TABLE);
    const table = this.SUBRULE(this.tableName);
    const index = this.OPTION(() => {
      this.CONSUME(keyword.INDEX);
      return this.SUBRULE(this.indexName);
    });
    const split = this.OR<SplitTable['split']>([
      {
        ALT: () => {
          this.CONSUME(keyword.BETWEEN);
          const low = this.SUBRULE(this.tuple);
          this.CONSUME(keyword.AND);
          const high = this.SUBRULE2(this.tuple);
          this.CONSUME(keyword.REGIONS);
          return { by: 'range', low, high, regions: this.SUBRULE(this.integer) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword.BY);
          return { by: 'points', points: this.SUBRULE(this.rows) as Expression[][] };
        },
      },
    ]);
    return { kind: 'split-table', table, index, split };
  });

  /** FLUSH words. */
  readonly flush: Rule<Flush> = this.RULE('flush', (): Flush => {
    this.CONSUME(keyword.FLUSH);
    const words: string[] = [];
    this.AT_LEAST_ONE(() => {
      words.push(this.SUBRULE(this.identifier));
    });
    return { kind: 'flush', what: words.join(' ').toUpperCase() };
  });
}

const plainBegin: Begin = {
  kind: 'begin',
  mode: undefined,
  readOnly: false,
  consistentSnapshot: false,
  asOf: undefined,
};
