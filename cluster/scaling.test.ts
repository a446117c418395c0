import { expect, test } from 'vitest';
import { drain } from '../runner/run.ts';
import { createCluster } from './cluster.ts';
import type { SimulatedCluster } from './surface.ts';

const SECOND_US = 1_000_000;
const PATIENCE_S = 1200;

/** Lets time pass until something is so; gives up after a while. */
async function until(cluster: SimulatedCluster, isSo: () => boolean): Promise<boolean> {
  for (let second = 0; second < PATIENCE_S && !isSo(); second++) {
    await cluster.advanceTo(cluster.nowUs() + SECOND_US);
  }
  return isSo();
}

async function answerOf(cluster: SimulatedCluster, sql: string): Promise<unknown> {
  const box: { rows?: unknown } = {};
  const ask = async (): Promise<void> => {
    const session = await cluster.source.connect();
    box.rows = (await session.execute(sql)).rows;
    session.close();
  };
  const asked = ask();
  asked.catch(() => {});
  if (!(await until(cluster, () => 'rows' in box))) await asked;
  return box.rows;
}

test('a store joins, an old one leaves once its peers are elsewhere, no row is lost', async () => {
  const cluster = createCluster({
    ...{ seed: '1', tidb: 1, tikv: 3, pd: 1, profile: 'v8.5.0', scaleDenominator: 1024 },
    ...{ bugs: [], drain },
  });
  await cluster.advanceTo(30 * SECOND_US);
  const rows = Array.from({ length: 50 }, (_, i) => `(${i}, ${i * i})`).join();
  const table = 'CREATE TABLE t (id INT PRIMARY KEY, v INT)';
  await answerOf(cluster, `${table}; INSERT INTO t VALUES ${rows}`);
  const [old] = cluster.nodes().filter(({ kind }) => kind === 'tikv');
  const before = cluster.counters().peerMoves;
  const names = (): string[] => cluster.nodes().map(({ name }) => name);

  const joined = cluster.scaling.addNode('tikv');
  expect(joined).toBeTypeOf('number');
  expect(names()).toContain('tikv-3');
  const isGone = (): boolean => {
    cluster.scaling.removeNode(old?.id ?? -1);
    return !names().includes('tikv-0');
  };
  // While its peers are here it is only leaving; it goes as a tombstone.
  expect(isGone()).toBe(false);
  expect(await until(cluster, isGone)).toBe(true);
  expect(cluster.counters().peerMoves).toBeGreaterThan(before);
  // The peers went to the new store, the only one that had none: it can stand in for another.
  const other = cluster.nodes().find(({ name }) => name === 'tikv-1');
  cluster.kill(other?.id ?? -1);
  expect(await answerOf(cluster, 'SELECT COUNT(*), MAX(v) FROM t')).toEqual([[50, 49 * 49]]);
  cluster.stop();
});
