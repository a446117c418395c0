/** Queries and the clauses they share with UPDATE and DELETE, as text. */
import type {
  Expression,
  Limit,
  LockClause,
  OrderItem,
  Query,
  Select,
  SelectItem,
  TableName,
  TableReference,
  With,
} from './ast.ts';
import {
  restoreExpression,
  restoreName,
  restoreOrderItems,
  restoreWindow,
} from './restore-expression.ts';

/** How to print; expressions and queries contain each other, so both travel together. */
export interface Restorer {
  /** One pair of parentheses around every operator. */
  readonly parenthesise: boolean;
  /** Prints a query. */
  readonly query: (query: Query) => string;
}

/** A restorer with or without full parentheses. */
export function createRestorer(parenthesise: boolean): Restorer {
  const restorer: Restorer = { parenthesise, query: (query) => restoreQuery(restorer, query) };
  return restorer;
}

/** SELECT and set operations; the operands of the latter in parentheses. */
export function restoreQuery(restorer: Restorer, query: Query): string {
  const body =
    query.kind === 'select'
      ? restoreSelect(restorer, query)
      : `(${restorer.query(query.left)}) ${query.operator}${query.all ? ' ALL' : ''} ` +
        `(${restorer.query(query.right)})`;
  const lock = query.kind === 'select' ? restoreLock(query.lock) : '';
  return restoreWith(restorer, query.with) + body + restoreTail(restorer, query) + lock;
}

/** `WITH … ` or nothing. */
export function restoreWith(restorer: Restorer, clause: With | undefined): string {
  if (clause === undefined) return '';
  const tables = clause.tables.map(
    ({ name, columns, query }) =>
      `${restoreName(name)}${restoreNames(columns)} AS (${restorer.query(query)})`,
  );
  return `WITH ${clause.recursive ? 'RECURSIVE ' : ''}${tables.join(', ')} `;
}

/** ` ORDER BY … LIMIT …` or nothing. */
export function restoreTail(
  restorer: Restorer,
  tail: { readonly orderBy: readonly OrderItem[]; readonly limit: Limit | undefined },
): string {
  return (
    restoreOrderItems(restorer, ' ORDER BY ', tail.orderBy) + restoreLimit(restorer, tail.limit)
  );
}

function restoreLimit(restorer: Restorer, limit: Limit | undefined): string {
  if (limit === undefined) return '';
  const offset =
    limit.offset === undefined ? '' : ` OFFSET ${restoreExpression(restorer, limit.offset)}`;
  return ` LIMIT ${restoreExpression(restorer, limit.count)}${offset}`;
}

function restoreLock(lock: LockClause | undefined): string {
  if (lock === undefined) return '';
  const tables = lock.tables.length === 0 ? '' : ` OF ${lock.tables.map(restoreName).join(', ')}`;
  return ` FOR ${lock.strength === 'update' ? 'UPDATE' : 'SHARE'}${tables}${waitOf(lock.wait)}`;
}

function waitOf(wait: LockClause['wait']): string {
  if (typeof wait === 'object') return ` WAIT ${wait.seconds}`;
  if (wait === 'block') return '';
  return wait === 'nowait' ? ' NOWAIT' : ' SKIP LOCKED';
}

/** The hint comment with a blank in front, or nothing. */
export function restoreHints(hints: readonly string[]): string {
  return hints.length === 0 ? '' : ` /*+ ${hints.join(' ')} */`;
}

/** ` WHERE …` under that word, or nothing. */
export function restoreClause(
  restorer: Restorer,
  word: string,
  condition: Expression | undefined,
): string {
  return condition === undefined ? '' : ` ${word} ${restoreExpression(restorer, condition)}`;
}

function restoreSelect(restorer: Restorer, select: Select): string {
  const from = select.from === undefined ? '' : ` FROM ${restoreTables(restorer, select.from)}`;
  return (
    `SELECT${restoreHints(select.hints)}${select.distinct ? ' DISTINCT' : ''} ` +
    select.items.map((item) => restoreItem(restorer, item)).join(', ') +
    from +
    restoreClause(restorer, 'WHERE', select.where) +
    restoreOrderItems(restorer, ' GROUP BY ', select.groupBy) +
    restoreClause(restorer, 'HAVING', select.having) +
    restoreWindows(restorer, select.windows)
  );
}

function restoreWindows(restorer: Restorer, windows: Select['windows']): string {
  if (windows.length === 0) return '';
  const list = windows.map(
    ({ name, specification }) =>
      `${restoreName(name)} AS ${restoreWindow(restorer, specification)}`,
  );
  return ` WINDOW ${list.join(', ')}`;
}

function restoreItem(restorer: Restorer, item: SelectItem): string {
  if (item.kind === 'wildcard') {
    const names = [item.schema, item.table].filter((name) => name !== undefined);
    return [...names.map(restoreName), '*'].join('.');
  }
  const alias = item.alias === undefined ? '' : ` AS ${restoreName(item.alias)}`;
  return restoreExpression(restorer, item.expression) + alias;
}

/** `[schema.]table`. */
export function restoreTableName({ schema, name }: TableName): string {
  return (schema === undefined ? '' : `${restoreName(schema)}.`) + restoreName(name);
}

/** ` (a, b)` or nothing. */
export function restoreNames(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (${names.map(restoreName).join(', ')})`;
}

/** What stands in FROM. */
export function restoreTables(restorer: Restorer, reference: TableReference): string {
  if (reference.kind === 'derived') {
    const alias = restoreName(reference.alias) + restoreNames(reference.columns);
    return `(${restorer.query(reference.query)}) AS ${alias}`;
  }
  if (reference.kind === 'table') {
    const alias = reference.alias === undefined ? '' : ` AS ${restoreName(reference.alias)}`;
    const hints = reference.indexHints.map(
      ({ action, indexes }) => ` ${action} INDEX (${indexes.map(restoreName).join(', ')})`,
    );
    const asOf = restoreClause(restorer, 'AS OF TIMESTAMP', reference.asOf);
    return restoreTableName(reference.table) + alias + asOf + hints.join('');
  }
  const right = restoreTables(restorer, reference.right);
  const using = reference.using.length === 0 ? '' : ` USING${restoreNames(reference.using)}`;
  return (
    `${restoreTables(restorer, reference.left)} ${joinWord(reference)} ` +
    (reference.right.kind === 'join' ? `(${right})` : right) +
    restoreClause(restorer, 'ON', reference.on) +
    using
  );
}

function joinWord(join: TableReference & { kind: 'join' }): string {
  if (join.straight) return 'STRAIGHT_JOIN';
  const natural = join.natural ? 'NATURAL ' : '';
  return join.type === 'inner' ? `${natural}JOIN` : `${natural}${join.type.toUpperCase()} JOIN`;
}
