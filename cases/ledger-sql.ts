/**
 * The ledger's statements as tipocket sends them: values written into the text, several
 * statements in one text, comments between values, arithmetic left to the server. A database that
 * only ever saw tidy prepared statements would not have been asked the same questions.
 */

import type { PrimaryKey, VerifyFrom } from './ledger-options.ts';

/** First statement of the set-up. */
export const DROP_TABLE = 'DROP TABLE IF EXISTS ledger_accounts';

const KEY_WORDS: Readonly<Record<PrimaryKey, string>> = {
  default: '',
  clustered: ' CLUSTERED',
  nonclustered: ' NONCLUSTERED',
};

/** The table, then a TRUNCATE, in one text. `posting_group_id` makes a repeated posting collide. */
export function createLedger(primaryKey: PrimaryKey): string {
  return `
CREATE TABLE IF NOT EXISTS ledger_accounts (
  causality_id BIGINT NOT NULL,
  posting_group_id BIGINT NOT NULL,
  amount BIGINT,
  balance BIGINT,
  currency VARCHAR(32),
  created TIMESTAMP,
  value_date TIMESTAMP,
  account_id VARCHAR(32),
  transaction_id VARCHAR(32),
  scheme VARCHAR(32),
  PRIMARY KEY (account_id, posting_group_id)${KEY_WORDS[primaryKey]},
  INDEX (transaction_id),
  INDEX (posting_group_id)
);
TRUNCATE TABLE ledger_accounts;
`;
}

/** Makes every session opened from now on use `mode`. */
export function setTxnMode(mode: string): string {
  return `set @@global.tidb_txn_mode = '${mode}';`;
}

/** Row 0 of accounts `from` to `until` (exclusive), each in a posting group of its own. */
export function insertAccounts(from: number, until: number, group: () => bigint): string {
  const rows: string[] = [];
  for (let account = from; account < until; account++) {
    rows.push(`(${group()}, 0, "acc${account}", 0, 0)`);
  }
  const columns = 'posting_group_id, amount,account_id, causality_id, balance';
  return `INSERT INTO ledger_accounts (${columns}) VALUES ${rows.join(',')}`;
}

/**
 * The last row of an account, locked. No key covers it: only the locked row itself excludes
 * others.
 */
export function selectLast(account: number): string {
  return `SELECT causality_id, balance FROM ledger_accounts
\t\tWHERE account_id = "acc${account}" ORDER BY causality_id DESC LIMIT 1 FOR UPDATE`;
}

/** One side of a posting: the account, the causality id to write, and the balance that was read. */
export interface PostingSide {
  readonly account: number;
  /** Causality ids count rows of an account: they stay far below 2^53. */
  readonly cid: number;
  readonly balance: number | bigint;
}

/** Both rows of a posting in one INSERT; the new balances are left to the server to compute. */
export function insertPosting(
  group: string,
  amount: number,
  a: PostingSide,
  b: PostingSide,
): string {
  return `
INSERT INTO ledger_accounts (
  posting_group_id,
  amount,
  account_id,
  causality_id,
  balance
)
VALUES (
  ${group},\t-- the group, shared by both rows
  ${amount}, \t-- what A receives
  "acc${a.account}", \t-- A
  ${a.cid}, \t-- next in A's chain
  ${a.balance}+${amount}\t-- A's balance from here on
), (
  ${group},   -- the group again
 -${amount},   -- what B gives
  "acc${b.account}", -- B
  ${b.cid},   -- next in B's chain
  ${b.balance}-${amount} -- B's balance from here on
)`;
}

/** Keeps the verification off other engines; sent inside its transaction. */
export const READ_FROM_TIKV = "set @@session.tidb_isolation_read_engines='tikv'";

/** How far back a verification of the past reads. */
export const STALENESS_SECONDS = 5;

/** Has the reads of a session answered by other replicas than the leader, too. */
export function readFrom(replicas: VerifyFrom): string {
  if (replicas === 'stale') return `set @@session.tidb_read_staleness=-${STALENESS_SECONDS}`;
  return `set @@session.tidb_replica_read='${replicas}'`;
}

/** The sum over the last balance of every account. It is 0 as long as no money is made or lost. */
export const VERIFY = `
select sum(balance) total from
  (select account_id, max(causality_id) max_causality_id \
from ledger_accounts group by account_id) last
  join ledger_accounts
    on last.account_id = ledger_accounts.account_id \
and last.max_causality_id = ledger_accounts.causality_id`;

/** Compares every index with the rows it points to. */
export const ADMIN_CHECK = 'ADMIN CHECK TABLE ledger_accounts';

/** The columns of {@link selectSlice}, in order. */
const SLICE = 'account_id, posting_group_id, causality_id, amount, balance';

/**
 * All rows of the accounts from `from` to `until` (exclusive) by string order; no bound if
 * undefined.
 */
export function selectSlice(from: string | undefined, until: string | undefined): string {
  const bounds: string[] = [];
  if (from !== undefined) bounds.push(`account_id >= "${from}"`);
  if (until !== undefined) bounds.push(`account_id < "${until}"`);
  const where = bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`;
  return `SELECT ${SLICE} FROM ledger_accounts${where}`;
}
