import { toInt } from '../../datum.ts';
import { SqlError } from '../../errors.ts';
import type { Stored } from '../../key.ts';
import type { ColumnInfo } from '../sql/catalog.ts';
import { trimEnd } from '../sql/catalog-keys.ts';
import { integerRange, type SqlType, storageKind } from '../sql/catalog-type.ts';
import { cast, type NotNull, toDecimal, toInteger, toText } from './coerce.ts';
import type { Compiled, StatementContext, Warning } from './context.ts';
import { decimal, powerOfTen, rescale } from './decimal.ts';
import { toStored, type Value } from './value.ts';

/** `column = value` of an UPDATE or of ON DUPLICATE KEY UPDATE. */
export interface Assigned {
  /** Position of the column in the row that is changed. */
  readonly at: number;
  readonly column: ColumnInfo;
  /** Sees the row, with the assignments before this one done. */
  readonly value: Compiled;
}

/** The row after some assignments, each of which sees those before it, as MySQL has it. */
export function assignAll(
  ctx: StatementContext,
  row: readonly Stored[],
  assignments: readonly Assigned[],
): Stored[] {
  const after = [...row];
  const chunk = rowChunk(after);
  for (const { at, column, value } of assignments) {
    after[at] = assign(value.evaluate(ctx, chunk, 0), value.type, column, ctx, 1);
  }
  return after;
}

/** One row looked at as a chunk, values read straight from the tuple. */
function rowChunk(row: readonly Stored[]) {
  const columns = row.map((_, at) => ({ kind: 'row' as const, get: () => row[at] as Stored }));
  return { columns: columns as never, length: 1 };
}

/** True if two rows are alike. */
export function sameRow(a: readonly Stored[], b: readonly Stored[]): boolean {
  return a.every((value, i) => value === b[i]);
}

/**
 * A value made fit for a column, as strict mode has it. Throws 1048 for NULL where none may be,
 * 1264 out of range, 1406 too long, 1366 and 1292 for what is no value of the type; without
 * strictness a warning is given and the nearest value taken.
 */
export function assign(
  value: Value,
  from: SqlType,
  column: ColumnInfo,
  ctx: StatementContext,
  row: number,
): Stored {
  if (value === null) {
    if (column.nullable) return null;
    const message = `Column '${column.name}' cannot be null`;
    if (ctx.strict) throw new SqlError(1048, message);
    ctx.warn(1048, message);
    return zeroOf(column.type);
  }
  const { type } = column;
  if (from.kind === 'int' && type.kind === 'int' && typeof value === 'number') {
    if (type.name === 'BIGINT' && (value >= 0 || !type.unsigned)) return value;
  }
  if (typeof value === 'string' && type.name === 'VARCHAR' && value.length <= type.length) {
    return value;
  }
  const { strict } = ctx;
  const warned = ctx.warnings.length;
  ctx.strict = false;
  const fitting = fittedTo(value, from, column, ctx, row);
  ctx.strict = strict;
  if (strict && ctx.warnings.length > warned) {
    const [warning] = ctx.warnings.splice(warned);
    if (warning !== undefined) throw refusal(warning, toText(value, from), column, row);
  }
  return toStored(fitting, type);
}

/** What strict mode says where a lax one would have warned. */
function refusal(
  warning: Warning,
  value: string,
  { name, type }: ColumnInfo,
  row: number,
): SqlError {
  const { code, message } = warning;
  if (code !== 1292) return new SqlError(code, message);
  const text = `Incorrect ${type.name.toLowerCase()} value: '${value}' for column '${name}' at row ${row}`;
  const temporal = type.kind === 'datetime' || type.kind === 'date' || type.kind === 'time';
  return new SqlError(temporal ? 1292 : 1366, text);
}

/** What a column that may not be NULL gets where IGNORE lets a NULL pass. */
function zeroOf(type: SqlType): Stored {
  if (type.kind === 'decimal') return toStored(decimal(0n, 0), type);
  return storageKind(type) === 'string' ? '' : 0;
}

/** The value as the column's type has it; with a warning, the nearest one. */
function fittedTo(
  value: NotNull,
  from: SqlType,
  column: ColumnInfo,
  ctx: StatementContext,
  row: number,
): Value {
  const { type } = column;
  if (type.kind === 'int') {
    const whole = BigInt(toInteger(value, from, ctx));
    const [low, high] = integerRange(type);
    if (whole < low || whole > high) {
      warnRange(column, ctx, row);
      return toInt(whole < low ? low : high);
    }
  } else if (type.kind === 'decimal') {
    const exact = rescale(toDecimal(value, from, ctx), type.scale);
    const limit = powerOfTen(type.length) - 1n;
    const { unscaled } = exact;
    if (unscaled > limit || unscaled < -limit) {
      warnRange(column, ctx, row);
      return decimal(unscaled < 0n ? -limit : limit, type.scale);
    }
  } else if (type.kind === 'string') return textFor(value, from, column, ctx, row);
  return cast(value, from, type, ctx);
}

/** CHAR keeps no blanks at the end; those that do not fit into a VARCHAR may be lost. */
function textFor(
  value: NotNull,
  from: SqlType,
  column: ColumnInfo,
  ctx: StatementContext,
  row: number,
): Value {
  const { name, length } = column.type;
  const given = toText(value, from);
  const text = name === 'CHAR' ? trimEnd(given) : given;
  const characters = text.length <= length ? undefined : [...text];
  if (characters === undefined || characters.length <= length) return text;
  const kept = characters.slice(0, length).join('');
  if (trimEnd(characters.slice(length).join('')) === '') return kept;
  ctx.warn(1406, `Data too long for column '${column.name}' at row ${row}`);
  return kept;
}

function warnRange(column: ColumnInfo, ctx: StatementContext, row: number): void {
  ctx.warn(1264, `Out of range value for column '${column.name}' at row ${row}`);
}
