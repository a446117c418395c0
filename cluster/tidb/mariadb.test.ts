/**
 * Two thousand queries, and changes of rows, drawn by chance, beside MariaDB;
 * `testing/sql-oracle.ts` lists where the two may differ. More of them:
 *
 *     SQL_ORACLE_WORLDS=1000 SQL_ORACLE_SEED=7 npx vitest run cluster/tidb/mariadb.test.ts
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeArbitrary } from '../../testing/sql-change.ts';
import { type Answer, SqlOracle, verdictOn } from '../../testing/sql-oracle.ts';
import { queryArbitrary } from '../../testing/sql-query.ts';
import { TABLES, tablesArbitrary } from '../../testing/sql-tables.ts';

const { SQL_ORACLE_WORLDS = '50', SQL_ORACLE_SEED = '42' } = process.env;
const RUN = { seed: Number(SQL_ORACLE_SEED), numRuns: Number(SQL_ORACLE_WORLDS) };
const TIME_LIMIT_MS = 600_000 + 10_000 * RUN.numRuns;

let oracle: SqlOracle;

beforeAll(async () => {
  oracle = await SqlOracle.start();
}, 120_000);

afterAll(async () => {
  await oracle?.stop();
});

/** How a statement fared: what we answered, whether both agreed, and whether on rows. */
interface Asked {
  readonly ours: Answer;
  readonly same: boolean;
  readonly rows: boolean;
}

/** Asks both; fails unless they agree or may differ. */
async function ask(sql: string, ordered = false): Promise<Asked> {
  const ours = await oracle.ours(sql);
  const theirs = await oracle.theirs(sql);
  const verdict = verdictOn(ours, theirs, ordered);
  if (verdict === 'different') expect([sql, ours]).toEqual([sql, theirs]);
  const rows = ours.kind === 'rows' && ours.rows.length > 0;
  return { ours, same: verdict === 'same', rows };
}

/** Asks a query of both, and once more with hardly any memory. */
async function query(sql: string, ordered: boolean): Promise<Asked> {
  const asked = await ask(sql, ordered);
  if (!asked.same) return asked;
  const spilled = await oracle.oursOnDisk(sql);
  const same = verdictOn(asked.ours, spilled, ordered) === 'same';
  if (!same) expect([sql, spilled]).toEqual([sql, asked.ours]);
  return asked;
}

async function setUp(statements: readonly string[]): Promise<void> {
  await ask('COMMIT');
  for (const table of TABLES) await ask(`DROP TABLE IF EXISTS ${table}`);
  for (const sql of statements) await ask(sql);
}

test(
  'queries answer what MariaDB answers',
  async () => {
    const queries = fc.array(queryArbitrary, { minLength: 40, maxLength: 40 });
    const counts = { asked: 0, same: 0, rows: 0 };
    const property = fc.asyncProperty(tablesArbitrary, queries, async (tables, list) => {
      await setUp(tables);
      for (const { sql, ordered } of list) {
        const { same, rows } = await query(sql, ordered);
        counts.asked++;
        if (same) counts.same++;
        if (same && rows) counts.rows++;
      }
    });
    await fc.assert(property, RUN);
    expect(counts.same).toBeGreaterThan(counts.asked * 0.97);
    expect(counts.rows).toBeGreaterThan(counts.asked / 5);
    expect(oracle.spills).toBeGreaterThan(counts.asked / 5);
  },
  TIME_LIMIT_MS,
);

test(
  'changes of rows leave what they leave in MariaDB, and indexes in order',
  async () => {
    const changes = fc.array(changeArbitrary, { minLength: 6, maxLength: 6 });
    const begin = fc.constantFrom('COMMIT', 'BEGIN');
    const property = fc.asyncProperty(
      tablesArbitrary,
      begin,
      changes,
      async (tables, how, list) => {
        await setUp(tables);
        await ask(how);
        for (const sql of list) await ask(sql);
        for (const table of TABLES) await ask(`SELECT * FROM ${table}`);
        await ask('COMMIT');
        for (const table of TABLES) {
          expect(await oracle.ours(`ADMIN CHECK TABLE ${table}`)).toMatchObject({ kind: 'ok' });
        }
      },
    );
    await fc.assert(property, RUN);
  },
  TIME_LIMIT_MS,
);
