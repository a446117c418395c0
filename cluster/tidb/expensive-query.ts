import { composeTs, TSO_START_MS } from '../timestamp.ts';
import { utf8Bytes } from './memory/chunk-bytes.ts';
import type { ExecDetails } from './memory/exec-details.ts';
import { formatBytes } from './memory/format-bytes.ts';
import type { LiveStatement } from './memory/live-statement.ts';
import { sourceOf } from './memory/stack.ts';
import type { TidbNode } from './node.ts';
import type { SessionActivity } from './processlist.ts';
import type { TableName } from './sql/index.ts';
import { walk } from './sql/planner/walk.ts';

/** The statement that a line is written about. */
export interface ExpensiveStatement {
  readonly node: TidbNode;
  readonly connectionId: number;
  readonly database: string;
  readonly sql: string;
  /** Its syntax tree; undefined while it is parsed. */
  readonly tree: unknown;
  /** Virtual time, µs. */
  readonly sinceUs: number;
  readonly memory: LiveStatement | undefined;
  /** 0 outside of a transaction. */
  readonly txnStartTs: number;
  readonly affectedRows: number;
}

/** The statement that a session is running. */
export function expensiveStatement(node: TidbNode, session: SessionActivity): ExpensiveStatement {
  const { connectionId, database, running, sinceUs } = session;
  const memory = session.memory.current;
  const { tree, txnStartTs = 0, affectedRows = 0 } = memory ?? { tree: undefined };
  const sql = running ?? '';
  return {
    ...{ node, connectionId, database, sql, tree, sinceUs, memory, txnStartTs, affectedRows },
  };
}

type Field = readonly [string, string | number];

/** Bytes of a statement's text that are shown. */
const SQL_LENGTH = 8192;

/**
 * The line about a statement that takes long or holds much: fields that are zero or empty are left
 * out. Source: TiDB `util/expensivequery`.
 */
export function logExpensiveQuery(statement: ExpensiveStatement, message: string): void {
  const { log, profile } = statement.node.parts;
  const source = sourceOf(profile, 'expensivequery.go', 179);
  log('WARN', source, message, expensiveFields(statement));
}

/** The fields of that line, in order; the alarm's record of running statements shows them too. */
export function expensiveFields(statement: ExpensiveStatement): Field[] {
  const { node, connectionId, database, memory, txnStartTs } = statement;
  const { profile, process } = node.parts;
  const fields: Field[] = [['cost_time', seconds(process.world.nowUs - statement.sinceUs)]];
  if (memory !== undefined) fields.push(...detailFields(memory.details));
  fields.push(...tableFields(statement, 'stats'));
  fields.push([profile.memory.connectionField, connectionId], ['user', 'root']);
  if (database !== '') fields.push(['database', database]);
  fields.push(...tableFields(statement, 'table_ids'), ['txn_start_ts', txnStartTs]);
  const peak = memory?.peakConsumed ?? 0;
  if (peak > 0) fields.push(['mem_max', `${peak} Bytes (${formatBytes(peak)})`]);
  fields.push(['sql', shortened(statement.sql)]);
  if (profile.memory.expensiveQueries === 'repeated') {
    fields.push(['session_alias', ''], ['affected rows', statement.affectedRows]);
  }
  return fields;
}

function detailFields(details: ExecDetails): Field[] {
  const fields: Field[] = [];
  const time = (name: string, us: number): void => {
    if (us > 0) fields.push([name, seconds(us)]);
  };
  const count = (name: string, value: number): void => {
    if (value > 0) fields.push([name, value]);
  };
  time('cop_time', details.copUs);
  time('process_time', details.processUs);
  time('wait_time', details.waitUs);
  time('backoff_time', details.backoffUs);
  count('request_count', details.requestCount);
  count('total_keys', details.totalKeys);
  count('process_keys', details.processKeys);
  if (details.numCopTasks === 0) return fields;
  count('num_cop_tasks', details.numCopTasks);
  const kinds = [
    ['process', details.processTimes()],
    ['wait', details.waitTimes()],
  ] as const;
  for (const [kind, { avgUs, p90Us, maxUs, maxAddress }] of kinds) {
    fields.push([`${kind}_avg_time`, seconds(avgUs)], [`${kind}_p90_time`, seconds(p90Us)]);
    fields.push([`${kind}_max_time`, seconds(maxUs)], [`${kind}_max_addr`, maxAddress]);
  }
  return fields;
}

/** The tables that a statement names, in order, each as often as it does. */
function tableFields({ node, database, tree }: ExpensiveStatement, field: string): Field[] {
  const { schema, statistics } = node.parts.shared;
  const names: TableName[] = [];
  walk(tree, (each) => {
    if (each.kind === 'table') names.push((each as unknown as { table: TableName }).table);
    return true;
  });
  const tables = names.flatMap(({ schema: of, name }) => {
    const table = schema.find(of ?? database, name);
    return table === undefined ? [] : [table];
  });
  if (tables.length === 0) return [];
  if (field === 'table_ids') return [[field, `[${tables.map(({ id }) => id).join()}]`]];
  const versions = new Map(
    tables.map(({ id, name }) => {
      const analyzed = statistics.of(id);
      return [name, analyzed === undefined ? 'pseudo' : statsVersion(analyzed.atUs)];
    }),
  );
  return [[field, [...versions].map((pair) => pair.join(':')).join()]];
}

/** Statistics are versioned by the timestamp at which they were made. */
function statsVersion(atUs: number): number {
  return composeTs(TSO_START_MS + Math.floor(atUs / 1000), 0);
}

/** Seconds as the shortest decimal. */
function seconds(us: number): string {
  return `${us / 1_000_000}s`;
}

function shortened(sql: string): string {
  const length = utf8Bytes(sql);
  return length > SQL_LENGTH ? `${sql.slice(0, SQL_LENGTH)} len(${length})` : sql;
}
