import { GroupIndex } from './group-index.ts';
import { FAIL, INFO, type LedgerLog, type PostingLog } from './ledger-log.ts';
import type { LedgerTable } from './ledger-table.ts';
import { formatVirtualTime } from './virtual-time.ts';

/**
 * A ledger log with the joins that its checks share, made once and in linear time: rows in order of
 * (account, causality id), rows by posting group, and which posting asked for which group.
 */
export class LedgerEvidence {
  readonly log: LedgerLog;
  readonly postings: PostingLog;
  readonly table: LedgerTable;
  /** Row numbers by account, then causality id. */
  readonly order: Int32Array;
  /** Rows of account code c stand at `starts[c]` to `starts[c + 1]` of `order`. */
  readonly starts: Int32Array;
  readonly groups: GroupIndex;
  /** By row: the number of its group. */
  readonly groupOfRow: Int32Array;
  /** By group number: its first row, and its second or -1. */
  readonly firstRow: Int32Array;
  readonly secondRow: Int32Array;
  /** By group number: how many rows it has. */
  readonly rowCount: Int32Array;
  /** By group number: the posting that asked for it, or -1. */
  readonly postingOfGroup: Int32Array;
  /** By posting: the number of its group among the visible ones, or -1. */
  readonly groupOfPosting: Int32Array;

  constructor(log: LedgerLog) {
    this.log = log;
    this.postings = log.postings;
    this.table = log.table;
    const rows = this.table.length;
    this.starts = startsOf(this.table);
    this.order = orderOf(this.table, this.starts);
    this.groups = new GroupIndex(rows);
    this.groupOfRow = new Int32Array(rows);
    this.firstRow = new Int32Array(rows).fill(-1);
    this.secondRow = new Int32Array(rows).fill(-1);
    this.rowCount = new Int32Array(rows);
    this.postingOfGroup = new Int32Array(rows).fill(-1);
    this.groupOfPosting = new Int32Array(this.postings.length);
    this.joinGroups();
  }

  /** The posting that asked for a row, or -1. */
  postingOfRow(row: number): number {
    return this.postingOfGroup[this.groupOfRow[row] as number] as number;
  }

  /**
   * When the posting behind a row completed; 0 for a first row, infinite if nobody asked for it.
   */
  timeOfRow(row: number): number {
    const posting = this.postingOfRow(row);
    if (posting >= 0) return this.postings.completedAtUs.at(posting);
    return this.table.cid.at(row) === 0 ? 0 : Number.POSITIVE_INFINITY;
  }

  /** The operations behind some rows. */
  opsOfRows(rows: readonly number[]): number[] {
    const ops: number[] = [];
    for (const row of rows) {
      const posting = this.postingOfRow(row);
      if (posting >= 0) ops.push(this.postings.op.at(posting));
    }
    return ops;
  }

  /** A row for a person: its group, and the operation that asked for it if there was one. */
  describeRow(row: number): string {
    const posting = this.postingOfRow(row);
    const group = `group ${this.table.group(row)}`;
    return posting < 0 ? group : `${group}, ${this.describePosting(posting)}`;
  }

  /** A posting for a person: its outcome, when, and which operation it is. */
  describePosting(posting: number): string {
    const outcome = this.postings.outcome.at(posting);
    const word = outcome === FAIL ? 'failed' : outcome === INFO ? 'unknown' : 'acknowledged';
    const time = formatVirtualTime(this.postings.completedAtUs.at(posting));
    return `${word} at ${time} as operation ${this.postings.op.at(posting)}`;
  }

  private joinGroups(): void {
    const { table, groups } = this;
    for (let row = 0; row < table.length; row++) {
      const group = groups.numberOf(table.groupHigh.at(row), table.groupLow.at(row));
      this.groupOfRow[row] = group;
      const count = (this.rowCount[group] as number) + 1;
      this.rowCount[group] = count;
      if (count === 1) this.firstRow[group] = row;
      else if (count === 2) this.secondRow[group] = row;
    }
    const { groupHigh, groupLow } = this.postings;
    for (let posting = 0; posting < this.postings.length; posting++) {
      const group = groups.find(groupHigh.at(posting), groupLow.at(posting));
      this.groupOfPosting[posting] = group;
      if (group >= 0) this.postingOfGroup[group] = posting;
    }
  }
}

/** Where each account's rows begin once sorted by account: a counting sort's prefix sums. */
function startsOf(table: LedgerTable): Int32Array {
  const starts = new Int32Array(table.codes + 2);
  for (let row = 0; row < table.length; row++) {
    const next = table.account.at(row) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let code = 1; code < starts.length; code++) {
    starts[code] = (starts[code] as number) + (starts[code - 1] as number);
  }
  return starts;
}

function orderOf(table: LedgerTable, starts: Int32Array): Int32Array {
  const order = new Int32Array(table.length);
  const next = starts.slice();
  for (let row = 0; row < table.length; row++) {
    const account = table.account.at(row);
    const place = next[account] as number;
    order[place] = row;
    next[account] = place + 1;
  }
  const scratch = new Int32Array(table.length);
  for (let code = 0; code <= table.codes; code++) {
    const run = order.subarray(starts[code], starts[code + 1]);
    if (run.length > 1) sortRun(table, run, scratch);
  }
  return order;
}

/**
 * Sorts the rows of one account by causality id. A sound chain has each id from 0 exactly once,
 * so a row's id is its place; only a broken chain needs a real sort.
 */
function sortRun(table: LedgerTable, run: Int32Array, scratch: Int32Array): void {
  const { length } = run;
  const placed = scratch.subarray(0, length).fill(-1);
  for (let i = 0; i < length; i++) {
    const row = run[i] as number;
    const cid = table.cid.at(row);
    if (!(cid >= 0 && cid < length) || placed[cid] !== -1) {
      run.sort((a, b) => compareIds(table.cid.at(a), table.cid.at(b)) || a - b);
      return;
    }
    placed[cid] = row;
  }
  run.set(placed);
}

/** By number; NaN, which stands for NULL, first. */
function compareIds(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  return Number.isNaN(b) ? 1 : a - b;
}
