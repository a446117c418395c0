/**
 * Syntax trees back to text ("restore" is TiDB's word for it). Used wherever a statement is shown,
 * and by the tests: what is restored must parse to the same tree again.
 */
import type {
  Assignment,
  Delete,
  Expression,
  Insert,
  Statement,
  Update,
  WindowSpecification,
} from './ast.ts';
import {
  restoreChange,
  restoreCreateTable,
  restoreIndexParts,
  restoreOptions,
} from './restore-ddl.ts';
import {
  restoreExpression as restoreExpressionWith,
  restoreName,
  restoreString,
  restoreVariable,
  restoreWindow,
} from './restore-expression.ts';
import {
  createRestorer,
  type Restorer,
  restoreClause,
  restoreHints,
  restoreNames,
  restoreTableName,
  restoreTables,
  restoreTail,
  restoreWith,
} from './restore-query.ts';
import {
  restoreBegin,
  restoreSetTransaction,
  restoreSetting,
  restoreShow,
  restoreSplit,
} from './restore-session.ts';

/** How to print. */
export interface RestoreOptions {
  /** One pair of parentheses around every operator; off by default. */
  readonly parenthesise?: boolean;
}

/** The canonical text of a statement. */
export function restore(statement: Statement, options: RestoreOptions = {}): string {
  return restoreStatement(createRestorer(options.parenthesise ?? false), statement);
}

/** The canonical text of an expression. */
export function restoreExpression(expression: Expression, options: RestoreOptions = {}): string {
  return restoreExpressionWith(createRestorer(options.parenthesise ?? false), expression);
}

/** The canonical text of a window. */
export function restoreSpecification(window: WindowSpecification): string {
  return restoreWindow(createRestorer(false), window);
}

type Change = Insert | Update | Delete;
type Definition = Extract<
  Statement,
  { kind: `create-${string}` | `drop-${string}` | 'alter-table' | 'truncate-table' }
>;

function restoreStatement(restorer: Restorer, node: Statement): string {
  switch (node.kind) {
    case 'select':
    case 'set-operation':
      return restorer.query(node);
    case 'insert':
    case 'update':
    case 'delete':
      return restoreRows(restorer, node);
    case 'explain': {
      const words = node.analyze ? 'EXPLAIN ANALYZE' : 'EXPLAIN';
      const format = node.format === 'row' ? '' : ` FORMAT = ${restoreString(node.format)}`;
      return `${words}${format} ${restoreStatement(restorer, node.statement)}`;
    }
    case 'create-table':
    case 'create-index':
    case 'create-database':
    case 'drop-table':
    case 'drop-index':
    case 'drop-database':
    case 'alter-table':
    case 'truncate-table':
      return restoreDefinition(restorer, node);
    default:
      return restoreCommand(restorer, node);
  }
}

function restoreRows(restorer: Restorer, node: Change): string {
  switch (node.kind) {
    case 'insert':
      return restoreInsert(restorer, node);
    case 'update':
      return (
        `${restoreWith(restorer, node.with)}UPDATE${restoreHints(node.hints)}` +
        `${node.ignore ? ' IGNORE' : ''} ${restoreTables(restorer, node.from)} SET ` +
        restoreAssignments(restorer, node.assignments) +
        restoreClause(restorer, 'WHERE', node.where) +
        restoreTail(restorer, node)
      );
    case 'delete': {
      const targets = node.targets.map(restoreTableName).join(', ');
      return (
        `${restoreWith(restorer, node.with)}DELETE${restoreHints(node.hints)}` +
        `${node.ignore ? ' IGNORE' : ''}${targets === '' ? '' : ` ${targets}`} FROM ` +
        restoreTables(restorer, node.from) +
        restoreClause(restorer, 'WHERE', node.where) +
        restoreTail(restorer, node)
      );
    }
  }
}

function restoreInsert(restorer: Restorer, node: Insert): string {
  const source =
    node.source.kind === 'query'
      ? restorer.query(node.source.query)
      : `VALUES ${node.source.rows.map((row) => restoreRow(restorer, row)).join(', ')}`;
  const update =
    node.onDuplicate.length === 0
      ? ''
      : ` ON DUPLICATE KEY UPDATE ${restoreAssignments(restorer, node.onDuplicate)}`;
  return (
    (node.replace ? 'REPLACE' : 'INSERT') +
    restoreHints(node.hints) +
    (node.ignore ? ' IGNORE' : '') +
    ` INTO ${restoreTableName(node.table)}${restoreNames(node.columns)} ${source}${update}`
  );
}

function restoreRow(restorer: Restorer, row: readonly Expression[]): string {
  return `(${row.map((value) => restoreExpressionWith(restorer, value)).join(', ')})`;
}

function restoreAssignments(restorer: Restorer, assignments: readonly Assignment[]): string {
  return assignments
    .map(({ column, value }) => {
      const target = restoreExpressionWith(restorer, column);
      return `${target} = ${restoreExpressionWith(restorer, value)}`;
    })
    .join(', ');
}

function restoreDefinition(restorer: Restorer, node: Definition): string {
  const unless = 'ifNotExists' in node && node.ifNotExists ? 'IF NOT EXISTS ' : '';
  const when = 'ifExists' in node && node.ifExists ? 'IF EXISTS ' : '';
  switch (node.kind) {
    case 'create-table':
      return restoreCreateTable(restorer, node);
    case 'create-index': {
      const unique = node.index.type === 'unique' ? 'UNIQUE ' : '';
      const name = restoreName(node.index.name ?? '');
      const table = restoreTableName(node.table);
      return `CREATE ${unique}INDEX ${unless}${name} ON ${table}${restoreIndexParts(node.index)}`;
    }
    case 'create-database':
      return `CREATE DATABASE ${unless}${restoreName(node.name)}${restoreOptions(node.options)}`;
    case 'drop-table':
      return `DROP TABLE ${when}${node.tables.map(restoreTableName).join(', ')}`;
    case 'drop-index':
      return `DROP INDEX ${when}${restoreName(node.name)} ON ${restoreTableName(node.table)}`;
    case 'drop-database':
      return `DROP DATABASE ${when}${restoreName(node.name)}`;
    case 'truncate-table':
      return `TRUNCATE TABLE ${restoreTableName(node.table)}`;
    case 'alter-table': {
      const changes = node.changes.map((change) => restoreChange(restorer, change));
      return `ALTER TABLE ${restoreTableName(node.table)} ${changes.join(', ')}`;
    }
  }
}

type Command = Exclude<
  Statement,
  Definition | Change | { kind: 'select' | 'set-operation' | 'explain' }
>;

function restoreCommand(restorer: Restorer, node: Command): string {
  switch (node.kind) {
    case 'use':
      return `USE ${restoreName(node.database)}`;
    case 'begin':
      return restoreBegin(restorer, node);
    case 'commit':
    case 'rollback':
      return node.kind.toUpperCase();
    case 'set-variables':
      return `SET ${node.settings.map((one) => restoreSetting(restorer, one)).join(', ')}`;
    case 'set-names': {
      const charset = node.charset === undefined ? 'DEFAULT' : restoreString(node.charset);
      const collation =
        node.collation === undefined ? '' : ` COLLATE ${restoreString(node.collation)}`;
      return `SET NAMES ${charset}${collation}`;
    }
    case 'set-transaction':
      return restoreSetTransaction(node);
    case 'show':
      return restoreShow(restorer, node);
    case 'prepare': {
      const { source } = node;
      const from =
        source.kind === 'text' ? restoreString(source.text) : restoreVariable(source.name);
      return `PREPARE ${restoreName(node.name)} FROM ${from}`;
    }
    case 'execute': {
      const using =
        node.using.length === 0 ? '' : ` USING ${node.using.map(restoreVariable).join(', ')}`;
      return `EXECUTE ${restoreName(node.name)}${using}`;
    }
    case 'deallocate':
      return `DEALLOCATE PREPARE ${restoreName(node.name)}`;
    case 'kill': {
      const words = `KILL${node.tidb ? ' TIDB' : ''} ${node.target.toUpperCase()}`;
      return `${words} ${restoreExpressionWith(restorer, node.connection)}`;
    }
    case 'admin-check-table':
      return `ADMIN CHECK TABLE ${node.tables.map(restoreTableName).join(', ')}`;
    case 'analyze-table':
      return `ANALYZE TABLE ${node.tables.map(restoreTableName).join(', ')}`;
    case 'split-table':
      return restoreSplit(restorer, node);
    case 'flush':
      return `FLUSH ${node.what}`;
  }
}
