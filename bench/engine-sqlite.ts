import { performance } from 'node:perf_hooks';
import {
  type EngineResult,
  ownPeakMib,
  PEER_COLUMNS,
  PEER_QUERY,
  type PeerKey,
  secondsSince,
  timed,
} from './engine.ts';
import { ledgerRows } from './ledger-rows.ts';
import { importPeer } from './peer-module.ts';

/** What is used of `better-sqlite3`. */
interface BetterSqlite {
  readonly default: new (path: string) => Database;
}

interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
}

interface Statement {
  run(...values: readonly unknown[]): void;
  pluck(): Statement;
  get(): unknown;
}

/**
 * SQLite in memory, through better-sqlite3, with the primary key that the ledger has or without
 * one. Undefined if it is not installed.
 */
export async function sqlite(rows: number, key: PeerKey): Promise<EngineResult | undefined> {
  const module = (await importPeer('better-sqlite3')) as BetterSqlite | undefined;
  if (module === undefined) return undefined;
  const database = new module.default(':memory:');
  database.exec(
    'create table ledger_accounts (account_id text not null, posting_group_id integer not null, ' +
      'causality_id integer, amount integer, balance integer' +
      (key === 'key' ? ', primary key (account_id, posting_group_id)) without rowid' : ')'),
  );
  const ledger = ledgerRows(rows);
  const startMs = performance.now();
  const insert = database.prepare(
    `insert into ledger_accounts (${PEER_COLUMNS}) values (?,?,?,?,?)`,
  );
  database.exec('begin');
  for (let row = 0; row < ledger.length; row++) {
    insert.run(
      `acc${(ledger.account[row] as number) + 1}`,
      ledger.group[row],
      ledger.causality[row],
      ledger.amount[row],
      ledger.balance[row],
    );
  }
  database.exec('commit');
  const loadSeconds = secondsSince(startMs);
  const query = database.prepare(PEER_QUERY).pluck();
  const timings = await timed(async () => String(query.get()));
  return { ...timings, loadSeconds, peakMib: ownPeakMib() };
}
