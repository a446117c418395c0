import type { Column } from '../../column.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { Aggregate } from './aggregate.ts';
import type { AggregateState, GroupedRows } from './aggregate-state.ts';
import { columnFor, computeColumn, RowBuffer } from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { GroupTable } from './group-table.ts';
import { newState } from './new-aggregate-state.ts';

/** What is grouped by, and what is computed of each group. */
export interface GroupingSpec {
  readonly keys: readonly Compiled[];
  readonly aggregates: readonly Aggregate[];
  /** The input is made of partial results, to be merged, not of rows. */
  readonly merges: boolean;
}

/**
 * One map of groups with the states of their aggregates: what a worker of HashAgg has, or a store
 * that aggregates for it. A store makes one a request, `add`s what it scans, and answers with
 * `partials`.
 */
export class Grouping {
  readonly spec: GroupingSpec;
  readonly table: GroupTable;
  readonly states: readonly AggregateState[];
  /** The keys of each group. */
  readonly keyRows = new RowBuffer();

  /** What the last chunk did to the groups; made anew only for longer chunks. */
  private groups = new Int32Array(MAX_CHUNK_ROWS);
  private fresh = new Int32Array(MAX_CHUNK_ROWS);

  constructor(spec: GroupingSpec) {
    this.spec = spec;
    this.table = new GroupTable(spec.keys.length);
    this.states = spec.aggregates.map(newState);
  }

  /** How many groups there are. */
  get count(): number {
    return this.table.count;
  }

  /** Bytes that values of variable length have cost so far. */
  get valueBytes(): number {
    return this.states.reduce((sum, { valueBytes }) => sum + valueBytes, 0);
  }

  /** The keys of a chunk's rows. */
  keysOf(ctx: StatementContext, chunk: Chunk): Column[] {
    return this.spec.keys.map((key) => computeColumn(ctx, key, chunk));
  }

  /** Takes in a chunk; what it did to the groups, to be read before the next one is added. */
  add(
    ctx: StatementContext,
    chunk: Chunk,
    keys: readonly Column[] = this.keysOf(ctx, chunk),
  ): GroupedRows {
    const { length } = chunk;
    if (length > this.groups.length) {
      this.groups = new Int32Array(length);
      this.fresh = new Int32Array(length);
    }
    const { groups, fresh } = this;
    const opened = this.table.assign(keys, length, groups, fresh);
    if (opened > 0) this.keyRows.append({ columns: keys, length }, fresh, opened);
    const rows = { groups, fresh, opened, count: this.table.count, sorted: false };
    for (const state of this.states) {
      if (this.spec.merges) state.merge(ctx, chunk, rows);
      else state.update(ctx, chunk, rows);
    }
    return rows;
  }

  /** Keys and partial results of all groups. */
  partials(ctx: StatementContext): Chunk {
    const length = this.count;
    const columns = this.states.flatMap((state) => state.partials(ctx, length));
    return { columns: [...this.keyColumns(ctx), ...columns], length };
  }

  /** Keys and results of all groups. Without keys there is one, even if no row came. */
  results(ctx: StatementContext): Chunk {
    const length = this.spec.keys.length === 0 ? 1 : this.count;
    const columns = this.states.map((state) => state.results(ctx, length));
    return { columns: [...this.keyColumns(ctx), ...columns], length };
  }

  private keyColumns(ctx: StatementContext): Column[] {
    const { columns } = this.keyRows;
    if (columns.length > 0) return columns;
    return this.spec.keys.map(({ type }: { readonly type: SqlType }) => columnFor(type, ctx));
  }
}
