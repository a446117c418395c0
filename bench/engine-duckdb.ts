import { performance } from 'node:perf_hooks';
import { type EngineResult, ownPeakMib, PEER_QUERY, secondsSince, timed } from './engine.ts';
import { ledgerRows } from './ledger-rows.ts';
import { importPeer } from './peer-module.ts';

/** What is used of `@duckdb/node-api`. */
interface DuckDb {
  readonly DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<Connection> }> };
}

interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }>;
  createAppender(table: string): Promise<Appender>;
}

interface Appender {
  appendVarchar(value: string): void;
  appendBigInt(value: bigint): void;
  endRow(): void;
  flushSync(): void;
  closeSync(): void;
}

const FLUSH_ROWS = 100_000;

/** DuckDB in memory, with as many threads as it likes. Undefined if it is not installed. */
export async function duckdb(rows: number): Promise<EngineResult | undefined> {
  const module = (await importPeer('@duckdb/node-api')) as DuckDb | undefined;
  if (module === undefined) return undefined;
  const connection = await (await module.DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    'create table ledger_accounts (account_id varchar, posting_group_id bigint, ' +
      'causality_id bigint, amount bigint, balance bigint)',
  );
  const loadSeconds = await load(connection, rows);
  const timings = await timed(async () => {
    const answer = await connection.runAndReadAll(PEER_QUERY);
    return String(answer.getRows()[0]?.[0]);
  });
  return { ...timings, loadSeconds, peakMib: ownPeakMib() };
}

async function load(connection: Connection, rows: number): Promise<number> {
  const ledger = ledgerRows(rows);
  const startMs = performance.now();
  const appender = await connection.createAppender('ledger_accounts');
  for (let row = 0; row < ledger.length; row++) {
    appender.appendVarchar(`acc${(ledger.account[row] as number) + 1}`);
    appender.appendBigInt(ledger.group[row] as bigint);
    appender.appendBigInt(BigInt(ledger.causality[row] as number));
    appender.appendBigInt(BigInt(ledger.amount[row] as number));
    appender.appendBigInt(BigInt(ledger.balance[row] as number));
    appender.endRow();
    if (row % FLUSH_ROWS === 0) appender.flushSync();
  }
  appender.closeSync();
  return secondsSince(startMs);
}
