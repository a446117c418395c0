import type { ReadInteger, ReadValue } from '../checker/ledger-ops.ts';
import type { Datum } from '../cluster/datum.ts';
import type { Session } from '../cluster/session.ts';
import { UnexpectedAnswer } from './failure.ts';
import { selectSlice } from './ledger-sql.ts';
import { integerOrNull } from './sql-value.ts';

/**
 * A slice should have about this many rows: large enough to be worth a statement, small in
 * memory.
 */
const ROWS_PER_SLICE = 10_000;
const FIRST_ACCOUNTS_PER_SLICE = 256;

type Row = readonly (Datum | undefined)[];

/**
 * Reads the whole table in slices: ranges of accounts in string order, which is the order of the
 * primary key. The first slice has no lower bound and the last no upper one, so that rows of
 * accounts which should not exist are seen too.
 */
export class TableSlices {
  private readonly accounts: number;
  /** Names of all accounts in string order; empty until first needed. */
  private names: readonly string[] = [];

  constructor(accounts: number) {
    this.accounts = accounts;
  }

  /**
   * Reads everything through `session`, in whatever transaction is open there: one snapshot if that
   * was begun before. `take` receives each slice; the last one says so.
   */
  async scan(session: Session, take: (rows: readonly Row[], last: boolean) => void): Promise<void> {
    if (this.names.length === 0) this.names = namesInOrder(this.accounts);
    let accounts = FIRST_ACCOUNTS_PER_SLICE;
    let begin = 0;
    while (begin < this.names.length) {
      const end = begin + accounts;
      const from = begin === 0 ? undefined : this.names[begin];
      const { rows } = await session.execute(selectSlice(from, this.names[end]));
      take(rows, end >= this.names.length);
      begin = end;
      if (rows.length < ROWS_PER_SLICE / 2) accounts *= 2;
      else if (rows.length > ROWS_PER_SLICE * 2) accounts = Math.max(1, accounts >> 1);
    }
  }
}

function namesInOrder(accounts: number): readonly string[] {
  const names: string[] = [];
  for (let account = 1; account <= accounts; account++) names.push(`acc${account}`);
  return names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * A slice as the history keeps it. Throws {@link UnexpectedAnswer} for a column that is no
 * integer.
 */
export function readValue(attempt: number, last: boolean, rows: readonly Row[]): ReadValue {
  return {
    attempt,
    last,
    accounts: rows.map((row) => accountOf(row[0])),
    groups: rows.map((row) => String(integerOrNull(row[1]))),
    cids: rows.map((row) => readInteger(row[2])),
    amounts: rows.map((row) => readInteger(row[3])),
    balances: rows.map((row) => readInteger(row[4])),
  };
}

/**
 * Sum of the last balances from a scan, a decimal string: what the verification's query should
 * give.
 */
export async function scanTotal(session: Session, slices: TableSlices): Promise<string> {
  const last = new Map<string, { cid: bigint; sum: bigint }>();
  await slices.scan(session, (rows) => {
    for (const row of rows) {
      const cid = BigInt(integerOrNull(row[2]) ?? -1);
      const balance = BigInt(integerOrNull(row[4]) ?? 0);
      const account = String(row[0]);
      const known = last.get(account);
      if (known === undefined || known.cid < cid) last.set(account, { cid, sum: balance });
      else if (known.cid === cid) known.sum += balance;
    }
  });
  let total = 0n;
  for (const { sum } of last.values()) total += sum;
  return String(total);
}

/** N of `accN` as the loader spells it, else the text. */
function accountOf(datum: Datum | undefined): number | string {
  if (typeof datum !== 'string') throw new UnexpectedAnswer(`account_id is ${String(datum)}`);
  return /^acc[1-9]\d{0,8}$/.test(datum) ? Number(datum.slice(3)) : datum;
}

function readInteger(datum: Datum | undefined): ReadInteger {
  const value = integerOrNull(datum);
  return typeof value === 'bigint' ? String(value) : value;
}
