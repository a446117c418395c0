import type { Datum } from '../datum.ts';
import { type ByteReader, MalformedPacket } from './byte-reader.ts';
import {
  type ParameterType,
  readParameter,
  readParameterTypes,
  stringParameter,
} from './parameters.ts';

/** A statement that a client has prepared, and what it has sent of its parameters. */
export class PreparedStatement {
  readonly sql: string;
  readonly parameterCount: number;
  /** Sent with the first execution and, if they stay the same, not again. */
  private types: readonly ParameterType[] = [];
  /** Parameters that come in pieces, by index. */
  private readonly longData = new Map<number, Uint8Array>();

  constructor(sql: string, parameterCount: number) {
    this.sql = sql;
    this.parameterCount = parameterCount;
  }

  /** COM_STMT_SEND_LONG_DATA: a piece of one parameter. */
  append(parameter: number, piece: Uint8Array): void {
    const before = this.longData.get(parameter) ?? new Uint8Array(0);
    const joined = new Uint8Array(before.length + piece.length);
    joined.set(before);
    joined.set(piece, before.length);
    this.longData.set(parameter, joined);
  }

  /** COM_STMT_RESET: forgets the pieces. */
  reset(): void {
    this.longData.clear();
  }

  /** The parameters of COM_STMT_EXECUTE, behind its iteration count. Uses up the pieces. */
  readParameters(reader: ByteReader): Datum[] {
    const { parameterCount } = this;
    if (parameterCount === 0) return [];
    const nulls = reader.raw((parameterCount + 7) >> 3);
    if (reader.u8() === 1) this.types = readParameterTypes(reader, parameterCount);
    const values: Datum[] = [];
    for (let i = 0; i < parameterCount; i++) {
      const type = this.types[i];
      if (type === undefined) throw new MalformedPacket();
      const pieces = this.longData.get(i);
      const isNull = ((nulls[i >> 3] as number) & (1 << (i & 7))) !== 0;
      if (pieces !== undefined) values.push(stringParameter(pieces, type));
      else values.push(isNull ? null : readParameter(reader, type));
    }
    this.longData.clear();
    return values;
  }
}

/** Most statements one connection may hold (`max_prepared_stmt_count` is per server in MySQL). */
export const MAX_PREPARED = 16_382;

/** The prepared statements of one connection, by the number the client calls them. */
export class PreparedStatements {
  private readonly statements = new Map<number, PreparedStatement>();
  private last = 0;

  get full(): boolean {
    return this.statements.size >= MAX_PREPARED;
  }

  add(statement: PreparedStatement): number {
    this.statements.set(++this.last, statement);
    return this.last;
  }

  get(id: number): PreparedStatement | undefined {
    return this.statements.get(id);
  }

  remove(id: number): void {
    this.statements.delete(id);
  }

  clear(): void {
    this.statements.clear();
  }
}
