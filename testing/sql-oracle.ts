/**
 * The same statements run by the simulated cluster and by MariaDB, and their answers compared:
 * rows as text, or the error's code.
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

/** A cluster and a MariaDB, side by side. */
export class SqlOracle {
  private readonly server: MariaDb;
  private readonly cluster = new SimulatedSql();
  private session: Session | undefined = undefined;

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
    return oracle;
  }

  /** Ends MariaDB. */
  async stop(): Promise<void> {
    await this.server.stop();
  }

  /** What the cluster answers. */
  async ours(sql: string): Promise<Answer> {
    try {
      if (this.session === undefined) throw new Error('not started');
      return answerOf(await this.cluster.execute(this.session, sql));
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

/** The answer in a form that two servers must agree on. */
export function comparable(answer: Answer, ordered: boolean): unknown {
  if (answer.kind === 'error') return { error: answer.code };
  if (answer.kind === 'ok') return { affectedRows: answer.affectedRows };
  const rows = answer.rows.map((row) => row.map(plainCell).join(' | '));
  return ordered ? rows : rows.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Texts equal under PAD SPACE may stand for each other, and MariaDB knows a minus zero. */
function plainCell(text: string): string {
  const bare = text.replace(/ +$/, '');
  return /^-0\.0+$/.test(bare) ? bare.slice(1) : bare;
}
