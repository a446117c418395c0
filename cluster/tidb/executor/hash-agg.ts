import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import { type Aggregate, type AggregateState, newState } from './aggregate.ts';
import { columnFor, computeColumn, RowBuffer } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { GroupTable } from './group-table.ts';
import { type Executor, Plan, ReadyChunk } from './plan.ts';
import { toStored } from './value.ts';

/**
 * GROUP BY: the keys first, then the aggregates. Without keys everything is one group, which exists
 * even if no row came. Source: TiDB `executor/aggregate.go`.
 */
export class HashAgg extends Plan {
  readonly name: string;
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly child: Plan;
  private readonly keys: readonly Compiled[];
  private readonly aggregates: readonly Aggregate[];

  constructor(
    child: Plan,
    keys: readonly Compiled[],
    aggregates: readonly Aggregate[],
    info: string,
  ) {
    super();
    this.name = keys.length === 0 ? 'StreamAgg' : 'HashAgg';
    this.child = child;
    this.inputs = [child];
    this.keys = keys;
    this.aggregates = aggregates;
    this.info = info;
    this.types = [...keys, ...aggregates].map(({ type }) => type);
    this.estimate = keys.length === 0 ? 1 : Math.max(1, child.estimate * 0.8);
  }

  protected start(ctx: StatementContext): Executor {
    return new HashAggExecutor(ctx, this.child.open(ctx), this.keys, this.aggregates);
  }
}

class HashAggExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly child: Executor;
  private readonly keys: readonly Compiled[];
  private readonly aggregates: readonly Aggregate[];
  private result: Executor | undefined = undefined;

  constructor(
    ctx: StatementContext,
    child: Executor,
    keys: readonly Compiled[],
    aggregates: readonly Aggregate[],
  ) {
    this.ctx = ctx;
    this.child = child;
    this.keys = keys;
    this.aggregates = aggregates;
  }

  *next(): Wait<Chunk | undefined> {
    this.result ??= yield* this.collect();
    return yield* this.result.next();
  }

  close(): void {
    this.child.close();
  }

  private *collect(): Wait<Executor> {
    const { ctx } = this;
    const table = new GroupTable(this.keys.length);
    const states = this.aggregates.map(newState);
    const keyRows = new RowBuffer();
    for (;;) {
      const chunk = yield* this.child.next();
      if (chunk === undefined) break;
      const keys = this.keys.map((key) => computeColumn(ctx, key, chunk));
      const groups = new Int32Array(chunk.length);
      const fresh = new Int32Array(chunk.length);
      const opened = table.assign(keys, chunk.length, groups, fresh);
      if (opened > 0) keyRows.append({ columns: keys, length: chunk.length }, fresh, opened);
      for (const state of states) state.update(ctx, chunk, groups);
    }
    const count = this.keys.length === 0 ? 1 : table.count;
    if (count === 0) return new ReadyChunk(undefined);
    const columns = [...keyRows.columns, ...states.map((state, i) => this.column(state, i, count))];
    return new ReadyChunk({ columns, length: count });
  }

  private column(state: AggregateState, index: number, count: number): Column {
    const { type } = this.aggregates[index] as Aggregate;
    const column = columnFor(type, this.ctx, count);
    for (let group = 0; group < count; group++) {
      column.push(toStored(state.result(this.ctx, group), type));
    }
    return column;
  }
}
