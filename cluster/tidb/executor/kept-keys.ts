import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { Executor } from './plan.ts';

/** Of an aggregation's columns, keys first, those that somebody above asks for. */
export class KeptKeys {
  /** Their positions. */
  private readonly positions: readonly number[];
  private readonly all: boolean;

  /** @param kept for each key whether it is wanted; what it says nothing of is */
  constructor(columns: number, kept: readonly boolean[]) {
    const positions = Array.from({ length: columns }, (_, at) => at);
    this.positions = positions.filter((at) => kept[at] !== false);
    this.all = this.positions.length === columns;
  }

  /** Their types. */
  typesOf(types: readonly SqlType[]): readonly SqlType[] {
    return this.positions.map((at) => types[at] as SqlType);
  }

  /** Leaves the others out of what an aggregation gives. */
  of(executor: Executor): Executor {
    return this.all ? executor : new Picked(executor, this.positions);
  }
}

class Picked implements Executor {
  private readonly executor: Executor;
  private readonly positions: readonly number[];

  constructor(executor: Executor, positions: readonly number[]) {
    this.executor = executor;
    this.positions = positions;
  }

  *next(): Wait<Chunk | undefined> {
    const chunk = yield* this.executor.next();
    if (chunk === undefined) return undefined;
    const columns = this.positions.map((at) => chunk.columns[at] as Column);
    return { columns, length: chunk.length };
  }

  close(): void {
    this.executor.close();
  }
}
