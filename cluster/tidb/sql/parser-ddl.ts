import type {
  AlterTable,
  ColumnDefinition,
  ColumnPosition,
  CreateDatabase,
  CreateIndex,
  CreateTable,
  Deallocate,
  DropDatabase,
  DropIndex,
  DropTable,
  IndexDefinition,
  Statement,
  TableChange,
  TruncateTable,
} from './ast.ts';
import { keyword } from './keywords.ts';
import type { Rule } from './parser-base.ts';
import { ColumnParser } from './parser-column.ts';
import { symbol } from './tokens.ts';

/** CREATE, DROP, ALTER, TRUNCATE. */
export abstract class DdlParser extends ColumnParser {
  /** CREATE TABLE, INDEX, DATABASE. */
  readonly create: Rule<Statement> = this.RULE('create', () => {
    this.CONSUME(keyword.CREATE);
    return this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.createTable) },
      { ALT: () => this.SUBRULE(this.createIndex) },
      { ALT: () => this.SUBRULE(this.createDatabase) },
    ]);
  });

  /** IF NOT EXISTS. */
  readonly ifNotExists: Rule<boolean> = this.RULE('ifNotExists', () => {
    const word = this.OPTION(() => {
      this.CONSUME(keyword.IF);
      this.CONSUME(keyword.NOT);
      return this.CONSUME(keyword.EXISTS);
    });
    return word !== undefined;
  });

  /** IF EXISTS. */
  readonly ifExists: Rule<boolean> = this.RULE('ifExists', () => {
    const word = this.OPTION(() => {
      this.CONSUME(keyword.IF);
      return this.CONSUME(keyword.EXISTS);
    });
    return word !== undefined;
  });

  /** Behind CREATE: `[TEMPORARY] TABLE …`. */
  readonly createTable: Rule<CreateTable> = this.RULE('createTable', (): CreateTable => {
    const temporary = this.OPTION(() => this.CONSUME(keyword.TEMPORARY)) !== undefined;
    this.CONSUME(keyword.TABLE);
    const ifNotExists = this.SUBRULE(this.ifNotExists);
    const table = this.SUBRULE(this.tableName);
    const head = { kind: 'create-table', table, ifNotExists, temporary } as const;
    return this.OR<CreateTable>([
      {
        ALT: () => {
          this.CONSUME(keyword.LIKE);
          const like = this.SUBRULE2(this.tableName);
          return { ...head, columns: [], indexes: [], options: [], like };
        },
      },
      {
        ALT: () => {
          const { columns, indexes } = this.SUBRULE(this.tableElements);
          const options = this.SUBRULE(this.definitionOptions);
          return { ...head, columns, indexes, options, like: undefined };
        },
      },
    ]);
  });

  /** `(columns and keys)`. */
  readonly tableElements: Rule<{ columns: ColumnDefinition[]; indexes: IndexDefinition[] }> =
    this.RULE('tableElements', () => {
      const columns: ColumnDefinition[] = [];
      const indexes: IndexDefinition[] = [];
      this.CONSUME(symbol.leftParenthesis);
      this.AT_LEAST_ONE_SEP({
        SEP: symbol.comma,
        DEF: () => {
          this.OR([
            { ALT: () => columns.push(this.SUBRULE(this.columnDefinition)) },
            { ALT: () => indexes.push(this.SUBRULE(this.indexDefinition)) },
          ]);
        },
      });
      this.CONSUME(symbol.rightParenthesis);
      return { columns, indexes };
    });

  /** Behind CREATE: `[UNIQUE] INDEX name ON t (…)`. */
  readonly createIndex: Rule<CreateIndex> = this.RULE('createIndex', (): CreateIndex => {
    const unique = this.OPTION(() => this.CONSUME(keyword.UNIQUE)) !== undefined;
    this.CONSUME(keyword.INDEX);
    const ifNotExists = this.SUBRULE(this.ifNotExists);
    const name = this.SUBRULE(this.identifier);
    this.CONSUME(keyword.ON);
    const table = this.SUBRULE(this.tableName);
    const parts = this.SUBRULE(this.indexParts);
    const options = this.SUBRULE(this.indexOptions);
    const type = unique ? 'unique' : 'index';
    return { kind: 'create-index', ifNotExists, table, index: { type, name, parts, ...options } };
  });

  /** Behind CREATE: `DATABASE name`. */
  readonly createDatabase: Rule<CreateDatabase> = this.RULE(
    'createDatabase',
    (): CreateDatabase => {
      this.CONSUME(keyword.DATABASE);
      const ifNotExists = this.SUBRULE(this.ifNotExists);
      const name = this.SUBRULE(this.identifier);
      const options = this.SUBRULE(this.definitionOptions);
      return { kind: 'create-database', ifNotExists, name, options };
    },
  );

  /** DROP TABLE, INDEX, DATABASE, PREPARE. */
  readonly drop: Rule<Statement> = this.RULE('drop', () => {
    this.CONSUME(keyword.DROP);
    return this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.dropTable) },
      { ALT: () => this.SUBRULE(this.dropIndex) },
      { ALT: () => this.SUBRULE(this.dropDatabase) },
      { ALT: () => this.SUBRULE(this.preparedName) },
    ]);
  });

  /** Behind DROP: `TABLE a, b`; RESTRICT and CASCADE change nothing. */
  readonly dropTable: Rule<DropTable> = this.RULE('dropTable', (): DropTable => {
    this.OPTION(() => this.CONSUME(keyword.TEMPORARY));
    this.CONSUME(keyword.TABLE);
    const ifExists = this.SUBRULE(this.ifExists);
    const tables = this.SUBRULE(this.tableNames);
    this.OPTION2(() =>
      this.OR([
        { ALT: () => this.CONSUME(keyword.RESTRICT) },
        { ALT: () => this.CONSUME(keyword.CASCADE) },
      ]),
    );
    return { kind: 'drop-table', ifExists, tables };
  });

  /** Behind DROP: `INDEX name ON t`. */
  readonly dropIndex: Rule<DropIndex> = this.RULE('dropIndex', (): DropIndex => {
    this.CONSUME(keyword.INDEX);
    const ifExists = this.SUBRULE(this.ifExists);
    const name = this.SUBRULE(this.indexName);
    this.CONSUME(keyword.ON);
    return { kind: 'drop-index', ifExists, table: this.SUBRULE(this.tableName), name };
  });

  /** Behind DROP or DEALLOCATE: `PREPARE name`. */
  readonly preparedName: Rule<Deallocate> = this.RULE('preparedName', (): Deallocate => {
    this.CONSUME(keyword.PREPARE);
    return { kind: 'deallocate', name: this.SUBRULE(this.identifier) };
  });

  /** Behind DROP: `DATABASE name`. */
  readonly dropDatabase: Rule<DropDatabase> = this.RULE('dropDatabase', (): DropDatabase => {
    this.CONSUME(keyword.DATABASE);
    const ifExists = this.SUBRULE(this.ifExists);
    return { kind: 'drop-database', ifExists, name: this.SUBRULE(this.identifier) };
  });

  /** TRUNCATE [TABLE] t. */
  readonly truncate: Rule<TruncateTable> = this.RULE('truncate', (): TruncateTable => {
    this.CONSUME(keyword.TRUNCATE);
    this.OPTION(() => this.CONSUME(keyword.TABLE));
    return { kind: 'truncate-table', table: this.SUBRULE(this.tableName) };
  });

  /** ALTER TABLE t change, change. */
  readonly alterTable: Rule<AlterTable> = this.RULE('alterTable', (): AlterTable => {
    this.CONSUME(keyword.ALTER);
    this.CONSUME(keyword.TABLE);
    const table = this.SUBRULE(this.tableName);
    const changes: TableChange[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        changes.push(this.SUBRULE(this.tableChange));
      },
    });
    return { kind: 'alter-table', table, changes };
  });

  /** One change of ALTER TABLE. */
  readonly tableChange: Rule<TableChange> = this.RULE('tableChange', (): TableChange => {
    return this.OR<TableChange>({
      // MODIFY is also a name, so `option` could take it: the column change is meant.
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.addChange) },
        { ALT: () => this.SUBRULE(this.dropChange) },
        { ALT: () => this.SUBRULE(this.columnChange) },
        {
          ALT: () => {
            this.CONSUME(keyword.RENAME);
            this.OPTION(() =>
              this.OR2([
                { ALT: () => this.CONSUME(keyword.TO) },
                { ALT: () => this.CONSUME(keyword.AS) },
              ]),
            );
            return { change: 'rename-table', to: this.SUBRULE(this.tableName) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.SET);
            this.CONSUME(keyword.TIFLASH);
            this.CONSUME(keyword.REPLICA);
            return { change: 'set-tiflash-replica', count: this.SUBRULE(this.integer) };
          },
        },
        { ALT: () => ({ change: 'set-option', option: this.SUBRULE(this.definitionOption) }) },
      ],
    });
  });

  /** ADD [COLUMN] … and ADD key. */
  readonly addChange: Rule<TableChange> = this.RULE('addChange', (): TableChange => {
    this.CONSUME(keyword.ADD);
    return this.OR<TableChange>([
      { ALT: () => ({ change: 'add-index', index: this.SUBRULE(this.indexDefinition) }) },
      {
        ALT: () => {
          this.OPTION(() => this.CONSUME(keyword.COLUMN));
          const column = this.SUBRULE(this.columnDefinition);
          return { change: 'add-column', column, position: this.SUBRULE(this.columnPosition) };
        },
      },
    ]);
  });

  /** FIRST, AFTER column or nothing. */
  readonly columnPosition: Rule<ColumnPosition> = this.RULE(
    'columnPosition',
    (): ColumnPosition => {
      const position = this.OPTION(() =>
        this.OR<ColumnPosition>([
          { ALT: () => this.meaning(this.CONSUME(keyword.FIRST), { place: 'first' }) },
          {
            ALT: () => {
              this.CONSUME(keyword.AFTER);
              return { place: 'after', column: this.SUBRULE(this.identifier) };
            },
          },
        ]),
      );
      return position ?? { place: 'last' };
    },
  );

  /** DROP [COLUMN] a, DROP INDEX i, DROP PRIMARY KEY. */
  readonly dropChange: Rule<TableChange> = this.RULE('dropChange', (): TableChange => {
    this.CONSUME(keyword.DROP);
    return this.OR<TableChange>([
      {
        ALT: () => {
          this.CONSUME(keyword.PRIMARY);
          return this.meaning(this.CONSUME(keyword.KEY), { change: 'drop-primary-key' });
        },
      },
      {
        ALT: () => {
          this.SUBRULE(this.keyOrIndex);
          return { change: 'drop-index', name: this.SUBRULE(this.identifier) };
        },
      },
      {
        ALT: () => {
          this.OPTION(() => this.CONSUME(keyword.COLUMN));
          return { change: 'drop-column', name: this.SUBRULE2(this.identifier) };
        },
      },
    ]);
  });

  /** MODIFY [COLUMN] definition, CHANGE [COLUMN] name definition. */
  readonly columnChange: Rule<TableChange> = this.RULE('columnChange', (): TableChange => {
    const from = this.OR<string | undefined>([
      {
        ALT: () => {
          this.CONSUME(keyword.MODIFY);
          this.OPTION(() => this.CONSUME(keyword.COLUMN));
          return undefined;
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword.CHANGE);
          this.OPTION2(() => this.CONSUME2(keyword.COLUMN));
          return this.SUBRULE(this.identifier);
        },
      },
    ]);
    const column = this.SUBRULE(this.columnDefinition);
    return { change: 'modify-column', from: from ?? column.name, column };
  });
}
