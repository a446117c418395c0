import { GrowingFloat64, GrowingInt32 } from './growing.ts';
import { halvesOf, textOfHalves } from './int64-halves.ts';
import type { ReadInteger, ReadValue } from './ledger-ops.ts';

/**
 * The ledger table as the final read saw it, in typed columns: 36 bytes a row. A NULL, or an
 * integer beyond 2^53 that no ledger of ours can reach, is NaN and equal to nothing.
 */
export class LedgerTable {
  /** Accounts that should exist: 1 to this. Codes above it are foreign, see `accountName`. */
  readonly accounts: number;
  readonly account = new GrowingInt32();
  readonly groupHigh = new GrowingInt32();
  readonly groupLow = new GrowingInt32();
  readonly cid = new GrowingFloat64();
  readonly amount = new GrowingFloat64();
  readonly balance = new GrowingFloat64();
  private readonly foreign: string[] = [];
  private readonly foreignCodes = new Map<string, number>();

  constructor(accounts: number) {
    this.accounts = accounts;
  }

  /** Rows so far. */
  get length(): number {
    return this.account.length;
  }

  /** One more than the largest account code in use. */
  get codes(): number {
    return this.accounts + 1 + this.foreign.length;
  }

  /** Appends a slice of the final read. */
  append(slice: ReadValue): void {
    for (let i = 0; i < slice.accounts.length; i++) {
      const group = halvesOf(slice.groups[i] as string);
      this.account.push(this.code(slice.accounts[i] as number | string));
      this.groupHigh.push(group.high);
      this.groupLow.push(group.low);
      this.cid.push(exact(slice.cids[i] as ReadInteger));
      this.amount.push(exact(slice.amounts[i] as ReadInteger));
      this.balance.push(exact(slice.balances[i] as ReadInteger));
    }
  }

  /** Name of an account by its code. */
  accountName(code: number): string {
    if (code <= this.accounts) return `acc${code}`;
    return this.foreign[code - this.accounts - 1] ?? `account code ${code}`;
  }

  /** Posting group of a row, a decimal string. */
  group(row: number): string {
    return textOfHalves(this.groupHigh.at(row), this.groupLow.at(row));
  }

  private code(account: number | string): number {
    if (typeof account === 'number' && account >= 1 && account <= this.accounts) return account;
    const name = typeof account === 'number' ? `acc${account}` : account;
    let code = this.foreignCodes.get(name);
    if (code === undefined) {
      code = this.codes;
      this.foreign.push(name);
      this.foreignCodes.set(name, code);
    }
    return code;
  }
}

function exact(value: ReadInteger): number {
  return typeof value === 'number' ? value : Number.NaN;
}
