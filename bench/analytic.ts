import type { EngineResult } from './engine.ts';
import { duckdb } from './engine-duckdb.ts';
import { kernel } from './engine-kernel.ts';
import { mariadb } from './engine-mariadb.ts';
import { sqlite } from './engine-sqlite.ts';
import { wavetank } from './engine-wavetank.ts';
import { inOwnProcess } from './own-process.ts';

/**
 * Who answers the verification query of the ledger: the sum of the last balances of all accounts,
 * one aggregation and one join of a table with itself. Each loads the same rows and answers in a
 * process of its own; all must answer the same.
 */
const ENGINES = {
  kernel,
  wavetank,
  duckdb,
  'better-sqlite3': (rows: number) => sqlite(rows, 'key'),
  'better-sqlite3, no key': (rows: number) => sqlite(rows, 'no key'),
  mariadb: (rows: number) => mariadb(rows, 'key'),
  'mariadb, no key': (rows: number) => mariadb(rows, 'no key'),
} as const;

/** One of them. */
export type EngineName = keyof typeof ENGINES;

const IN_PEERS = '`npm install --prefix bench/peers` installs it';
const IN_SYSTEM = 'the system has no mariadbd (Debian: mariadb-server)';

/** How to get those that the project does not bring along. */
const MISSING: Readonly<Partial<Record<EngineName, string>>> = {
  duckdb: IN_PEERS,
  'better-sqlite3': IN_PEERS,
  'better-sqlite3, no key': IN_PEERS,
  mariadb: IN_SYSTEM,
  'mariadb, no key': IN_SYSTEM,
};

/** Runs one engine here; undefined if it is not installed. */
export function runEngine(name: EngineName, rows: number): Promise<EngineResult | undefined> {
  return ENGINES[name](rows);
}

/** Asks all engines over so many rows; figures by name. Throws if they do not agree. */
export async function analytic(rows: number): Promise<Readonly<Record<string, number>>> {
  const figures: Record<string, number> = {};
  let total: string | undefined;
  for (const name of Object.keys(ENGINES) as EngineName[]) {
    const result = await ask(name, rows);
    if (result === undefined || result === 'failed') {
      process.stderr.write(`${name} is left out: ${result ?? MISSING[name]}\n`);
      continue;
    }
    total ??= result.total;
    if (result.total !== total) throw new Error(`${name} answers ${result.total}, not ${total}`);
    figures[`${name}, s`] = Math.min(...result.querySeconds);
    figures[`${name}: core seconds`] = Math.min(...result.coreSeconds);
    figures[`${name}: first run, s`] = result.querySeconds[0] as number;
    figures[`${name}: load, s`] = result.loadSeconds;
    figures[`${name}: peak memory, MiB`] = result.peakMib;
    Object.assign(figures, result.more);
  }
  for (const name of Object.keys(ENGINES)) {
    if (name === 'wavetank' || figures[`${name}, s`] === undefined) continue;
    for (const figure of [', s', ': core seconds']) {
      const own = figures[`wavetank${figure}`] as number;
      figures[`wavetank / ${name}${figure}`] = own / (figures[`${name}${figure}`] as number);
    }
  }
  return figures;
}

/** A peer that fails has said why, and the others go on; undefined if it is not installed. */
async function ask(name: EngineName, rows: number): Promise<EngineResult | 'failed' | undefined> {
  try {
    const stdout = await inOwnProcess('--engine', name, String(rows));
    return stdout === '' ? undefined : (JSON.parse(stdout) as EngineResult);
  } catch (error) {
    if (MISSING[name] === undefined) throw error;
    return 'failed';
  }
}
