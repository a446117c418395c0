/**
 * The same statements run by the simulated cluster and by MariaDB, and their answers compared: rows
 * as text, the number of rows changed, or the error's code. Queries are run twice here, the second
 * time in a session that may hold next to nothing, so that whatever can spill does.
 *
 * What is not asked, because TiDB, like us, differs from MariaDB: REPLACE(text, from, NULL), which
 * MariaDB lets pass when `from` is not found; a quotient beneath UNION or AVG or in a derived
 * table, which MariaDB keeps with more digits than its type has; duplicate keys in optimistic
 * transactions, which are met at COMMIT.
 *
 * What is not asked, because MariaDB is wrong: DISTINCT with an OFFSET, which it miscounts; a
 * negative value that IN looks up in an unsigned index, where it forgets the NULLs; a fraction that
 * an indexed whole number is to equal (`0.255 = a`), which it rounds first; several windows side by
 * side, whose orders it confuses, and functions of bits over frames that lose rows; NOT BETWEEN
 * with an indexed column as a bound, where it loses the rows whose other bound decides.
 *
 * What is not asked, because we are wrong: the order of characters beyond the basic plane, which
 * sort by UTF-16 code unit here, before U+E000 to U+FFFF.
 */
import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { SqlError } from '../cluster/errors.ts';
import type { QueryResult, Session } from '../cluster/session.ts';
import { type MariaDb, startMariaDb } from './mariadb.ts';
import { datumText, SimulatedSql } from './simulated-sql.ts';

/** What a statement answered. */
export type Answer =
  | { readonly kind: 'rows'; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'ok'; readonly affectedRows: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string };

/** TiDB's default, as far as MariaDB knows it. */
const SQL_MODE =
  'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,' +
  'ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

/** MariaDB loses rows where it looks up values in a materialized subquery of a narrower type. */
const OPTIMIZER_SWITCH = 'materialization=off,semijoin=off';

/** A quota that every operator exceeds, without ending the statement. */
const POVERTY = [
  "SET GLOBAL tidb_mem_oom_action = 'LOG'",
  'SET tidb_mem_quota_query = 1000',
  'SET tidb_executor_concurrency = 1',
];

/** A cluster and a MariaDB, side by side. */
export class SqlOracle {
  private readonly server: MariaDb;
  private readonly cluster = new SimulatedSql();
  private session: Session | undefined = undefined;
  private poor: Session | undefined = undefined;

  private constructor(server: MariaDb) {
    this.server = server;
  }

  /** Starts both. */
  static async start(): Promise<SqlOracle> {
    const oracle = new SqlOracle(await startMariaDb());
    const { connection } = oracle.server;
    await connection.query('SET NAMES utf8mb4 COLLATE utf8mb4_bin, SESSION sql_mode = ?', [
      SQL_MODE,
    ]);
    await connection.query('SET SESSION optimizer_switch = ?', [OPTIMIZER_SWITCH]);
    await connection.query('CREATE DATABASE oracle COLLATE utf8mb4_bin');
    await connection.query('USE oracle');
    oracle.session = await oracle.cluster.connect();
    oracle.poor = await oracle.cluster.connect();
    for (const sql of POVERTY) await oracle.cluster.execute(oracle.poor, sql);
    return oracle;
  }

  /** Ends MariaDB. */
  async stop(): Promise<void> {
    await this.server.stop();
  }

  /** What the cluster answers. */
  ours(sql: string): Promise<Answer> {
    return this.answer(this.session, sql);
  }

  /** What the cluster answers with next to no memory. */
  oursOnDisk(sql: string): Promise<Answer> {
    return this.answer(this.poor, sql);
  }

  /** How often operators have spilled. */
  get spills(): number {
    const { spill = 0, 'agg-spill': agg = 0 } = this.cluster.memory.counts;
    return spill + agg;
  }

  private async answer(session: Session | undefined, sql: string): Promise<Answer> {
    try {
      if (session === undefined) throw new Error('not started');
      return answerOf(await this.cluster.execute(session, sql));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      return { kind: 'error', code: error.code, message: error.message };
    }
  }

  /** What MariaDB answers. */
  async theirs(sql: string): Promise<Answer> {
    return queryMariaDb(this.server.connection, sql);
  }
}

function answerOf({ columns, rows, affectedRows }: QueryResult): Answer {
  if (columns.length === 0) return { kind: 'ok', affectedRows };
  return { kind: 'rows', rows: rows.map((row) => row.map(datumText)) };
}

async function queryMariaDb(connection: Connection, sql: string): Promise<Answer> {
  try {
    const [result] = await connection.query({
      sql,
      rowsAsArray: true,
      typeCast: (field) => field.string() ?? 'NULL',
    });
    if (!Array.isArray(result)) {
      return { kind: 'ok', affectedRows: (result as ResultSetHeader).affectedRows };
    }
    return { kind: 'rows', rows: result as unknown as string[][] };
  } catch (error) {
    const { errno, message } = error as { errno?: number; message: string };
    if (errno === undefined) throw error;
    return { kind: 'error', code: errno, message };
  }
}

/** How two answers compare; `excused` says that they may differ (see `excuse`). */
export type Verdict = 'same' | 'excused' | 'different';

/** Compares two answers; rows in order only if the statement decides the order. */
export function verdictOn(ours: Answer, theirs: Answer, ordered: boolean): Verdict {
  const same = spelled(ours, ordered) === spelled(theirs, ordered);
  return same ? 'same' : excuse(ours, theirs) === undefined ? 'different' : 'excused';
}

const OVERFLOW = 1690;
const NO_NUMBER = 1292;
const NOT_GROUPED = 1055;

/**
 * Why two answers may differ; undefined if they may not:
 *
 * - An overflow, or a text that a statement of changes takes for a number, lies in a row or in half
 *   of a condition that the other server never looks at. TiDB,
 *   like us, runs uncorrelated subqueries first and prunes columns that nobody reads; MariaDB folds
 *   constants, merges derived tables and stops early.
 * - GROUP BY NULLIF(a, b), LEAST(a, b), …: MariaDB does not know such an expression again in the
 *   select list and says that its columns are not grouped.
 * - TiDB converts all rows of an INSERT before it writes the first, so that it meets a value out of
 *   range before a duplicate key; MariaDB goes row by row.
 */
function excuse(ours: Answer, theirs: Answer): string | undefined {
  const codes = [ours, theirs].map((answer) => (answer.kind === 'error' ? answer.code : undefined));
  if (codes.includes(OVERFLOW) || codes.includes(NO_NUMBER)) return 'order of evaluation';
  if (codes[1] === NOT_GROUPED) return 'an expression not known again';
  return codes.includes(undefined) ? undefined : 'which of several errors';
}

/** The answer as text that both servers must agree on. */
function spelled(answer: Answer, ordered: boolean): string {
  if (answer.kind === 'error') return `error ${answer.code}`;
  if (answer.kind === 'ok') return `affected ${answer.affectedRows}`;
  const rows = answer.rows.map((row) => row.map(plainCell).join(' | '));
  if (!ordered) rows.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return rows.join('\n');
}

/**
 * Texts equal under PAD SPACE may stand for each other; MariaDB knows a minus zero, and spells out
 * a large double whose number of decimals it knows.
 */
function plainCell(text: string): string {
  const bare = text.replace(/ +$/, '');
  if (/^-?\d(\.\d+)?e\d+$/.test(bare)) return String(Number(bare));
  return /^-0\.0+$/.test(bare) ? bare.slice(1) : bare;
}
