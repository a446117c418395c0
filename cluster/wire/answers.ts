import type { SqlError } from '../errors.ts';
import type { ColumnType, QueryResult } from '../session.ts';
import type { ByteWriter } from './byte-writer.ts';
import { guessedType, type WireType, wireType } from './column-type.ts';

const ERROR = 0xff;
const OK = 0;
const EOF = 0xfe;
/** Length of what follows in a column's definition. */
const FIXED_FIELDS = 12;

/** What an OK packet tells. */
export type OkFields = Pick<QueryResult, 'affectedRows' | 'lastInsertId' | 'warnings'>;

/** Nothing changed. */
export const NOTHING: OkFields = { affectedRows: 0, lastInsertId: 0, warnings: 0 };

/** Writes OK; `atEnd` gives it the header that ends rows where CLIENT_DEPRECATE_EOF is on. */
export function writeOk(out: ByteWriter, fields: OkFields, status: number, atEnd = false): void {
  out.u8(atEnd ? EOF : OK);
  out.lenenc(fields.affectedRows);
  out.lenenc(fields.lastInsertId);
  out.u16(status);
  out.u16(Math.min(fields.warnings, 0xffff));
}

/** Writes the EOF packet of clients without CLIENT_DEPRECATE_EOF. */
export function writeEof(out: ByteWriter, warnings: number, status: number): void {
  out.u8(EOF);
  out.u16(Math.min(warnings, 0xffff));
  out.u16(status);
}

/** Writes an error packet. */
export function writeError(out: ByteWriter, { code, sqlState, message }: SqlError): void {
  out.u8(ERROR);
  out.u16(code);
  out.text(`#${sqlState}${message}`);
}

/** A column of a result, as its definition tells it. */
export interface WireColumn {
  readonly name: string;
  readonly table: string;
  readonly type: WireType;
}

/** The columns of a result. Types that no plan gave are taken from the values. */
export function columnsOf(result: Pick<QueryResult, 'columns' | 'types' | 'rows'>): WireColumn[] {
  const { columns, types, rows } = result;
  return columns.map((name, i) => ({
    name,
    table: '',
    type: wireType(types?.[i] ?? guessedType(rows, i)),
  }));
}

/** The definition of a parameter: its type is the client's to say. */
export const PARAMETER: WireColumn = {
  name: '?',
  table: '',
  type: wireType({ kind: 'string', name: 'VARCHAR', unsigned: false, length: 0, scale: 0 }),
};

/** The columns that a prepared statement's result will have. */
export function preparedColumns(
  names: readonly string[],
  types: readonly ColumnType[],
): WireColumn[] {
  return columnsOf({ columns: names, types, rows: [] });
}

/** Writes `ColumnDefinition41`. */
export function writeColumn(out: ByteWriter, { name, table, type }: WireColumn): void {
  out.lenencText('def');
  out.lenencText('');
  out.lenencText(table);
  out.lenencText(table);
  out.lenencText(name);
  out.lenencText(name);
  out.u8(FIXED_FIELDS);
  out.u16(type.collation);
  out.u32(type.length);
  out.u8(type.field);
  out.u16(type.flags);
  out.u8(type.decimals);
  out.u16(0);
}
