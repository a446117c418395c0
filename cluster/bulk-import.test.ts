import { expect, test } from 'vitest';
import { drain } from '../runner/run.ts';
import { createCluster } from './cluster.ts';
import type { Datum } from './datum.ts';
import type { Stored } from './key.ts';
import type { LoadableCluster } from './surface.ts';

const SECOND_US = 1_000_000;

/** A cluster at a scale at which a thousand records fill a region. */
function small(): LoadableCluster {
  return createCluster({
    ...{ seed: '7', tidb: 1, tikv: 3, pd: 1, profile: 'v8.5.0', scaleDenominator: 1024 },
    ...{ bugs: [], drain },
  });
}

/** Lets the world run until `work` is done. */
async function during<T>(cluster: LoadableCluster, work: Promise<T>): Promise<T> {
  const box = { settled: false };
  const settle = (): void => {
    box.settled = true;
  };
  work.then(settle, settle);
  while (!box.settled) await cluster.advanceTo(cluster.nowUs() + SECOND_US / 10);
  return work;
}

/** Statements, one after the other; the rows of the last. */
async function rowsOf(
  cluster: LoadableCluster,
  ...statements: readonly string[]
): Promise<readonly (readonly Datum[])[]> {
  const session = await during(cluster, cluster.source.connect());
  let rows: readonly (readonly Datum[])[] = [];
  for (const sql of statements) ({ rows } = await during(cluster, session.execute(sql)));
  session.close();
  return rows;
}

async function importRows(
  cluster: LoadableCluster,
  rows: readonly (readonly Stored[])[],
): Promise<void> {
  const columns = cluster.importer.columnsOf('test', 't');
  for (const row of rows) for (const [i, value] of row.entries()) columns[i]?.push(value);
  const { length } = rows;
  await during(cluster, cluster.importer.load('test', 't', { columns, length }));
}

const CLUSTERED = `CREATE TABLE t (name VARCHAR(9), n BIGINT, wide BIGINT, note VARCHAR(9),
  PRIMARY KEY (name, n) CLUSTERED, UNIQUE (wide), KEY (note))`;

function sample(count: number): Stored[][] {
  return Array.from({ length: count }, (_, i) => {
    const at = (i * 37) % count;
    const wide = i % 5 === 0 ? null : 2n ** 62n + BigInt(at);
    return [`n${at % 7}`, at, wide, i % 3 === 0 ? null : `x${at % 11}`];
  });
}

test('imported rows are found by their key and by each index, in many regions', async () => {
  const cluster = small();
  await during(cluster, cluster.sleep(30 * SECOND_US));
  await rowsOf(cluster, CLUSTERED);
  await importRows(cluster, sample(5000));
  expect(cluster.counters().splits).toBeGreaterThan(10);
  const sums = 'SELECT COUNT(*), SUM(n), COUNT(wide) FROM t';
  const [totals] = await rowsOf(cluster, 'ADMIN CHECK TABLE t', sums);
  const sum = { kind: 'decimal', unscaled: 12_497_500n, scale: 0 };
  expect(totals).toEqual([5000, sum, 4000]);
  const byWide = `SELECT name, n FROM t WHERE wide = ${2n ** 62n + 74n}`;
  expect(await rowsOf(cluster, byWide)).toEqual([['n4', 74]]);
  const byNote = "SELECT COUNT(*) FROM t WHERE note = 'x3'";
  const expected = sample(5000).filter(([, , , note]) => note === 'x3').length;
  expect(await rowsOf(cluster, byNote)).toEqual([[expected]]);
  cluster.stop();
});

test('imported rows can be changed, and survive the death of stores that held them', async () => {
  const cluster = small();
  await during(cluster, cluster.sleep(30 * SECOND_US));
  await rowsOf(cluster, 'CREATE TABLE t (a BIGINT, b BIGINT, KEY (b))');
  const rows = Array.from({ length: 3000 }, (_, i): Stored[] => [i, i % 100]);
  await importRows(cluster, rows);
  await rowsOf(cluster, 'UPDATE t SET b = 1000 WHERE b = 5', 'INSERT INTO t VALUES (-1, 1000)');
  const [store] = cluster.nodes().filter(({ kind }) => kind === 'tikv');
  cluster.kill(store?.id as number);
  await during(cluster, cluster.sleep(60 * SECOND_US));
  cluster.restart(store?.id as number);
  await during(cluster, cluster.sleep(60 * SECOND_US));
  const count = 'SELECT COUNT(*), SUM(a) FROM t WHERE b = 1000';
  const sum = { kind: 'decimal', unscaled: 43_649n, scale: 0 };
  expect(await rowsOf(cluster, 'ADMIN CHECK TABLE t', count)).toEqual([[31, sum]]);
  cluster.stop();
});

test('an import into a table that has rows is refused, and changes nothing', async () => {
  const cluster = small();
  await during(cluster, cluster.sleep(30 * SECOND_US));
  await rowsOf(cluster, CLUSTERED, "INSERT INTO t VALUES ('a', 1, 2, 'b')");
  await expect(importRows(cluster, sample(10))).rejects.toThrow('the range is not empty');
  expect(await rowsOf(cluster, 'SELECT name, n FROM t')).toEqual([['a', 1]]);
  cluster.stop();
});
