import { expect, test } from 'vitest';
import type { Value } from './executor/value.ts';
import type { KillRecord, NodeMemoryUsage } from './memory/server-limit.ts';
import type { TidbNode } from './node.ts';
import { normalizedSql, sqlDigest } from './sql-digest.ts';
import { systemTable } from './system-tables.ts';

const SQL = 'desc analyze select * from t t1 join t t2 on t1.a=t2.a order by t1.a';
const HOUR_US = 3_600_000_000;

const USAGE: NodeMemoryUsage = {
  ...{ total: 33_674_170_368, limit: 10_737_418_240, current: 5_097_644_032 },
  ...{ maxUsed: 10_826_604_544, shrinking: true, killLastUs: HOUR_US, killTotal: 1 },
  ...{ gcLastUs: undefined, gcTotal: 0, diskUsage: 7, queryForceDisk: 3 },
};
const KILL: KillRecord = {
  ...{ wallUs: HOUR_US + 999_999, memoryLimit: 10_737_418_240, memoryCurrent: 10_880_237_568 },
  ...{ connection: 5, consumed: 7_905_028_235, disk: 0, database: 'test', sql: SQL },
  digest: '146b3d81',
};

/** A node of a cluster of two, the other of which is down or not. */
function node(otherIsUp: boolean): TidbNode {
  const instances = new Map<number, unknown>();
  for (const [id, alive] of [true, otherIsUp].entries()) {
    const process = { name: `tidb-${id}`, alive };
    const parts = { process, shared: { instances }, profile: { memory: { serverLimit: 'v8' } } };
    instances.set(id, { parts, memory: { limit: { usage: USAGE, history: [KILL] } } });
  }
  return instances.get(0) as TidbNode;
}

/** The first row of a table as an object. */
function row(of: TidbNode, name: string): Record<string, Value | undefined> {
  const table = systemTable(of, 'Information_Schema', name);
  const [first = []] = table?.rows() ?? [];
  return Object.fromEntries(table?.columns.map(([column], at) => [column, first[at]]) ?? []);
}

test('a node tells of its memory in bytes, and when it last did something about it', () => {
  expect(row(node(true), 'memory_usage')).toEqual({
    MEMORY_TOTAL: 33_674_170_368,
    MEMORY_LIMIT: 10_737_418_240,
    MEMORY_CURRENT: 5_097_644_032,
    MEMORY_MAX_USED: 10_826_604_544,
    CURRENT_OPS: 'shrink',
    SESSION_KILL_LAST: Date.UTC(2022, 1, 22, 21) * 1000,
    SESSION_KILL_TOTAL: 1,
    GC_LAST: null,
    GC_TOTAL: 0,
    DISK_USAGE: 7,
    QUERY_FORCE_DISK: 3,
  });
});

test('a session that was ended for the limit is in the history, to the second', () => {
  expect(row(node(true), 'CLUSTER_MEMORY_USAGE_OPS_HISTORY')).toEqual({
    INSTANCE: 'tidb-0:10080',
    TIME: Date.UTC(2022, 1, 22, 21) * 1000,
    OPS: 'SessionKill',
    MEMORY_LIMIT: 10_737_418_240,
    MEMORY_CURRENT: 10_880_237_568,
    PROCESSID: 5,
    MEM: 7_905_028_235,
    DISK: 0,
    CLIENT: 'client:5',
    DB: 'test',
    USER: 'root',
    SQL_DIGEST: '146b3d81',
    SQL_TEXT: SQL,
  });
});

test('the table of a cluster has the rows of the nodes that are up', () => {
  const names = (of: TidbNode) =>
    systemTable(of, 'INFORMATION_SCHEMA', 'CLUSTER_MEMORY_USAGE')
      ?.rows()
      .map(([instance]) => instance);
  expect(names(node(true))).toEqual(['tidb-0:10080', 'tidb-1:10080']);
  expect(names(node(false))).toEqual(['tidb-0:10080']);
});

test('statements that differ in their values only have one digest', () => {
  expect(normalizedSql("SELECT  a FROM T WHERE b = 5 AND c IN ('x', 'y')")).toBe(
    'select a from t where b = ? and c in ( ? , ? )',
  );
  expect(sqlDigest('select 1')).toBe(sqlDigest('SELECT 2'));
  expect(sqlDigest('select 1')).toMatch(/^[0-9a-f]{64}$/);
  expect(sqlDigest('')).toBe('');
});
