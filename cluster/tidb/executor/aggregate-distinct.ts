import type { Column } from '../../column.ts';
import type { Chunk } from '../chunk.ts';
import { utf8Bytes } from '../memory/chunk-bytes.ts';
import { type AggregateState, type GroupedRows, grown } from './aggregate-state.ts';
import { take } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { TABLE_BYTES, type TableBytes } from './go-map-bytes.ts';
import { toStored } from './value.ts';

/** A number in a set. */
const NUMBER_BYTES = 8;

/** Bytes of a bucket of the set in which a group's distinct values are kept. */
export function distinctBucket(args: readonly Compiled[], tables: TableBytes): number {
  return isNumber(args) ? tables.numberSetBucket : tables.stringSetBucket;
}

function isNumber(args: readonly Compiled[]): boolean {
  const kind = args[0]?.type.kind;
  return args.length === 1 && (kind === 'int' || kind === 'real');
}

/**
 * DISTINCT: passes each combination of arguments on once a group. It has no partial result, which
 * is why its aggregation runs in one worker and why spilling saves it little: the sets of the
 * groups in memory go on growing.
 */
export class DistinctState implements AggregateState {
  valueBytes = 0;
  private readonly args: readonly Compiled[];
  private readonly inner: AggregateState;
  private readonly seen = new Set<string>();
  private sizes = new Float64Array(0);
  private buckets = new Float64Array(0);

  constructor(args: readonly Compiled[], inner: AggregateState) {
    this.args = args;
    this.inner = inner;
  }

  update(ctx: StatementContext, chunk: Chunk, rows: GroupedRows): void {
    const { args } = this;
    this.sizes = grown(this.sizes, rows.count, 0);
    this.buckets = grown(this.buckets, rows.count, 1);
    const one = { count: rows.count, fresh: new Int32Array(1), opened: 0, sorted: false };
    for (let row = 0; row < chunk.length; row++) {
      const values = args.map((arg) => arg.evaluate(ctx, chunk, row));
      if (values.includes(null)) continue;
      const stored = values.map((value, i) => String(toStored(value, (args[i] as Compiled).type)));
      const group = rows.groups[row] as number;
      const key = `${group}\u0000${stored.join('\u0000')}`;
      if (this.seen.has(key)) continue;
      this.seen.add(key);
      this.charge(ctx, group, stored);
      const groups = Int32Array.of(group);
      this.inner.update(ctx, take(chunk, undefined, row, 1), { ...one, groups });
    }
  }

  merge(): void {
    throw new Error('DISTINCT has no partial results');
  }

  partials(): Column[] {
    throw new Error('DISTINCT has no partial results');
  }

  results(ctx: StatementContext, count: number): Column {
    return this.inner.results(ctx, count);
  }

  private charge(ctx: StatementContext, group: number, stored: readonly string[]): void {
    const tables = TABLE_BYTES[ctx.memory.profile.name];
    const size = (this.sizes[group] as number) + 1;
    const buckets = this.buckets[group] as number;
    this.sizes[group] = size;
    if (size > tables.loadFactor * buckets) {
      this.valueBytes += distinctBucket(this.args, tables) * buckets;
      this.buckets[group] = buckets * 2;
    }
    if (isNumber(this.args)) this.valueBytes += NUMBER_BYTES;
    else for (const text of stored) this.valueBytes += utf8Bytes(text);
  }
}
