import { GrowingFloat64, GrowingInt32, GrowingUint8 } from './growing.ts';
import type { Op } from './history.ts';
import { halvesOf } from './int64-halves.ts';
import {
  LEDGER_F,
  type ProgressValue,
  type ReadingValue,
  type ReadValue,
  type TransferValue,
  type VerifyValue,
} from './ledger-ops.ts';
import { LedgerTable } from './ledger-table.ts';

/** Codes of `PostingLog.outcome`. */
export const OK = 0;
/** Surely not applied. */
export const FAIL = 1;
/** Nobody can know. */
export const INFO = 2;

/** Every posting of a run, as parallel columns: 45 bytes each. */
export class PostingLog {
  readonly outcome = new GrowingUint8();
  readonly groupHigh = new GrowingInt32();
  readonly groupLow = new GrowingInt32();
  readonly a = new GrowingInt32();
  readonly b = new GrowingInt32();
  readonly amount = new GrowingInt32();
  /** Causality ids written; -1 where the client never got that far. */
  readonly cidA = new GrowingInt32();
  readonly cidB = new GrowingInt32();
  /** Position in the history. */
  readonly op = new GrowingInt32();
  readonly completedAtUs = new GrowingFloat64();

  /** Postings so far. */
  get length(): number {
    return this.outcome.length;
  }

  /** Appends a posting. */
  push(op: Op, value: TransferValue): void {
    const group = halvesOf(value.group);
    this.outcome.push(op.outcome === 'ok' ? OK : op.outcome === 'fail' ? FAIL : INFO);
    this.groupHigh.push(group.high);
    this.groupLow.push(group.low);
    this.a.push(value.a);
    this.b.push(value.b);
    this.amount.push(value.amount);
    this.cidA.push(value.cidA ?? -1);
    this.cidB.push(value.cidB ?? -1);
    this.op.push(op.index);
    this.completedAtUs.push(op.completedAtUs);
  }
}

/** An operation of a kind of which there are few. */
export interface Noted<Value> {
  readonly op: number;
  readonly ok: boolean;
  readonly invokedAtUs: number;
  readonly completedAtUs: number;
  /** Code and text of a failure; empty when ok. */
  readonly error: string;
  /** Undefined when it failed without one. */
  readonly value: Value | undefined;
}

/** A ledger history, taken in operation by operation and kept small. */
export class LedgerLog {
  readonly accounts: number;
  readonly postings = new PostingLog();
  readonly verifications: Noted<VerifyValue>[] = [];
  readonly progress: Noted<ProgressValue>[] = [];
  readonly adminChecks: Noted<null>[] = [];
  readonly readings: Noted<ReadingValue>[] = [];
  /** Readings of the table that broke off. */
  readonly failedReads: Noted<null>[] = [];
  /** The latest reading of the table, whole only if `tableComplete`. */
  table: LedgerTable;
  tableComplete = false;
  /** Virtual time of the latest completion. */
  endUs = 0;
  private attempt = 0;

  /** A log of a ledger with accounts 1 to `accounts`. */
  constructor(accounts: number) {
    this.accounts = accounts;
    this.table = new LedgerTable(accounts);
  }

  /** Takes in the next operation. Throws if its value is not what the ledger case writes. */
  observe(op: Op): void {
    this.endUs = Math.max(this.endUs, op.completedAtUs);
    switch (op.f) {
      case LEDGER_F.transfer:
        this.postings.push(op, op.value as TransferValue);
        break;
      case LEDGER_F.verify:
        this.verifications.push(noted<VerifyValue>(op));
        break;
      case LEDGER_F.progress:
        this.progress.push(noted<ProgressValue>(op));
        break;
      case LEDGER_F.adminCheck:
        this.adminChecks.push(noted<null>(op));
        break;
      case LEDGER_F.reading:
        this.readings.push(noted<ReadingValue>(op));
        break;
      case LEDGER_F.read:
        if (op.outcome === 'ok') this.read(op.value as ReadValue);
        else this.failedReads.push(noted<null>(op));
        break;
      default:
    }
  }

  private read(slice: ReadValue): void {
    if (slice.attempt !== this.attempt) {
      this.attempt = slice.attempt;
      this.table = new LedgerTable(this.accounts);
    }
    this.table.append(slice);
    this.tableComplete = slice.last;
  }
}

function noted<Value>(op: Op): Noted<Value> {
  return {
    op: op.index,
    ok: op.outcome === 'ok',
    invokedAtUs: op.invokedAtUs,
    completedAtUs: op.completedAtUs,
    error: op.error ?? '',
    value: (op.value ?? undefined) as Value | undefined,
  };
}
