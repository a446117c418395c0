import type { Column } from '../../column.ts';
import type { Stored } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import { trimEnd } from '../sql/catalog-keys.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { Buffered } from '../transaction.ts';
import { columnFor, take } from './columns.ts';
import type { StatementContext } from './context.ts';
import type { Executor } from './plan.ts';

/** What a union scan merges. */
export interface UnionScanOptions {
  readonly ctx: StatementContext;
  /** The committed rows; after `types.length` columns, those of the key follow. */
  readonly committed: Executor;
  /** The transaction's own changes in the ranges scanned. */
  readonly changes: readonly Buffered[];
  /** Positions of the wanted columns among key values followed by stored values. */
  readonly positions: readonly number[];
  readonly types: readonly SqlType[];
}

/**
 * Lays a transaction's own uncommitted changes over what is committed: rows it deleted or replaced
 * are dropped, rows it wrote are added at the end. Source: TiDB `executor/union_scan.go`.
 */
export class UnionScan implements Executor {
  private readonly options: UnionScanOptions;
  /** Changed keys by the last value of the key, which tells most of them apart. */
  private readonly changed = new Map<Stored, Buffered[]>();
  private added = false;

  constructor(options: UnionScanOptions) {
    this.options = options;
    for (const change of options.changes) {
      const last = lastOf(change);
      const same = this.changed.get(last);
      if (same === undefined) this.changed.set(last, [change]);
      else same.push(change);
    }
  }

  *next(): Wait<Chunk | undefined> {
    for (;;) {
      const chunk = yield* this.options.committed.next();
      if (chunk === undefined) break;
      const kept = this.untouched(chunk);
      if (kept.length > 0) return kept;
    }
    if (this.added) return undefined;
    this.added = true;
    const own = this.ownRows();
    return own.length > 0 ? own : undefined;
  }

  close(): void {
    this.options.committed.close();
  }

  private untouched(chunk: Chunk): Chunk {
    const width = this.options.types.length;
    const key = chunk.columns.slice(width);
    const last = key[key.length - 1] as Column;
    const rows = new Int32Array(chunk.length);
    let count = 0;
    for (let row = 0; row < chunk.length; row++) {
      const candidates = this.changed.get(plain(last.get(row)));
      if (candidates === undefined || !candidates.some((change) => sameKey(change, key, row))) {
        rows[count++] = row;
      }
    }
    const wanted: Chunk = { columns: chunk.columns.slice(0, width), length: chunk.length };
    return count === chunk.length ? wanted : take(wanted, rows, 0, count);
  }

  private ownRows(): Chunk {
    const { ctx, changes, positions, types } = this.options;
    const columns = types.map((type) => columnFor(type, ctx));
    let length = 0;
    for (const { key, values } of changes) {
      if (values === undefined) continue;
      for (let i = 0; i < columns.length; i++) {
        const position = positions[i] as number;
        const inKey = position < key.values.length;
        const value = inKey ? key.values[position] : values[position - key.values.length];
        (columns[i] as Column).push(value as Stored);
      }
      length++;
    }
    return { columns, length };
  }
}

function plain(value: Stored): Stored {
  return typeof value === 'string' ? trimEnd(value) : value;
}

function lastOf(change: Buffered): Stored {
  const { values } = change.key;
  return values[values.length - 1] as Stored;
}

function sameKey(change: Buffered, key: readonly Column[], row: number): boolean {
  const { values } = change.key;
  for (let i = 0; i < key.length; i++) {
    if (plain((key[i] as Column).get(row)) !== values[i]) return false;
  }
  return true;
}
