import { formatMemoryMix, type MemoryMix } from './memory-mix.ts';

/** How the table's primary key can be asked for. */
export const PRIMARY_KEYS = ['default', 'clustered', 'nonclustered'] as const;

/** One of them. */
export type PrimaryKey = (typeof PRIMARY_KEYS)[number];

/** Who may answer a verification: `tidb_replica_read`, or for one of the past any replica. */
export const VERIFY_FROM = ['leader', 'follower', 'leader-and-follower', 'stale'] as const;

/** One of them. */
export type VerifyFrom = (typeof VERIFY_FROM)[number];

/**
 * What can be set about a ledger run. Defaults and meaning are tipocket's where it has the
 * option.
 */
export interface LedgerOptions {
  /** Accounts `acc1` to `accN`; at least 2. */
  readonly accounts: number;
  /** Workers that post. */
  readonly concurrency: number;
  /** Pause between the end of one verification and the start of the next, in µs. */
  readonly intervalUs: number;
  /** Value of the global `tidb_txn_mode`. */
  readonly txnMode: 'pessimistic' | 'optimistic';
  /**
   * What holds the rows: the primary key (`clustered`) or a hidden row id (`nonclustered`), said in
   * CREATE TABLE; `default` leaves it to the version.
   */
  readonly primaryKey: PrimaryKey;
  /** Which replicas verifications read; `stale`: as the ledger was a few seconds ago. */
  readonly verifyFrom: VerifyFrom;
  /** Arrival rate over all workers; undefined: each posts again as soon as it can. */
  readonly transfersPerSecond: number | undefined;
  /** What three readers ask for beside the workers; undefined: there are no readers. */
  readonly memoryMix: MemoryMix | undefined;
  /**
   * `first`: all connect to TiDB node 0, as in tipocket, where one server carries the whole load.
   * `spread`: client i starts at node i, and goes to the next one when it loses its connection.
   */
  readonly connect: 'first' | 'spread';
  /** After the heal every client must succeed within this virtual time, in µs. */
  readonly livenessBoundUs: number;
  /** A run in which no verification succeeds for longer than this is not called valid; in µs. */
  readonly verificationBoundUs: number;
}

const SECOND_US = 1_000_000;

/** tipocket's defaults, and our bounds. */
export const LEDGER_DEFAULTS: LedgerOptions = {
  accounts: 1_000_000,
  concurrency: 200,
  intervalUs: 2 * SECOND_US,
  txnMode: 'pessimistic',
  primaryKey: 'default',
  verifyFrom: 'leader',
  transfersPerSecond: undefined,
  memoryMix: undefined,
  connect: 'spread',
  livenessBoundUs: 120 * SECOND_US,
  verificationBoundUs: 900 * SECOND_US,
};

/** The options as printed in a report. */
export function ledgerSettings(options: LedgerOptions): readonly (readonly [string, string])[] {
  const { transfersPerSecond: rate, memoryMix } = options;
  return [
    ['accounts', String(options.accounts)],
    ['concurrency', String(options.concurrency)],
    ['interval', `${options.intervalUs / SECOND_US}s`],
    ['txn-mode', options.txnMode],
    ['primary-key', options.primaryKey],
    ['verify-from', options.verifyFrom],
    ['transfers-per-second', rate === undefined ? 'unpaced' : String(rate)],
    ['memory-mix', memoryMix === undefined ? 'none' : formatMemoryMix(memoryMix)],
    ['connect', options.connect],
    ['liveness-bound', `${options.livenessBoundUs / SECOND_US}s`],
    ['verification-bound', `${options.verificationBoundUs / SECOND_US}s`],
  ];
}

/** Throws a RangeError that names the option and what was expected of it. */
export function validateLedgerOptions(options: LedgerOptions): void {
  atLeast('accounts', options.accounts, 2);
  atLeast('concurrency', options.concurrency, 1);
  atLeast('interval', options.intervalUs, 1);
  atLeast('liveness-bound', options.livenessBoundUs, 1);
  atLeast('verification-bound', options.verificationBoundUs, 1);
  const rate = options.transfersPerSecond;
  if (rate !== undefined && !(rate > 0)) {
    throw new RangeError(`transfers-per-second must be more than 0, not ${rate}`);
  }
}

function atLeast(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`${name} must be an integer of at least ${least}, not ${value}`);
}
