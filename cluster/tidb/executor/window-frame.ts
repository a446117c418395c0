import type { Decimal } from '../../datum.ts';
import { SqlError } from '../../errors.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { toDecimal, toReal } from './coerce.ts';
import { type Compiled, constantValue, type StatementContext } from './context.ts';
import { addDecimals, compareDecimals, decimal, subtractDecimals } from './decimal.ts';
import type { SortKey } from './order.ts';
import type { Value } from './value.ts';
import type { WindowPartition } from './window-partition.ts';

/** One end of a frame. */
export type FrameEnd =
  | { readonly kind: 'unbounded' | 'current-row' }
  | {
      readonly kind: 'preceding' | 'following';
      /** Rows, or how much the key of ORDER BY may differ; a constant. */
      readonly distance: Compiled;
    };

/** Which rows around the current one a function sees. */
export interface Frame {
  readonly unit: 'ROWS' | 'RANGE';
  readonly start: FrameEnd;
  readonly end: FrameEnd;
}

/** Where the frame of a row ends on one side, in a partition of which perhaps not all is there. */
type FindEnd = (row: number) => number;

/**
 * The frame of one row after the other: of a partition's rows those from `start` to before `end`.
 * Both only ever move on. Source: TiDB `executor/pipelined_window.go`, `getStart`, `getEnd`.
 */
export class FrameCursor {
  start = 0;
  end = 0;
  private readonly partition: WindowPartition;
  private readonly findStart: FindEnd;
  private readonly findEnd: FindEnd;

  /** @param frame undefined: the whole partition */
  constructor(partition: WindowPartition, frame: Frame | undefined, name: string) {
    this.partition = partition;
    const finder = new EndFinder(partition, frame?.unit ?? 'ROWS', name);
    this.findStart = finder.startOf(frame?.start ?? UNBOUNDED);
    this.findEnd = finder.endOf(frame?.end ?? UNBOUNDED);
  }

  /** Moves on to the frame of a row. False: rows must come before that can be said. */
  moveTo(row: number): boolean {
    const { length, whole } = this.partition;
    const start = this.findStart(row);
    const end = this.findEnd(row);
    if (!whole && (start >= length || end >= length)) return false;
    this.start = Math.min(start, length);
    this.end = Math.min(end, length);
    return true;
  }
}

const UNBOUNDED: FrameEnd = { kind: 'unbounded' };

/** Compares the key of a row with what lies a distance from that of another. */
type CompareShifted = (row: number, from: number) => number;

class EndFinder {
  private readonly partition: WindowPartition;
  private readonly unit: Frame['unit'];
  private readonly name: string;

  constructor(partition: WindowPartition, unit: Frame['unit'], name: string) {
    this.partition = partition;
    this.unit = unit;
    this.name = name;
  }

  startOf(end: FrameEnd): FindEnd {
    const { partition } = this;
    if (end.kind === 'unbounded') return () => 0;
    if (this.unit === 'ROWS') {
      const shift = this.rowShift(end);
      return (row) => Math.max(0, row + shift);
    }
    const compare = this.comparing(end);
    let at = 0;
    return (row) => {
      while (at < partition.length && compare(at, row) < 0) at++;
      return at;
    };
  }

  endOf(end: FrameEnd): FindEnd {
    const { partition } = this;
    if (end.kind === 'unbounded') return () => partition.length;
    if (this.unit === 'ROWS') {
      const shift = this.rowShift(end);
      return (row) => Math.max(0, row + shift + 1);
    }
    const compare = this.comparing(end);
    let at = 0;
    return (row) => {
      while (at < partition.length && compare(at, row) <= 0) at++;
      return at;
    };
  }

  /** By how many rows a bound lies behind the current one. */
  private rowShift(end: FrameEnd): number {
    if (!('distance' in end)) return 0;
    const value = constantValue(end.distance, this.partition.ctx);
    const valid = (typeof value === 'number' || typeof value === 'bigint') && value >= 0;
    if (!valid) throw illegalFrame(this.name);
    return end.kind === 'preceding' ? -Number(value) : Number(value);
  }

  private comparing(end: FrameEnd): CompareShifted {
    if ('distance' in end) return this.shifted(end);
    return (row, from) => {
      if (this.partition.arePeers(row, from)) return 0;
      return row < from ? -1 : 1;
    };
  }

  /** A row's key beside that of another plus or minus a number; NULL is beside NULL alone. */
  private shifted({ kind, distance }: Extract<FrameEnd, { distance: Compiled }>): CompareShifted {
    const { partition } = this;
    const { compiled, descending } = partition.orderBy[0] as SortKey;
    const far = constantValue(distance, partition.ctx);
    if (far === null) throw illegalFrame(this.name);
    const adds = (kind === 'following') !== descending;
    const shifts = compareAt(partition.ctx, compiled.type, { far, type: distance.type, adds });
    const sign = descending ? -1 : 1;
    return (row, from) => {
      const x = partition.value(compiled, row);
      const y = partition.value(compiled, from);
      if (x === null || y === null) return x === y ? 0 : sign * (x === null ? -1 : 1);
      return sign * shifts(x, y);
    };
  }
}

type Known = Exclude<Value, null>;

/** A number to be added or taken away. */
interface Shift {
  readonly far: Known;
  readonly type: SqlType;
  readonly adds: boolean;
}

/** Compares `a` with `b` and a shift: exactly, unless one of them is a double. */
function compareAt(
  ctx: StatementContext,
  key: SqlType,
  { far, type, adds }: Shift,
): (a: Known, b: Known) => number {
  if (key.kind === 'real' || type.kind === 'real') {
    const by = toReal(far, type, ctx) * (adds ? 1 : -1);
    return (a, b) => toReal(a, key, ctx) - (toReal(b, key, ctx) + by);
  }
  const isNumber = key.kind === 'int' || key.kind === 'decimal';
  // Times are whole microseconds.
  const exact = (value: Known): Decimal =>
    isNumber ? toDecimal(value, key, ctx) : decimal(BigInt(value as number | bigint), 0);
  const by = toDecimal(far, type, ctx);
  return (a, b) => {
    const limit = adds ? addDecimals(exact(b), by) : subtractDecimals(exact(b), by);
    return compareDecimals(exact(a), limit);
  };
}

/** Error 3586. */
export function illegalFrame(name: string): SqlError {
  return new SqlError(
    3586,
    `Window '${name}': frame start or end is negative, NULL or of non-integral type`,
  );
}
