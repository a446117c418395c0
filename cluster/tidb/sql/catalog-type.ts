import { SqlError } from '../../errors.ts';
import type { StorageKind } from '../../key.ts';
import type { DataType } from './ast.ts';

/** The families of types that behave alike in expressions. `null` is the type of a bare NULL. */
export type TypeKind =
  | 'int'
  | 'decimal'
  | 'real'
  | 'string'
  | 'datetime'
  | 'date'
  | 'time'
  | 'null';

/** A MySQL type, of a column or of an expression. */
export interface SqlType {
  readonly kind: TypeKind;
  /** MySQL's name in upper case: BIGINT, VARCHAR, TIMESTAMP, … */
  readonly name: string;
  readonly unsigned: boolean;
  /** Characters of a string, digits of a decimal, display width of an integer. */
  readonly length: number;
  /** Digits behind the point: of a decimal, and of the seconds of a time. */
  readonly scale: number;
}

function type(kind: TypeKind, name: string, length: number, scale = 0): SqlType {
  return { kind, name, unsigned: false, length, scale };
}

/** BIGINT: what integer expressions are. */
export const BIGINT = type('int', 'BIGINT', 20);
/** BIGINT UNSIGNED. */
export const UNSIGNED_BIGINT: SqlType = { ...BIGINT, unsigned: true };
/** DOUBLE. */
export const DOUBLE = type('real', 'DOUBLE', 22);
/** The type of a string expression. */
export const TEXT = type('string', 'VARCHAR', 16_777_216);
/** The type of NULL. */
export const NULL_TYPE = type('null', 'NULL', 0);
/** DATETIME with microseconds. */
export const DATETIME = type('datetime', 'DATETIME', 26, 6);
/** DATE. */
export const DATE = type('date', 'DATE', 10);
/** TIME with microseconds. */
export const TIME = type('time', 'TIME', 15, 6);

/** Most digits a DECIMAL has, and most behind its point. */
export const MAX_DECIMAL_DIGITS = 65;
/** Most digits behind a DECIMAL's point. */
export const MAX_DECIMAL_SCALE = 30;
/** DECIMALs of so many digits are kept as scaled 64-bit integers, larger ones as text. */
export const MAX_INT_DIGITS = 18;

/** DECIMAL(length, scale), clipped to what MySQL allows. */
export function decimalType(length: number, scale: number): SqlType {
  const digits = Math.min(Math.max(length, scale, 1), MAX_DECIMAL_DIGITS);
  return type('decimal', 'DECIMAL', digits, Math.min(scale, MAX_DECIMAL_SCALE));
}

/** How values of a type lie in a column. */
export function storageKind(of: SqlType): StorageKind {
  if (of.kind === 'real') return 'real';
  if (of.kind === 'decimal') return of.length <= MAX_INT_DIGITS ? 'int' : 'string';
  return of.kind === 'string' || of.kind === 'null' ? 'string' : 'int';
}

/** BIGINT UNSIGNED beyond 2^63 - 1 is kept as the negative number of the same bits. */
export function isWrapped(of: SqlType): boolean {
  return of.kind === 'int' && of.unsigned && of.name === 'BIGINT';
}

const INTEGER_BITS: ReadonlyMap<string, readonly [bits: number, signed: number, unsigned: number]> =
  new Map([
    ['TINYINT', [8, 4, 3]],
    ['SMALLINT', [16, 6, 5]],
    ['MEDIUMINT', [24, 9, 8]],
    ['INT', [32, 11, 10]],
    ['BIGINT', [64, 20, 20]],
  ]);

/** Smallest and largest value of an integer type. */
export function integerRange(of: SqlType): readonly [low: bigint, high: bigint] {
  if (of.name === 'YEAR') return [0n, 2155n];
  const bits = BigInt(INTEGER_BITS.get(of.name)?.[0] ?? 64);
  return of.unsigned ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

const TEXT_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['TINYTEXT', 255],
  ['TEXT', 65_535],
  ['MEDIUMTEXT', 16_777_215],
  ['LONGTEXT', 4_294_967_295],
  ['TINYBLOB', 255],
  ['BLOB', 65_535],
  ['MEDIUMBLOB', 16_777_215],
  ['LONGBLOB', 4_294_967_295],
]);

/** The type a definition spells. Throws 1235 for those that are not built. */
export function typeOf(data: DataType): SqlType {
  const { name } = data;
  const integer = INTEGER_BITS.get(name);
  if (integer !== undefined) {
    const width = data.length ?? (data.unsigned ? integer[2] : integer[1]);
    return { ...type('int', name, width), unsigned: data.unsigned };
  }
  const text = TEXT_LENGTHS.get(name);
  if (text !== undefined) return type('string', name, text);
  switch (name) {
    case 'DECIMAL':
      return { ...decimalType(data.length ?? 10, data.scale ?? 0), unsigned: data.unsigned };
    case 'FLOAT':
    case 'DOUBLE':
      return { ...type('real', name, name === 'FLOAT' ? 12 : 22), unsigned: data.unsigned };
    case 'CHAR':
    case 'BINARY':
      return type('string', name, data.length ?? 1);
    case 'VARCHAR':
    case 'VARBINARY':
      return type('string', name, data.length ?? 65_535);
    case 'DATETIME':
    case 'TIMESTAMP':
      return type('datetime', name, 19 + fraction(data), data.length ?? 0);
    case 'TIME':
      return type('time', name, 10 + fraction(data), data.length ?? 0);
    case 'DATE':
      return DATE;
    case 'YEAR':
      return type('int', name, 4);
    case 'SIGNED':
    case 'UNSIGNED':
      return name === 'SIGNED' ? BIGINT : UNSIGNED_BIGINT;
    default:
      throw new SqlError(1235, `This version of TiDB doesn't yet support 'type ${name}'`);
  }
}

function fraction(data: DataType): number {
  return data.length === undefined || data.length === 0 ? 0 : data.length + 1;
}

/** The type as SHOW and DESC print it: `bigint(20) unsigned`. */
export function typeText(of: SqlType): string {
  const name = of.name.toLowerCase();
  const unsigned = of.unsigned ? ' unsigned' : '';
  switch (of.kind) {
    case 'int':
      return `${name}(${of.length})${unsigned}`;
    case 'decimal':
      return `${name}(${of.length},${of.scale})${unsigned}`;
    case 'string':
      return TEXT_LENGTHS.has(of.name) ? name : `${name}(${of.length})`;
    case 'datetime':
    case 'time':
      return of.scale === 0 ? name : `${name}(${of.scale})`;
    default:
      return name + unsigned;
  }
}
