import { SqlError } from '../errors.ts';
import { type Bound, type KeySpace, prefixEnd } from '../key.ts';
import type { Lock } from '../mvcc/records.ts';
import { decodeBound } from './columns/bound.ts';
import type { Engine } from './columns/engine.ts';
import type { Leaf } from './columns/leaf.ts';
import type { ConcurrencyManager } from './concurrency-manager.ts';
import type { CopResult, CopRun, CopSummary } from './cop-program.ts';
import { GatheredRows } from './gathered-rows.ts';
import type { CopError, CopReply, CopRequest, KeyRange } from './request.ts';

/** What a task came to, or the lock that stopped it. */
export interface ScanResult extends CopResult {
  /** Visible rows. */
  readonly processedKeys: number;
  /** Records looked at, older versions and Lock records included. */
  readonly totalKeys: number;
  readonly locked: Lock | undefined;
  readonly error: CopError | undefined;
  /** Where the next page begins; undefined: nothing is left to be read. */
  readonly resumeAt: string | undefined;
  /** All that was asked for has been looked at, up to `resumeAt`. */
  readonly complete: boolean;
}

/**
 * The coprocessor: gathers the visible rows of some ranges, leaf by leaf, and hands them to the
 * request's program, if it has one, in batches. A lock that may still commit
 * before `readTs` stops it: its outcome decides what is visible. Source: TiKV `coprocessor` over
 * `mvcc::reader::scanner`, `tidb_query_executors` (`BatchExecutorsRunner`).
 */
export function scan(
  engine: Engine,
  concurrency: ConcurrencyManager,
  request: CopRequest,
): ScanResult {
  const scanning = new CopScan(engine, request);
  const ranges = request.descending ? [...request.ranges].reverse() : request.ranges;
  const { readTs, bypass } = request;
  concurrency.willRead(readTs);
  try {
    for (const range of ranges) {
      const start = decodeBound(range.space, range.start);
      const end = decodeBound(range.space, range.end);
      const locked =
        concurrency.firstBlocking(range.space, start, end, readTs, bypass) ??
        engine.locks.firstBlocking(range.space.id, start, end, readTs, bypass);
      if (locked !== undefined) return scanning.stopped({ locked });
      scanning.scanRange(range.space, start, end);
      if (scanning.done) break;
    }
    return scanning.result();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return scanning.stopped({ error: { code: error.code, message: error.message } });
  }
}

/** The answer that tells of a result. */
export function copReply(result: ScanResult, processUs: number, waitUs: number): CopReply {
  const { columns, rows, processedKeys, totalKeys } = result;
  const { locked, error, resumeAt, warnings, summaries } = result;
  return {
    kind: 'cop',
    columns,
    rows,
    processedKeys,
    totalKeys,
    processUs,
    waitUs,
    locked,
    error,
    resumeAt,
    warnings: warnings.length === 0 ? undefined : warnings,
    summaries: summaries.length === 0 ? undefined : summaries,
  };
}

/** What of a task's ranges was read when the next page begins at `resumeAt`. */
export function readRanges(
  { ranges, descending }: CopRequest,
  resumeAt: string | undefined,
): readonly KeyRange[] {
  if (resumeAt === undefined) return ranges;
  return descending ? rangesFrom(ranges, resumeAt) : rangesBefore(ranges, resumeAt);
}

function rangesFrom(ranges: readonly KeyRange[], key: string): KeyRange[] {
  return ranges
    .filter(({ end }) => end > key)
    .map((range) => (range.start < key ? { ...range, start: key } : range));
}

function rangesBefore(ranges: readonly KeyRange[], key: string): KeyRange[] {
  return ranges
    .filter(({ start }) => start < key)
    .map((range) => (range.end > key ? { ...range, end: key } : range));
}

/** Rows that are handed to a program at once. Source: TiKV `BATCH_MAX_SIZE`. */
const BATCH_ROWS = 1024;

/** Positions, then rows, selected in one leaf; one scan at a time runs, so all share it. */
let selection = new Int32Array(1024);

/** One task at work. */
class CopScan {
  /** Neither limit nor program nor page wants another row. */
  done = false;
  private readonly engine: Engine;
  private readonly request: CopRequest;
  private readonly run: CopRun | undefined;
  /** How many rows are wanted where no program decides it. */
  private readonly wanted: number;
  private readonly batchRows: number;
  /** Rows for the program's next batch; without a program, all of them. */
  private readonly gathered: GatheredRows;
  private processedKeys = 0;
  private totalKeys = 0;
  private batches = 0;
  private roomMade = false;
  private resumeAt: string | undefined = undefined;
  private complete = true;

  constructor(engine: Engine, request: CopRequest) {
    this.engine = engine;
    this.request = request;
    this.run = request.program?.start();
    const { limit = Number.POSITIVE_INFINITY, pageSize = Number.POSITIVE_INFINITY } = request;
    this.batchRows = Math.min(BATCH_ROWS, pageSize);
    const { space } = request.ranges[0] as KeyRange;
    this.gathered = new GatheredRows(space, request.columns, engine.strings);
    this.wanted = this.run === undefined ? Math.min(limit, pageSize) : Number.POSITIVE_INFINITY;
  }

  scanRange(space: KeySpace, start: Bound, end: Bound): void {
    const tree = this.engine.tree(space);
    if (!this.request.descending) {
      tree.eachLeaf(start, end, (leaf, from, to) => {
        this.take(leaf, from, to);
        return !this.done;
      });
      return;
    }
    const visits: [Leaf, number, number][] = [];
    tree.eachLeaf(start, end, (leaf, from, to) => {
      visits.push([leaf, from, to]);
    });
    for (let i = visits.length - 1; i >= 0 && !this.done; i--) {
      const [leaf, from, to] = visits[i] as [Leaf, number, number];
      this.take(leaf, from, to);
    }
  }

  result(): ScanResult {
    const { processedKeys, totalKeys, resumeAt, complete } = this;
    const { columns, rows, warnings, summaries, work } = this.finished();
    return {
      columns,
      rows,
      warnings,
      summaries,
      work,
      processedKeys,
      totalKeys,
      resumeAt,
      locked: undefined,
      error: undefined,
      complete,
    };
  }

  /** The result of a scan that a lock or an error has stopped. */
  stopped(by: { readonly locked?: Lock; readonly error?: CopError }): ScanResult {
    const { processedKeys, totalKeys } = this;
    return {
      ...{ columns: [], rows: 0, warnings: [], summaries: [], work: 0, processedKeys, totalKeys },
      ...{ resumeAt: undefined, complete: false, locked: by.locked, error: by.error },
    };
  }

  private finished(): CopResult {
    const { gathered } = this;
    if (gathered.columns.length === 0) gathered.open(0);
    if (this.run === undefined) {
      const { columns, rows } = gathered;
      return { columns, rows, warnings: [], summaries: [], work: 0 };
    }
    if (gathered.rows > 0) this.flush();
    const result = this.run.finish();
    const scanned: CopSummary = { rows: this.processedKeys, iterations: this.batches + 1 };
    const { columns, rows, warnings, work } = result;
    return { columns, rows, warnings, summaries: [scanned, ...result.summaries], work };
  }

  /** More than one leaf is read: better to know how many rows there are than to grow for them. */
  private makeRoom(): void {
    this.roomMade = true;
    let records = 0;
    for (const { space, start, end } of this.request.ranges) {
      const bounds = [decodeBound(space, start), decodeBound(space, end)] as const;
      records += this.engine.tree(space).countRecords(...bounds);
    }
    this.gathered.reserve(Math.min(records, this.wanted));
  }

  private take(leaf: Leaf, from: number, to: number): void {
    if (selection.length < to - from) selection = new Int32Array(2 * (to - from));
    const { descending, readTs } = this.request;
    const found = leaf.visible(from, to, readTs, selection);
    const all = found < 0;
    const selects = !all || descending;
    let count = all ? to - from : found;
    if (descending) {
      if (all) for (let i = 0; i < count; i++) selection[i] = to - 1 - i;
      else selection.subarray(0, count).reverse();
    }
    count = Math.min(count, this.wanted - this.gathered.rows);
    const last = selects ? (selection[count - 1] as number) : from + count - 1;
    if (selects && !leaf.ordered) rowsAt(leaf.order, selection, count);
    if (this.gathered.copies && this.run === undefined && !this.roomMade) this.makeRoom();
    this.gathered.append(leaf, selects ? selection : undefined, from, count);
    this.processedKeys += count;
    if (this.run !== undefined) this.afterLeaf(this.run, leaf, from, to);
    else if (this.gathered.rows >= this.wanted) {
      this.stopAfter(leaf, last);
      this.totalKeys += descending ? to - last : last + 1 - from;
    } else this.totalKeys += to - from;
  }

  private afterLeaf(run: CopRun, leaf: Leaf, from: number, to: number): void {
    this.totalKeys += to - from;
    if (this.gathered.rows < this.batchRows) return;
    if (!this.flush()) {
      this.done = true;
      this.complete = false;
    } else if (run.produced >= (this.request.pageSize ?? Number.POSITIVE_INFINITY)) {
      this.stopAfter(leaf, this.request.descending ? from : to - 1);
    }
  }

  /** No more rows are wanted after this position: for good, or for this page. */
  private stopAfter(leaf: Leaf, position: number): void {
    const { limit, descending } = this.request;
    this.done = true;
    if (this.run === undefined && limit !== undefined && this.gathered.rows >= limit) {
      this.complete = false;
      return;
    }
    const key = leaf.keyAt(position);
    this.resumeAt = descending ? key : prefixEnd(key);
  }

  /** Hands the batch to the program. */
  private flush(): boolean {
    const { columns, rows } = this.gathered;
    const goesOn = (this.run as CopRun).process(columns, rows);
    this.batches++;
    this.gathered.clear();
    return goesOn;
  }
}

/** Puts the rows at some positions in their place. */
function rowsAt(order: Int32Array, positions: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) positions[i] = order[positions[i] as number] as number;
}
