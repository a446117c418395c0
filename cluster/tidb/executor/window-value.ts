/** Window functions that give what is in another row. */
import { SqlError } from '../../errors.ts';
import { type Compiled, constantValue } from './context.ts';
import { converted } from './expression-case.ts';
import type { Value } from './value.ts';
import type { WindowFunction } from './window-function.ts';
import type { WindowPartition } from './window-partition.ts';
import { positive } from './window-rank.ts';
import type { WindowState } from './window-state.ts';

/** LAG and LEAD: a row so many before or behind, or a default. */
export class NeighbourState implements WindowState {
  private readonly partition: WindowPartition;
  private readonly arg: Compiled;
  private readonly otherwise: Compiled | undefined;
  private readonly shift: number;

  /** Throws 1210 for a distance that is no number from 0. */
  constructor(partition: WindowPartition, { name, args, type }: WindowFunction) {
    const [arg, distance, otherwise] = args;
    this.partition = partition;
    this.arg = converted(arg as Compiled, type);
    this.otherwise = otherwise === undefined ? undefined : converted(otherwise, type);
    const rows = distance === undefined ? 1 : constantValue(distance, partition.ctx);
    const count = rows === 0 ? 0 : positive(rows, name.toLowerCase());
    if (count === undefined) {
      throw new SqlError(1210, `Incorrect arguments to ${name.toLowerCase()}`);
    }
    this.shift = name === 'LAG' ? -count : count;
  }

  valueAt(row: number): Value {
    const { partition, otherwise } = this;
    const at = row + this.shift;
    if (at >= 0 && at < partition.length) return partition.value(this.arg, at);
    return otherwise === undefined ? null : partition.value(otherwise, row);
  }
}

/** FIRST_VALUE and NTH_VALUE: the n-th row of the frame. LAST_VALUE: its last one. */
export class FrameValueState implements WindowState {
  private readonly partition: WindowPartition;
  private readonly arg: Compiled;
  /** From 0; -1 is the last one; undefined: none. */
  private readonly place: number | undefined;

  /** Throws 1210 for NTH_VALUE of no positive number. */
  constructor(partition: WindowPartition, { name, args }: WindowFunction) {
    const [arg, nth] = args;
    this.partition = partition;
    this.arg = arg as Compiled;
    if (name === 'NTH_VALUE' && nth !== undefined) {
      const place = positive(constantValue(nth, partition.ctx), 'nth_value');
      this.place = place === undefined ? undefined : place - 1;
    } else {
      this.place = name === 'LAST_VALUE' ? -1 : 0;
    }
  }

  valueAt(_row: number, start: number, end: number): Value {
    const { place } = this;
    if (place === undefined) return null;
    const at = place < 0 ? end - 1 : start + place;
    return at >= start && at < end ? this.partition.value(this.arg, at) : null;
  }
}
