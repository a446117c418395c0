import { type Connection, createConnection, type FieldPacket, type QueryError } from 'mysql2';
import { type Datum, toInt } from '../cluster/datum.ts';
import { ConnectionLost, SqlError } from '../cluster/errors.ts';
import type { QueryResult, Session } from '../cluster/session.ts';
import { parseDecimal } from '../cluster/tidb/executor/decimal.ts';
import type { VirtualSocket } from './virtual-wire.ts';

/** How a connection of mysql2 becomes one of a case's sessions. */
export class MysqlSession implements Session {
  readonly id: number;
  private readonly connection: Connection;
  private dead = false;

  private constructor(connection: Connection) {
    this.connection = connection;
    this.id = connection.threadId;
  }

  /** Resolves when the server has let the client in. Rejects with `ConnectionLost`. */
  static open(
    stream: VirtualSocket,
    account: { readonly user: string; readonly password: string },
  ): Promise<MysqlSession> {
    return new Promise((resolve, reject) => {
      const connection = createConnection({
        ...{ user: account.user, password: account.password },
        // The default arms a timer of the platform.
        connectTimeout: 0,
        multipleStatements: true,
        stream,
      });
      connection.on('connect', () => resolve(new MysqlSession(connection)));
      connection.on('error', () => reject(new ConnectionLost()));
    });
  }

  execute(sql: string, params: readonly Datum[] = []): Promise<QueryResult> {
    if (params.length > 0) throw new Error('this session sends texts only');
    if (this.dead) return Promise.reject(new ConnectionLost('MySQL server has gone away'));
    return new Promise((resolve, reject) => {
      const options = { sql, rowsAsArray: true, typeCast };
      this.connection.query(options, (error: QueryError | null, result, fields) => {
        if (error === null) resolve(resultOf(result, fields));
        else reject(this.failureOf(error));
      });
    });
  }

  close(): void {
    if (this.dead) return;
    this.dead = true;
    this.connection.destroy();
  }

  private failureOf(error: QueryError & { readonly sqlMessage?: string }): Error {
    const { errno, sqlState, sqlMessage } = error;
    if (errno !== undefined && sqlMessage !== undefined) {
      return new SqlError(errno, sqlMessage, sqlState);
    }
    this.dead = true;
    return new ConnectionLost();
  }
}

const INTEGERS = ['TINY', 'SHORT', 'INT24', 'LONG', 'LONGLONG', 'YEAR'];

interface TextField {
  readonly type: string;
  string(): string | null;
}

/** A value of the text protocol, exactly. */
function typeCast(field: TextField): Datum {
  const text = field.string();
  if (text === null) return null;
  if (INTEGERS.includes(field.type)) return toInt(BigInt(text));
  if (field.type === 'NEWDECIMAL') return parseDecimal(text);
  return field.type === 'DOUBLE' ? { kind: 'real', value: Number(text) } : text;
}

interface OkHeader {
  readonly affectedRows: number;
  readonly insertId: number;
  readonly warningStatus: number;
}

/** The last of what a text came to. */
function resultOf(result: unknown, fields: FieldPacket[]): QueryResult {
  const several = Array.isArray(fields) && fields.some((one) => one === undefined || isList(one));
  const last = several ? (result as unknown[]).at(-1) : result;
  const columns = (several ? fields.at(-1) : fields) as FieldPacket[] | undefined;
  if (columns === undefined) {
    const { affectedRows, insertId, warningStatus } = last as OkHeader;
    return {
      ...{ columns: [], rows: [], affectedRows, lastInsertId: insertId, warnings: warningStatus },
    };
  }
  const names = columns.map(({ name }) => name);
  const rows = last as Datum[][];
  return { columns: names, rows, affectedRows: 0, lastInsertId: 0, warnings: 0 };
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}
