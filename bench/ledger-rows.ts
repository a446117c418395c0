import { Rng } from '../cluster/sim/index.ts';

/** Rows of an account, on average: what six hours of the seed's run leave behind. */
const ROWS_PER_ACCOUNT = 22;
const LARGEST_AMOUNT = 1000;

/** A ledger in columns, account by account, the rows of each in order of time. */
export interface LedgerRows {
  readonly length: number;
  readonly accounts: number;
  /** Account n is spelled `acc{n + 1}`. */
  readonly account: Int32Array;
  readonly causality: Float64Array;
  readonly group: BigInt64Array;
  readonly amount: Float64Array;
  readonly balance: Float64Array;
}

/**
 * The ledger as its workload would have left it, with one difference: accounts begin with money, so
 * that the total is a number that an empty or a wrong answer does not hit by chance. The same
 * `rows` give the same ledger.
 */
export function ledgerRows(rows: number): LedgerRows {
  const accounts = Math.max(2, Math.floor(rows / ROWS_PER_ACCOUNT));
  const ledger = {
    length: accounts + 2 * Math.floor((rows - accounts) / 2),
    accounts,
    account: new Int32Array(rows),
    causality: new Float64Array(rows),
    group: new BigInt64Array(rows),
    amount: new Float64Array(rows),
    balance: new Float64Array(rows),
  };
  const random = new Rng('1', 'ledger-rows');
  const words = new Uint32Array(ledger.group.buffer);
  const balances = new Float64Array(accounts);
  const lengths = new Float64Array(accounts);
  const write = (row: number, account: number, amount: number): void => {
    ledger.account[row] = account;
    ledger.causality[row] = lengths[account] as number;
    ledger.amount[row] = amount;
    ledger.balance[row] = (balances[account] as number) + amount;
    lengths[account] = (lengths[account] as number) + 1;
    balances[account] = ledger.balance[row] as number;
  };
  for (let account = 0; account < accounts; account++) {
    drawGroup(random, words, account);
    write(account, account, 3 + 7 * account);
  }
  for (let row = accounts; row < ledger.length; row += 2) {
    const from = random.nextInt(accounts);
    const to = (from + 1 + random.nextInt(accounts - 1)) % accounts;
    const amount = 1 + random.nextInt(LARGEST_AMOUNT);
    drawGroup(random, words, row);
    ledger.group[row + 1] = ledger.group[row] as bigint;
    write(row, to, amount);
    write(row + 1, from, -amount);
  }
  return byAccount(ledger, lengths);
}

/** Puts the rows of each account side by side, which is where a clustered key puts them. */
function byAccount(written: LedgerRows, lengths: Float64Array): LedgerRows {
  const { length, accounts } = written;
  const sorted = {
    length,
    accounts,
    account: new Int32Array(length),
    causality: new Float64Array(length),
    group: new BigInt64Array(length),
    amount: new Float64Array(length),
    balance: new Float64Array(length),
  };
  const starts = new Int32Array(accounts);
  for (let account = 1; account < accounts; account++) {
    starts[account] = (starts[account - 1] as number) + (lengths[account - 1] as number);
  }
  for (let row = 0; row < length; row++) {
    const account = written.account[row] as number;
    const to = (starts[account] as number) + (written.causality[row] as number);
    sorted.account[to] = account;
    sorted.causality[to] = written.causality[row] as number;
    sorted.group[to] = written.group[row] as bigint;
    sorted.amount[to] = written.amount[row] as number;
    sorted.balance[to] = written.balance[row] as number;
  }
  return sorted;
}

/** A positive 63-bit number, as the workload draws them. */
function drawGroup(random: Rng, words: Uint32Array, row: number): void {
  words[2 * row] = random.nextU32();
  words[2 * row + 1] = random.nextU32() >>> 1;
}

/**
 * The sum of the last balances by nothing but two loops over typed arrays, accounts being small
 * integers: the least that the verification query can cost in this language.
 */
export function kernelTotal({ length, accounts, account, causality, balance }: LedgerRows): number {
  const last = new Float64Array(accounts).fill(-1);
  for (let row = 0; row < length; row++) {
    const at = account[row] as number;
    if ((causality[row] as number) > (last[at] as number)) last[at] = causality[row] as number;
  }
  let total = 0;
  for (let row = 0; row < length; row++) {
    if (last[account[row] as number] === causality[row]) total += balance[row] as number;
  }
  return total;
}
