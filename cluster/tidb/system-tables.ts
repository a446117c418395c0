import { formatTime } from '../log.ts';
import { LOGICAL_PER_MS, TSO_START_MS } from '../timestamp.ts';
import { VIRTUAL_EPOCH_US } from './executor/temporal.ts';
import type { Value } from './executor/value.ts';
import type { TidbNode } from './node.ts';
import { CLIENT_HOST, type SessionActivity, SYSTEM_USER, stateOf } from './processlist.ts';
import { BIGINT, DATETIME, type SqlType, TEXT, UNSIGNED_BIGINT } from './sql/catalog-type.ts';
import type { SystemTable } from './sql/planner/system-table.ts';
import { sqlDigest } from './sql-digest.ts';

/**
 * The tables of INFORMATION_SCHEMA that are about memory. Each has a `CLUSTER_` form, which asks
 * every TiDB node that is up and says whose row it is. TiDB asks the others by gRPC; here their
 * figures are looked up, which takes no time and cannot fail. Source: TiDB `infoschema/tables.go`,
 * `executor/infoschema_reader.go`.
 */

/** A table of one node. */
interface NodeTable {
  readonly name: string;
  readonly columns: readonly (readonly [name: string, type: SqlType])[];
  /** It came with v6.4, together with the server's limit. */
  readonly withLimit: boolean;
  rows(node: TidbNode): readonly (readonly Value[])[];
}

/** The port that names a node in `INSTANCE`. */
const STATUS_PORT = 10_080;
const WHEN: SqlType = { ...DATETIME, length: 19, scale: 0 };
const AMOUNT: SqlType = { ...BIGINT, length: 21 };
const COUNT: SqlType = { ...UNSIGNED_BIGINT, length: 21 };

function text(length: number): SqlType {
  return { ...TEXT, length };
}

const MEMORY_USAGE: NodeTable = {
  name: 'MEMORY_USAGE',
  withLimit: true,
  columns: [
    ['MEMORY_TOTAL', AMOUNT],
    ['MEMORY_LIMIT', AMOUNT],
    ['MEMORY_CURRENT', AMOUNT],
    ['MEMORY_MAX_USED', AMOUNT],
    ['CURRENT_OPS', text(50)],
    ['SESSION_KILL_LAST', WHEN],
    ['SESSION_KILL_TOTAL', AMOUNT],
    ['GC_LAST', WHEN],
    ['GC_TOTAL', AMOUNT],
    ['DISK_USAGE', AMOUNT],
    ['QUERY_FORCE_DISK', AMOUNT],
  ],
  rows({ memory }) {
    const { total, limit, current, maxUsed, shrinking, diskUsage, ...counts } = memory.limit.usage;
    const operation = shrinking ? 'shrink' : null;
    return [
      [
        ...[total, limit, current, maxUsed, operation],
        ...[dateOf(counts.killLastUs), counts.killTotal],
        ...[dateOf(counts.gcLastUs), counts.gcTotal, diskUsage, counts.queryForceDisk],
      ],
    ];
  },
};

const MEMORY_USAGE_OPS_HISTORY: NodeTable = {
  name: 'MEMORY_USAGE_OPS_HISTORY',
  withLimit: true,
  columns: [
    ['TIME', WHEN],
    ['OPS', text(20)],
    ['MEMORY_LIMIT', AMOUNT],
    ['MEMORY_CURRENT', AMOUNT],
    ['PROCESSID', COUNT],
    ['MEM', COUNT],
    ['DISK', COUNT],
    ['CLIENT', text(64)],
    ['DB', text(64)],
    ['USER', text(16)],
    ['SQL_DIGEST', text(64)],
    ['SQL_TEXT', text(256)],
  ],
  rows({ memory }) {
    return memory.limit.history.map((kill) => [
      ...[dateOf(kill.wallUs), 'SessionKill', kill.memoryLimit, kill.memoryCurrent],
      ...[kill.connection, kill.consumed, kill.disk],
      ...[clientOf(kill.connection), kill.database, SYSTEM_USER, kill.digest, kill.sql],
    ]);
  },
};

const PROCESSLIST: NodeTable = {
  name: 'PROCESSLIST',
  withLimit: false,
  columns: [
    ['ID', COUNT],
    ['USER', text(16)],
    ['HOST', text(64)],
    ['DB', text(64)],
    ['COMMAND', text(16)],
    ['TIME', { ...BIGINT, name: 'INT', length: 7 }],
    ['STATE', text(7)],
    ['INFO', { ...TEXT, name: 'LONGTEXT' }],
    ['DIGEST', text(64)],
    ['MEM', COUNT],
    ['DISK', COUNT],
    ['TxnStart', text(64)],
  ],
  rows({ sessions, parts }) {
    const { nowUs } = parts.process.world;
    const sorted = [...sessions.all()].sort((a, b) => a.connectionId - b.connectionId);
    return sorted.map((session) => [
      ...[session.connectionId, SYSTEM_USER, clientOf(session.connectionId)],
      ...[session.database === '' ? null : session.database],
      session.running === undefined ? 'Sleep' : 'Query',
      Math.floor((nowUs - session.sinceUs) / 1_000_000),
      ...[stateOf(session), session.running ?? null, sqlDigest(session.running ?? '')],
      ...[session.memory.consumed, session.memory.diskConsumed, txnStartOf(session)],
    ]);
  },
};

const TABLES: readonly NodeTable[] = [MEMORY_USAGE, MEMORY_USAGE_OPS_HISTORY, PROCESSLIST];

const CLUSTER = 'CLUSTER_';
const INSTANCE: readonly [string, SqlType] = ['INSTANCE', text(64)];

/** The table of that name, as one node answers for it; undefined if there is none. */
export function systemTable(
  node: TidbNode,
  database: string,
  name: string,
): SystemTable | undefined {
  if (database.toLowerCase() !== 'information_schema') return undefined;
  const upper = name.toUpperCase();
  const ofCluster = upper.startsWith(CLUSTER);
  const own = ofCluster ? upper.slice(CLUSTER.length) : upper;
  const table = TABLES.find((each) => each.name === own);
  const { serverLimit } = node.parts.profile.memory;
  if (table === undefined || (table.withLimit && serverLimit === 'none')) return undefined;
  const { columns } = table;
  if (!ofCluster) return { name: upper, columns, rows: () => table.rows(node) };
  return {
    name: upper,
    columns: [INSTANCE, ...columns],
    rows: () => {
      const { instances } = node.parts.shared;
      return [...instances.values()].flatMap((each) => rowsOf(each, table));
    },
  };
}

function rowsOf(node: TidbNode, table: NodeTable): Value[][] {
  const { process } = node.parts;
  if (!process.alive) return [];
  return table.rows(node).map((row) => [`${process.name}:${STATUS_PORT}`, ...row]);
}

/** DATETIME has seconds. */
function dateOf(wallUs: number | undefined): Value {
  if (wallUs === undefined) return null;
  return VIRTUAL_EPOCH_US + Math.floor(wallUs / 1_000_000) * 1_000_000;
}

function clientOf(connectionId: number): string {
  return `${CLIENT_HOST}:${connectionId}`;
}

/** `02-22 20:00:01.250(327680)`: when the open transaction began, and its timestamp. */
function txnStartOf({ inTransaction, memory }: SessionActivity): string {
  const ts = memory.last?.txnStartTs ?? 0;
  if (!inTransaction || ts === 0) return '';
  const date = formatTime(Math.floor(ts / LOGICAL_PER_MS) - TSO_START_MS);
  return `${date.slice(5, 23).replace('/', '-')}(${ts})`;
}
