import { SqlError } from '../errors.ts';
import type { QueryResult } from '../session.ts';
import {
  columnsOf,
  NOTHING,
  PARAMETER,
  preparedColumns,
  type WireColumn,
  writeColumn,
  writeEof,
  writeOk,
} from './answers.ts';
import type { Backend, Reply } from './backend.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { PreparedStatement, type PreparedStatements } from './prepared.ts';
import { type WriteRow, writeBinaryRow, writeTextRow } from './rows.ts';

/** What a command may do with its connection. */
export interface CommandContext {
  readonly backend: Backend;
  readonly statements: PreparedStatements;
  readonly withoutEof: boolean;
  /** The client may send several statements in one text. */
  multiStatements: boolean;
  /** Status flags as of the last answer of the session. */
  status(): number;
  /** Writes a packet. */
  packet(write: (out: ByteWriter) => void): void;
  /** Writes OK and ends the command. */
  ok(fields?: Pick<QueryResult, 'affectedRows' | 'lastInsertId' | 'warnings'>): void;
  /** Writes an error and ends the command. */
  fail(error: SqlError): void;
  /** Writes results and ends the command. */
  tell(reply: Extract<Reply, { kind: 'results' }>, writeRow: WriteRow): void;
  /** Ends the command; what it wrote goes out. */
  finish(): void;
  /** Has the backend do something; `then` does not hear of a lost session. */
  ask(
    request: (backend: Backend, done: (reply: Reply) => void) => void,
    then: (reply: Exclude<Reply, { kind: 'lost' }>) => void,
  ): void;
  /** COM_CHANGE_USER: the login begins anew. */
  changeUser(reader: ByteReader): void;
  /** Ends the connection. */
  quit(): void;
  /** The line that COM_STATISTICS answers. */
  statistics(): string;
}

/** Carries out one command, whose arguments are still in the reader. */
type Command = (ctx: CommandContext, reader: ByteReader) => void;

/** Runs a text and tells its results. */
function run(ctx: CommandContext, sql: string): void {
  ctx.ask(
    (backend, done) => backend.execute({ sql, params: [], single: !ctx.multiStatements }, done),
    (reply) => {
      if (reply.kind === 'results') ctx.tell(reply, writeTextRow);
    },
  );
}

/** Runs a statement of our own and tells no more than whether it succeeded. */
function runSilently(ctx: CommandContext, sql: string): void {
  ctx.ask(
    (backend, done) => backend.execute({ sql, params: [], single: true }, done),
    (reply) => {
      if (reply.kind !== 'results') return;
      if (reply.failure === undefined) ctx.ok();
      else ctx.fail(reply.failure);
    },
  );
}

/** A name as an identifier of SQL. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** COM_FIELD_LIST: the columns of a table, with their defaults left out. */
const fieldList: Command = (ctx, reader) => {
  const sql = `SELECT * FROM ${quoted(reader.zeroEnded())} LIMIT 0`;
  ctx.ask(
    (backend, done) => backend.execute({ sql, params: [], single: true }, done),
    (reply) => {
      if (reply.kind !== 'results') return;
      const [result] = reply.results;
      if (reply.failure !== undefined || result === undefined) {
        ctx.fail(reply.failure ?? new SqlError(1105, 'no answer'));
        return;
      }
      for (const column of columnsOf(result)) {
        ctx.packet((out) => {
          writeColumn(out, column);
          out.lenencNull();
        });
      }
      ctx.packet((out) => {
        if (ctx.withoutEof) writeOk(out, NOTHING, ctx.status(), true);
        else writeEof(out, 0, ctx.status());
      });
      ctx.finish();
    },
  );
};

const prepare: Command = (ctx, reader) => {
  const sql = reader.rest();
  if (ctx.statements.full) {
    ctx.fail(new SqlError(1461, TOO_MANY_STATEMENTS));
    return;
  }
  ctx.ask(
    (backend, done) => backend.prepare(sql, done),
    (reply) => {
      if (reply.kind === 'results') {
        ctx.fail(reply.failure ?? new SqlError(1105, 'no answer'));
        return;
      }
      const { parameterCount, columns, types } = reply.prepared;
      const id = ctx.statements.add(new PreparedStatement(sql, parameterCount));
      ctx.packet((out) => {
        out.u8(0);
        out.u32(id);
        out.u16(columns.length);
        out.u16(parameterCount);
        out.u8(0);
        out.u16(0);
      });
      definitions(ctx, new Array(parameterCount).fill(PARAMETER));
      definitions(ctx, preparedColumns(columns, types));
      ctx.finish();
    },
  );
};

const TOO_MANY_STATEMENTS =
  "Can't create more than max_prepared_stmt_count statements (current value: 16382)";

/** Definitions of a prepared statement's parameters or columns. */
function definitions(ctx: CommandContext, columns: readonly WireColumn[]): void {
  if (columns.length === 0) return;
  for (const column of columns) ctx.packet((out) => writeColumn(out, column));
  if (!ctx.withoutEof) ctx.packet((out) => writeEof(out, 0, ctx.status()));
}

/** Behind the statement's number: flags for a cursor, of which none is ever opened, and a 1. */
const EXECUTE_FIXED = 5;

const execute: Command = (ctx, reader) => {
  const id = reader.u32();
  const statement = ctx.statements.get(id);
  if (statement === undefined) {
    ctx.fail(unknownStatement(id, 'mysqld_stmt_execute'));
    return;
  }
  reader.skip(EXECUTE_FIXED);
  const params = statement.readParameters(reader);
  ctx.ask(
    (backend, done) => backend.execute({ sql: statement.sql, params, single: true }, done),
    (reply) => {
      if (reply.kind === 'results') ctx.tell(reply, writeBinaryRow);
    },
  );
};

/** COM_STMT_SEND_LONG_DATA has no answer, not even for a statement that does not exist. */
const sendLongData: Command = (ctx, reader) => {
  const statement = ctx.statements.get(reader.u32());
  const parameter = reader.u16();
  statement?.append(parameter, reader.raw(reader.left));
  ctx.finish();
};

const resetStatement: Command = (ctx, reader) => {
  const id = reader.u32();
  const statement = ctx.statements.get(id);
  statement?.reset();
  if (statement === undefined) ctx.fail(unknownStatement(id, 'mysqld_stmt_reset'));
  else ctx.ok();
};

/** COM_STMT_FETCH: a server may answer every execution whole, and this one does. */
const fetchRows: Command = (ctx, reader) => {
  const id = reader.u32();
  const known = ctx.statements.get(id) !== undefined;
  if (known) ctx.fail(new SqlError(1421, `The statement (${id}) has no open cursor.`));
  else ctx.fail(unknownStatement(id, 'mysqld_stmt_fetch'));
};

const setOption: Command = (ctx, reader) => {
  const option = reader.u16();
  if (option > 1) {
    ctx.fail(unknownCommand());
    return;
  }
  ctx.multiStatements = option === 0;
  if (ctx.withoutEof) ctx.packet((out) => writeOk(out, NOTHING, ctx.status(), true));
  else ctx.packet((out) => writeEof(out, 0, ctx.status()));
  ctx.finish();
};

const resetConnection: Command = (ctx) => {
  ctx.statements.clear();
  ctx.ask(
    (backend, done) => backend.reset(done),
    (reply) => {
      if (reply.kind === 'results') ctx.ok();
    },
  );
};

/** The commands by their first byte. Source: MySQL's `enum_server_command`. */
export const COMMANDS: ReadonlyMap<number, Command> = new Map<number, Command>([
  [0x01, (ctx) => ctx.quit()],
  [0x02, (ctx, reader) => runSilently(ctx, `USE ${quoted(reader.rest())}`)],
  [0x03, (ctx, reader) => run(ctx, reader.rest())],
  [0x04, fieldList],
  [
    0x09,
    (ctx) => {
      ctx.packet((out) => out.text(ctx.statistics()));
      ctx.finish();
    },
  ],
  [0x0c, (ctx, reader) => runSilently(ctx, `KILL ${reader.u32()}`)],
  [0x0e, (ctx) => ctx.ok()],
  [0x11, (ctx, reader) => ctx.changeUser(reader)],
  [0x16, prepare],
  [0x17, execute],
  [0x18, sendLongData],
  [
    0x19,
    (ctx, reader) => {
      ctx.statements.remove(reader.u32());
      ctx.finish();
    },
  ],
  [0x1a, resetStatement],
  [0x1b, setOption],
  [0x1c, fetchRows],
  [0x1f, resetConnection],
]);

/** What any other command is answered with. */
export function unknownCommand(): SqlError {
  return new SqlError(1047, 'Unknown command');
}

function unknownStatement(id: number, where: string): SqlError {
  return new SqlError(1243, `Unknown prepared statement handler (${id}) given to ${where}`);
}
