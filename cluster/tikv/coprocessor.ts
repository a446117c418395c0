import { appendRows, type Column, newColumn } from '../column.ts';
import type { KeySpace, StorageKind } from '../key.ts';
import type { Lock } from '../mvcc/records.ts';
import { type Bound, decodeBound } from './columns/bound.ts';
import type { Engine } from './columns/engine.ts';
import type { Leaf } from './columns/leaf.ts';
import type { ConcurrencyManager } from './concurrency-manager.ts';
import type { CopRequest, KeyRange } from './request.ts';

/** What a scan found, or the lock that stopped it. */
export interface ScanResult {
  readonly columns: readonly Column[];
  readonly rows: number;
  /** Records looked at, older versions and Lock records included. */
  readonly totalKeys: number;
  readonly locked: Lock | undefined;
}

/**
 * The coprocessor: copies the visible rows of some ranges into fresh columns, leaf by leaf. A lock
 * that may still commit before `readTs` stops it: its outcome decides what is visible. Source: TiKV
 * `coprocessor` over `mvcc::reader::scanner`.
 */
export function scan(
  engine: Engine,
  concurrency: ConcurrencyManager,
  request: CopRequest,
): ScanResult {
  const out = new ScanOutput(engine, request);
  const ranges = request.descending ? [...request.ranges].reverse() : request.ranges;
  const { readTs, bypass } = request;
  concurrency.willRead(readTs);
  for (const range of ranges) {
    const start = decodeBound(range.space, range.start);
    const end = decodeBound(range.space, range.end);
    const locked =
      concurrency.firstBlocking(range.space, start, end, readTs, bypass) ??
      engine.locks.firstBlocking(range.space.id, start, end, readTs, bypass);
    if (locked !== undefined) return { columns: [], rows: 0, totalKeys: out.totalKeys, locked };
    out.scanRange(range.space, start, end);
    if (out.full) break;
  }
  return { ...out.result(), totalKeys: out.totalKeys, locked: undefined };
}

/** Rows selected in one leaf; one scan at a time runs, so all share it. */
let selection = new Int32Array(1024);

class ScanOutput {
  columns: Column[] = [];
  rows = 0;
  totalKeys = 0;
  private readonly engine: Engine;
  private readonly request: CopRequest;

  constructor(engine: Engine, request: CopRequest) {
    this.engine = engine;
    this.request = request;
  }

  /** The columns, made when the number of rows in the first leaf is known: most scans end there. */
  private open(rows: number): void {
    const { columns, ranges } = this.request;
    const { keyKinds, valueKinds } = (ranges[0] as KeyRange).space;
    this.columns = columns.map((at) => {
      const kind = keyKinds[at] ?? valueKinds[at - keyKinds.length];
      return newColumn(kind as StorageKind, this.engine.strings, Math.max(1, rows));
    });
  }

  result(): { columns: readonly Column[]; rows: number } {
    if (this.columns.length === 0) this.open(0);
    return { columns: this.columns, rows: this.rows };
  }

  get full(): boolean {
    return this.request.limit !== undefined && this.rows >= this.request.limit;
  }

  scanRange(space: KeySpace, start: Bound, end: Bound): void {
    const tree = this.engine.tree(space);
    if (!this.request.descending) {
      tree.eachLeaf(start, end, (leaf, from, to) => {
        if (!this.full) this.take(leaf, from, to);
      });
      return;
    }
    const visits: [Leaf, number, number][] = [];
    tree.eachLeaf(start, end, (leaf, from, to) => visits.push([leaf, from, to]));
    for (let i = visits.length - 1; i >= 0 && !this.full; i--) {
      const [leaf, from, to] = visits[i] as [Leaf, number, number];
      this.take(leaf, from, to);
    }
  }

  private take(leaf: Leaf, from: number, to: number): void {
    this.totalKeys += to - from;
    if (selection.length < to - from) selection = new Int32Array(2 * (to - from));
    let count = leaf.visible(from, to, this.request.readTs, selection);
    const { descending, limit } = this.request;
    let selected: Int32Array | undefined = selection;
    if (count < 0) {
      count = to - from;
      selected = undefined;
    }
    if (descending) {
      if (selected === undefined) for (let i = 0; i < count; i++) selection[i] = to - 1 - i;
      else selection.subarray(0, count).reverse();
      selected = selection;
    }
    if (limit !== undefined) count = Math.min(count, limit - this.rows);
    const { columns } = this.request;
    if (this.columns.length === 0) this.open(count);
    for (let i = 0; i < columns.length; i++) {
      const source = leaf.columns[columns[i] as number] as Column;
      appendRows(this.columns[i] as Column, source, selected, from, count);
    }
    this.rows += count;
  }
}
