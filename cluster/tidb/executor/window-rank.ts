/** Window functions that look at where a row stands, not at what is in it. */
import { SqlError } from '../../errors.ts';
import { type Compiled, constantValue } from './context.ts';
import type { Value } from './value.ts';
import type { WindowPartition } from './window-partition.ts';
import type { WindowState } from './window-state.ts';

/** ROW_NUMBER. */
export class RowNumberState implements WindowState {
  valueAt(row: number): Value {
    return row + 1;
  }
}

/** RANK: rows before the first peer, and one. DENSE_RANK: different rows up to here. */
export class RankState implements WindowState {
  private readonly partition: WindowPartition;
  private readonly dense: boolean;
  private rank = 0;

  constructor(partition: WindowPartition, dense: boolean) {
    this.partition = partition;
    this.dense = dense;
  }

  valueAt(row: number): number {
    if (row === 0 || !this.partition.arePeers(row - 1, row)) {
      this.rank = this.dense ? this.rank + 1 : row + 1;
    }
    return this.rank;
  }
}

/** PERCENT_RANK: the part of the other rows that come before. */
export class PercentRankState implements WindowState {
  private readonly partition: WindowPartition;
  private readonly rank: RankState;

  constructor(partition: WindowPartition) {
    this.partition = partition;
    this.rank = new RankState(partition, false);
  }

  valueAt(row: number): Value {
    const before = this.rank.valueAt(row) - 1;
    return before === 0 ? 0 : before / (this.partition.length - 1);
  }
}

/** CUME_DIST: the part of the rows up to the last peer. */
export class CumulativeState implements WindowState {
  private readonly partition: WindowPartition;
  private end = 0;

  constructor(partition: WindowPartition) {
    this.partition = partition;
  }

  valueAt(row: number): Value {
    const { partition } = this;
    while (this.end < partition.length && (this.end <= row || partition.arePeers(row, this.end))) {
      this.end++;
    }
    return this.end / partition.length;
  }
}

/** NTILE: the number of the bucket; the first ones have a row more where they cannot be equal. */
export class TileState implements WindowState {
  private readonly partition: WindowPartition;
  private readonly tiles: number | undefined;

  /** Throws 1210 for what is no positive number; NULL is the answer to NULL. */
  constructor(partition: WindowPartition, tiles: Compiled) {
    this.partition = partition;
    this.tiles = positive(constantValue(tiles, partition.ctx), 'ntile');
  }

  valueAt(row: number): Value {
    if (this.tiles === undefined) return null;
    const size = Math.floor(this.partition.length / this.tiles);
    const larger = this.partition.length % this.tiles;
    const before = larger * (size + 1);
    if (row < before) return Math.floor(row / (size + 1)) + 1;
    return larger + Math.floor((row - before) / size) + 1;
  }
}

/** A positive number; undefined for NULL. Throws 1210. */
export function positive(value: Value, name: string): number | undefined {
  if (value === null) return undefined;
  const whole = typeof value === 'number' || typeof value === 'bigint';
  if (whole && value > 0) return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
  throw new SqlError(1210, `Incorrect arguments to ${name}`);
}
