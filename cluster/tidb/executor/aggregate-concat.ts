import { type Column, StringColumn } from '../../column.ts';
import type { Chunk } from '../chunk.ts';
import { utf8Bytes } from '../memory/chunk-bytes.ts';
import type { Aggregate } from './aggregate.ts';
import type { AggregateState, GroupedRows } from './aggregate-state.ts';
import { type NotNull, toText } from './coerce.ts';
import { computeColumn } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';

/** `unsafe.Sizeof(bytes.Buffer{})`: made for the first value of a group. */
const BUFFER_BYTES = 40;

/** GROUP_CONCAT. */
export class ConcatState implements AggregateState {
  valueBytes = 0;
  private readonly aggregate: Aggregate;
  private readonly texts: (string[] | undefined)[] = [];

  constructor(aggregate: Aggregate) {
    this.aggregate = aggregate;
  }

  update(ctx: StatementContext, chunk: Chunk, { groups }: GroupedRows): void {
    const { args } = this.aggregate;
    for (let row = 0; row < chunk.length; row++) {
      const values = args.map((arg) => arg.evaluate(ctx, chunk, row));
      if (values.includes(null)) continue;
      const text = values.map((value, i) => toText(value as NotNull, (args[i] as Compiled).type));
      this.add(groups[row] as number, text.join(''));
    }
  }

  merge(ctx: StatementContext, chunk: Chunk, { groups }: GroupedRows): void {
    const column = computeColumn(ctx, this.aggregate.args[0] as Compiled, chunk);
    for (let row = 0; row < chunk.length; row++) {
      const text = column.get(row);
      if (text !== null) this.add(groups[row] as number, String(text));
    }
  }

  partials(ctx: StatementContext, count: number): Column[] {
    return [this.results(ctx, count)];
  }

  results(ctx: StatementContext, count: number): Column {
    const column = new StringColumn(Math.max(1, count), ctx.scratch);
    for (let group = 0; group < count; group++) {
      column.push(this.texts[group]?.join(this.aggregate.separator) ?? null);
    }
    return column;
  }

  private add(group: number, text: string): void {
    const list = this.texts[group];
    this.valueBytes += utf8Bytes(text);
    if (list === undefined) {
      this.texts[group] = [text];
      this.valueBytes += BUFFER_BYTES;
      return;
    }
    list.push(text);
    this.valueBytes += utf8Bytes(this.aggregate.separator);
  }
}
