/** Statements about the session and the server, as text. */
import type {
  Begin,
  Expression,
  SetTransaction,
  Show,
  ShowSubject,
  SplitTable,
  VariableScope,
  VariableSetting,
} from './ast.ts';
import {
  restoreExpression,
  restoreName,
  restoreString,
  restoreVariable,
} from './restore-expression.ts';
import { type Restorer, restoreClause, restoreTableName } from './restore-query.ts';

/** BEGIN and START TRANSACTION. */
export function restoreBegin(restorer: Restorer, node: Begin): string {
  if (node.mode !== undefined) return `BEGIN ${node.mode.toUpperCase()}`;
  if (node.consistentSnapshot) return 'START TRANSACTION WITH CONSISTENT SNAPSHOT';
  if (!node.readOnly) return 'BEGIN';
  return `START TRANSACTION READ ONLY${restoreClause(restorer, 'AS OF TIMESTAMP', node.asOf)}`;
}

function scopeWord(scope: VariableScope | undefined): string {
  return scope === undefined ? '' : `${scope.toUpperCase()} `;
}

/** One assignment of SET. */
export function restoreSetting(restorer: Restorer, setting: VariableSetting): string {
  const value = restoreAssigned(restorer, setting.value);
  if (setting.target === 'user') return `${restoreVariable(setting.name)} = ${value}`;
  const scope = setting.scope === undefined ? '' : `${setting.scope}.`;
  return `@@${scope}${setting.name} = ${value}`;
}

/** ON is reserved, yet stands bare as the value of a variable. */
function restoreAssigned(restorer: Restorer, value: Expression): string {
  const bareOn = value.kind === 'column' && value.table === undefined && /^on$/i.test(value.name);
  return bareOn ? value.name : restoreExpression(restorer, value);
}

/** SET TRANSACTION. */
export function restoreSetTransaction(node: SetTransaction): string {
  const parts: string[] = [];
  if (node.isolation !== undefined) {
    parts.push(`ISOLATION LEVEL ${node.isolation.replace('-', ' ')}`);
  }
  if (node.readOnly !== undefined) parts.push(node.readOnly ? 'READ ONLY' : 'READ WRITE');
  return `SET ${scopeWord(node.scope)}TRANSACTION ${parts.join(', ')}`;
}

const showWords: Readonly<Record<ShowSubject, string>> = {
  variables: 'VARIABLES',
  status: 'STATUS',
  warnings: 'WARNINGS',
  errors: 'ERRORS',
  tables: 'TABLES',
  databases: 'DATABASES',
  'create-table': 'CREATE TABLE',
  'create-database': 'CREATE DATABASE',
  processlist: 'PROCESSLIST',
  index: 'INDEX',
  columns: 'COLUMNS',
  engines: 'ENGINES',
  charset: 'CHARSET',
  collation: 'COLLATION',
  'table-regions': 'TABLE',
  'stats-meta': 'STATS_META',
  'stats-healthy': 'STATS_HEALTHY',
  'stats-histograms': 'STATS_HISTOGRAMS',
  'stats-buckets': 'STATS_BUCKETS',
  'analyze-status': 'ANALYZE STATUS',
};

/** SHOW. */
export function restoreShow(restorer: Restorer, node: Show): string {
  const head = `SHOW ${node.full ? 'FULL ' : ''}${scopeWord(node.scope)}${showWords[node.subject]}`;
  const like = node.like === undefined ? '' : ` LIKE ${restoreString(node.like)}`;
  return head + showName(node) + like + restoreClause(restorer, 'WHERE', node.where);
}

function showName(node: Show): string {
  const table = node.table === undefined ? '' : restoreTableName(node.table);
  switch (node.subject) {
    case 'create-table':
      return ` ${table}`;
    case 'create-database':
      return ` ${restoreName(node.database ?? '')}`;
    case 'table-regions':
      return ` ${table} REGIONS`;
    case 'columns':
    case 'index':
      return ` FROM ${table}`;
    case 'tables':
      return node.database === undefined ? '' : ` FROM ${restoreName(node.database)}`;
    default:
      return '';
  }
}

/** SPLIT TABLE. */
export function restoreSplit(restorer: Restorer, node: SplitTable): string {
  const row = (values: readonly Expression[]): string =>
    `(${values.map((value) => restoreExpression(restorer, value)).join(', ')})`;
  const index = node.index === undefined ? '' : ` INDEX ${restoreName(node.index)}`;
  const head = `SPLIT TABLE ${restoreTableName(node.table)}${index}`;
  const { split } = node;
  return split.by === 'points'
    ? `${head} BY ${split.points.map(row).join(', ')}`
    : `${head} BETWEEN ${row(split.low)} AND ${row(split.high)} REGIONS ${split.regions}`;
}
