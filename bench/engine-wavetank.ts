import { performance } from 'node:perf_hooks';
import { createLedger, READ_FROM_TIKV, VERIFY } from '../cases/ledger-sql.ts';
import { createCluster } from '../cluster/cluster.ts';
import type { Column } from '../cluster/column.ts';
import type { Session } from '../cluster/session.ts';
import type { LoadableCluster } from '../cluster/surface.ts';
import { drain } from '../runner/run.ts';
import { type EngineResult, ownPeakMib, secondsSince, timed } from './engine.ts';
import { type LedgerRows, ledgerRows } from './ledger-rows.ts';

/** Virtual time that the cluster is given to elect its leaders, and in which no query may end. */
const STEP_US = 100_000;
const ELECTION_US = 30_000_000;
const MIB = 2 ** 20;

/** Bytes that the query may hold by TiDB's count: enough for it not to spill. */
const QUOTA = '64 << 30';

/**
 * The query in a cluster at full scale: three stores, three replicas, visibility of versions looked
 * at row by row, every byte that TiDB would hold charged to a tracker under a quota.
 */
export async function wavetank(rows: number): Promise<EngineResult> {
  const cluster = createCluster({
    ...{ seed: '1', tidb: 1, tikv: 3, pd: 1, profile: 'v8.5.0', scaleDenominator: 1 },
    ...{ bugs: [], drain },
  });
  await cluster.advanceTo(ELECTION_US);
  const session = await during(cluster, cluster.source.connect());
  const run = (sql: string) => during(cluster, session.execute(sql));
  await run(createLedger('default'));
  await run(`SET tidb_mem_quota_query = ${QUOTA}`);
  await run(READ_FROM_TIKV);
  const loadSeconds = await load(cluster, ledgerRows(rows));
  const virtualUs: number[] = [];
  const timings = await timed(async () => {
    const beganUs = cluster.nowUs();
    const total = await totalOf(cluster, session);
    virtualUs.push(cluster.nowUs() - beganUs);
    return total;
  });
  const more = {
    'wavetank: memory charged, MiB': cluster.memory().peakTracked / MIB,
    'wavetank: virtual s of the query': (virtualUs.at(-1) as number) / 1e6,
  };
  cluster.stop();
  return { ...timings, loadSeconds, peakMib: ownPeakMib(), more };
}

async function totalOf(cluster: LoadableCluster, session: Session): Promise<string> {
  const { rows } = await during(cluster, session.execute(VERIFY));
  const total = rows[0]?.[0];
  if (typeof total !== 'object' || total?.kind !== 'decimal') return String(total);
  return String(total.unscaled);
}

async function load(cluster: LoadableCluster, ledger: LedgerRows): Promise<number> {
  const startMs = performance.now();
  const columns = cluster.importer.columnsOf('test', 'ledger_accounts');
  const [causality, group, amount, balance, , , , account] = columns;
  fillNumbers(causality, ledger.causality, ledger.length);
  fillNumbers(amount, ledger.amount, ledger.length);
  fillNumbers(balance, ledger.balance, ledger.length);
  fillGroups(group, ledger);
  fillAccounts(account, ledger);
  for (const column of columns) column.length = ledger.length;
  const { length } = ledger;
  await during(cluster, cluster.importer.load('test', 'ledger_accounts', { columns, length }));
  return secondsSince(startMs);
}

function fillNumbers(column: Column | undefined, values: Float64Array, rows: number): void {
  if (column?.kind !== 'int') throw new Error('not a column of integers');
  column.floats = values.subarray(0, rows);
  column.vacant = false;
}

function fillGroups(column: Column | undefined, { group, length }: LedgerRows): void {
  if (column?.kind !== 'int') throw new Error('not a column of integers');
  column.widen();
  column.bigs = group.subarray(0, length);
  column.nulls = new Uint8Array(length);
}

function fillAccounts(column: Column | undefined, ledger: LedgerRows): void {
  if (column?.kind !== 'string') throw new Error('not a column of strings');
  const codes = Int32Array.from({ length: ledger.accounts }, (_, account) =>
    column.dictionary.code(`acc${account + 1}`),
  );
  column.codes = ledger.account
    .subarray(0, ledger.length)
    .map((account) => codes[account] as number);
  column.vacant = false;
}

/** Lets the world run until a promise of its is settled. */
async function during<T>(cluster: LoadableCluster, work: Promise<T>): Promise<T> {
  const box: { settled: boolean } = { settled: false };
  const settle = (): void => {
    box.settled = true;
  };
  work.then(settle, settle);
  while (!box.settled) await cluster.advanceTo(cluster.nowUs() + STEP_US);
  return work;
}
