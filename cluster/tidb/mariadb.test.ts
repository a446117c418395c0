/**
 * Queries and changes of rows, drawn by chance, beside MariaDB; `testing/sql-oracle.ts` lists where
 * the two may differ. More of them:
 *
 *     SQL_ORACLE_WORLDS=1000 SQL_ORACLE_SEED=7 npx vitest run cluster/tidb/mariadb.test.ts
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeArbitrary } from '../../testing/sql-change.ts';
import { SqlOracle, verdictOn } from '../../testing/sql-oracle.ts';
import { queryArbitrary } from '../../testing/sql-query.ts';
import { TABLES, tablesArbitrary } from '../../testing/sql-tables.ts';

const { SQL_ORACLE_WORLDS = '25', SQL_ORACLE_SEED = '42' } = process.env;
const RUN = { seed: Number(SQL_ORACLE_SEED), numRuns: Number(SQL_ORACLE_WORLDS) };
const TIME_LIMIT_MS = 120_000 + 10_000 * RUN.numRuns;

let oracle: SqlOracle;

beforeAll(async () => {
  oracle = await SqlOracle.start();
}, 120_000);

afterAll(async () => {
  await oracle?.stop();
});

/** Asks both; fails unless they agree or may differ. Whether they agreed, and whether on rows. */
async function ask(sql: string, ordered = false): Promise<{ same: boolean; rows: boolean }> {
  const ours = await oracle.ours(sql);
  const theirs = await oracle.theirs(sql);
  const verdict = verdictOn(ours, theirs, ordered);
  if (verdict === 'different') expect([sql, ours]).toEqual([sql, theirs]);
  return { same: verdict === 'same', rows: ours.kind === 'rows' && ours.rows.length > 0 };
}

async function setUp(statements: readonly string[]): Promise<void> {
  await ask('COMMIT');
  for (const table of TABLES) await ask(`DROP TABLE IF EXISTS ${table}`);
  for (const sql of statements) await ask(sql);
}

test(
  'queries answer what MariaDB answers',
  async () => {
    const queries = fc.array(queryArbitrary, { minLength: 20, maxLength: 20 });
    const counts = { asked: 0, same: 0, rows: 0 };
    const property = fc.asyncProperty(tablesArbitrary, queries, async (tables, list) => {
      await setUp(tables);
      for (const { sql, ordered } of list) {
        const { same, rows } = await ask(sql, ordered);
        counts.asked++;
        if (same) counts.same++;
        if (same && rows) counts.rows++;
      }
    });
    await fc.assert(property, RUN);
    expect(counts.same).toBeGreaterThan(counts.asked * 0.97);
    expect(counts.rows).toBeGreaterThan(counts.asked / 5);
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
