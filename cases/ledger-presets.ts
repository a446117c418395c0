import { LEDGER_DEFAULTS, type LedgerOptions } from './ledger-options.ts';

/**
 * Two ways to run the ledger. `oom` is a scale model of TiDB issue 32624: with everything that
 * makes up memory divided by N, a breach of the quota arises after as long a time as it did
 * there. `hot` has so few accounts that postings meet all the time: it is for concurrency bugs,
 * not for memory.
 */
export type LedgerPreset = 'oom' | 'hot';

/** Accounts of the run in issue 32624, estimated from its log. */
const SEED_ACCOUNTS = 1_200_000;
/** Postings a second of that run, likewise. */
const SEED_TRANSFERS_PER_SECOND = 226;
/** Postings on as few accounts meet all the time. */
const HOT_ACCOUNTS = 100;

/** N of the scale 1/N that a preset runs at unless told otherwise: contention has no scale. */
export const PRESET_SCALES: Readonly<Record<LedgerPreset, number>> = { oom: 64, hot: 1 };

/** The presets by name, each made for a scale of 1/`denominator`. */
export const LEDGER_PRESETS: Readonly<
  Record<LedgerPreset, (denominator: number) => LedgerOptions>
> = {
  oom: (denominator) => ({
    ...LEDGER_DEFAULTS,
    accounts: Math.max(2, Math.round(SEED_ACCOUNTS / denominator)),
    transfersPerSecond: SEED_TRANSFERS_PER_SECOND / denominator,
  }),
  hot: () => ({ ...LEDGER_DEFAULTS, accounts: HOT_ACCOUNTS }),
};
