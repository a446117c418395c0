import type {
  Assignment,
  Delete,
  Expression,
  Insert,
  InsertSource,
  TableName,
  TableReference,
  Update,
  With,
} from './ast.ts';
import { keyword } from './keywords.ts';
import type { Rule } from './parser-base.ts';
import { QueryParser } from './parser-query.ts';
import { symbol } from './tokens.ts';

/** INSERT, REPLACE, UPDATE, DELETE. */
export abstract class DmlParser extends QueryParser {
  /** INSERT and REPLACE in all three forms: VALUES, SELECT, SET. */
  readonly insert: Rule<Insert> = this.RULE('insert', (): Insert => {
    const replace = this.OR([
      { ALT: () => this.meaning(this.CONSUME(keyword.INSERT), false) },
      { ALT: () => this.meaning(this.CONSUME(keyword.REPLACE), true) },
    ]);
    const hints = this.SUBRULE(this.hints);
    const ignore = this.SUBRULE(this.priorityAndIgnore);
    this.OPTION(() => this.CONSUME(keyword.INTO));
    const table = this.SUBRULE(this.tableName);
    const columns = this.OPTION2({
      GATE: () => !this.isQueryAhead() && !this.isAhead(2, symbol.leftParenthesis),
      DEF: () => this.SUBRULE(this.insertColumns),
    });
    const { set, source } = this.SUBRULE(this.insertSource);
    const onDuplicate = this.OPTION3(() => this.SUBRULE(this.onDuplicate)) ?? [];
    const named = columns ?? set;
    return { kind: 'insert', replace, ignore, hints, table, columns: named, source, onDuplicate };
  });

  /** LOW_PRIORITY, HIGH_PRIORITY, DELAYED, which change nothing, and IGNORE, which does. */
  readonly priorityAndIgnore: Rule<boolean> = this.RULE('priorityAndIgnore', () => {
    this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(keyword.LOW_PRIORITY) },
        { ALT: () => this.CONSUME(keyword.HIGH_PRIORITY) },
        { ALT: () => this.CONSUME(keyword.DELAYED) },
      ]),
    );
    return this.OPTION2(() => this.CONSUME(keyword.IGNORE)) !== undefined;
  });

  /** `(a, b)`, possibly empty. */
  readonly insertColumns: Rule<string[]> = this.RULE('insertColumns', () => {
    const columns: string[] = [];
    this.CONSUME(symbol.leftParenthesis);
    this.MANY_SEP({
      SEP: symbol.comma,
      DEF: () => {
        columns.push(this.SUBRULE(this.columnReference).name);
      },
    });
    this.CONSUME(symbol.rightParenthesis);
    return columns;
  });

  /** The rows; for `SET a = 1` also the columns. */
  readonly insertSource: Rule<{ set: string[]; source: InsertSource }> = this.RULE(
    'insertSource',
    (): { set: string[]; source: InsertSource } => {
      return this.OR<{ set: string[]; source: InsertSource }>([
        {
          ALT: () => {
            this.OR2([
              { ALT: () => this.CONSUME(keyword.VALUES) },
              { ALT: () => this.CONSUME(keyword.VALUE) },
            ]);
            return { set: [], source: { kind: 'values', rows: this.SUBRULE(this.rows) } };
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.SET);
            const assignments = this.SUBRULE(this.assignments);
            return this.ACTION(() => ({
              set: assignments.map(({ column }) => column.name),
              source: { kind: 'values', rows: [assignments.map(({ value }) => value)] },
            }));
          },
        },
        { ALT: () => ({ set: [], source: { kind: 'query', query: this.SUBRULE(this.query) } }) },
      ]);
    },
  );

  /** `(1, 2), (3, 4)`. */
  readonly rows: Rule<Expression[][]> = this.RULE('rows', () => {
    const rows: Expression[][] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        rows.push(this.SUBRULE(this.tuple));
      },
    });
    return rows;
  });

  /** ON DUPLICATE KEY UPDATE. */
  readonly onDuplicate: Rule<Assignment[]> = this.RULE('onDuplicate', () => {
    this.CONSUME(keyword.ON);
    this.CONSUME(keyword.DUPLICATE);
    this.CONSUME(keyword.KEY);
    this.CONSUME(keyword.UPDATE);
    return this.SUBRULE(this.assignments);
  });

  /** `a = 1, t.b = 2`. */
  readonly assignments: Rule<Assignment[]> = this.RULE('assignments', () => {
    const list: Assignment[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        const column = this.SUBRULE(this.columnReference);
        this.OR([
          { ALT: () => this.CONSUME(symbol.equal) },
          { ALT: () => this.CONSUME(symbol.assign) },
        ]);
        list.push({ column, value: this.SUBRULE(this.expression) });
      },
    });
    return list;
  });

  /** UPDATE of one table or several. */
  readonly update: Rule<Update, [ctes: With | undefined]> = this.RULE(
    'update',
    (ctes: With | undefined): Update => {
      this.CONSUME(keyword.UPDATE);
      const hints = this.SUBRULE(this.hints);
      const ignore = this.SUBRULE(this.priorityAndIgnore);
      const from = this.SUBRULE(this.tableReferences);
      this.CONSUME(keyword.SET);
      const assignments = this.SUBRULE(this.assignments);
      const where = this.OPTION(() => this.SUBRULE(this.where));
      const orderBy = this.OPTION3(() => this.SUBRULE(this.orderBy)) ?? [];
      const limit = this.OPTION4(() => this.SUBRULE(this.limit));
      return {
        kind: 'update',
        with: ctes,
        ignore,
        hints,
        from,
        assignments,
        where,
        orderBy,
        limit,
      };
    },
  );

  /** DELETE FROM t, DELETE a, b FROM …, DELETE FROM a, b USING …. */
  readonly delete: Rule<Delete, [ctes: With | undefined]> = this.RULE(
    'delete',
    (ctes: With | undefined): Delete => {
      this.CONSUME(keyword.DELETE);
      const hints = this.SUBRULE(this.hints);
      const ignore = this.SUBRULE(this.priorityAndIgnore);
      const { targets, from } = this.OR([
        { ALT: () => this.SUBRULE(this.deleteFrom) },
        { ALT: () => this.SUBRULE(this.deleteTargets) },
      ]);
      const where = this.OPTION(() => this.SUBRULE(this.where));
      const orderBy = this.OPTION3(() => this.SUBRULE(this.orderBy)) ?? [];
      const limit = this.OPTION4(() => this.SUBRULE(this.limit));
      return {
        kind: 'delete',
        with: ctes,
        ignore,
        hints,
        targets,
        from,
        where,
        orderBy,
        limit,
      };
    },
  );

  /** `FROM t`, or `FROM a, b USING references`. */
  readonly deleteFrom: Rule<DeleteTables> = this.RULE('deleteFrom', () => {
    this.CONSUME(keyword.FROM);
    const first = this.SUBRULE(this.tableReferences);
    const references = this.OPTION(() => {
      this.CONSUME(keyword.USING);
      return this.SUBRULE2(this.tableReferences);
    });
    return references === undefined
      ? { targets: [], from: first }
      : { targets: this.ACTION(() => tablesOf(first)), from: references };
  });

  /** `a, b.* FROM references`. */
  readonly deleteTargets: Rule<DeleteTables> = this.RULE('deleteTargets', () => {
    const targets: TableName[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        targets.push(this.SUBRULE(this.tableName));
        this.OPTION(() => {
          this.CONSUME(symbol.dot);
          this.CONSUME(symbol.star);
        });
      },
    });
    this.CONSUME(keyword.FROM);
    return { targets, from: this.SUBRULE(this.tableReferences) };
  });
}

interface DeleteTables {
  readonly targets: TableName[];
  readonly from: TableReference;
}

function tablesOf(reference: TableReference): TableName[] {
  if (reference.kind === 'table') return [reference.table];
  if (reference.kind === 'derived') return [];
  return [...tablesOf(reference.left), ...tablesOf(reference.right)];
}
