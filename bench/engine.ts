import { performance } from 'node:perf_hooks';

/** What an engine made of the verification query over a ledger. */
export interface EngineResult {
  /** The sum of all last balances, as text. */
  readonly total: string;
  /** Wall seconds of each time the query was run, the first one included. */
  readonly querySeconds: readonly number[];
  /** Seconds of all cores that it cost: what other work on the machine does not touch. */
  readonly coreSeconds: readonly number[];
  readonly loadSeconds: number;
  /** The most memory that the process of the engine has had, MiB. */
  readonly peakMib: number;
  /** Anything else worth telling: figures by name. */
  readonly more?: Readonly<Record<string, number>>;
}

/** Least and most repetitions, the first of which warms up, as it does for everybody. */
const LEAST_RUNS = 5;
const MOST_RUNS = 40;
/** So many seconds are spent on more than the least: short queries are measured warm. */
const ENOUGH_SECONDS = 2;
/** A run that takes longer is repeated once, and no more. */
const LONG_SECONDS = 5;

/**
 * Runs a query several times and notes how long each took, and the answer, always the same: five
 * times, then until two seconds have been spent on it, forty times at most. Once a run has taken
 * more than five seconds two are enough: what takes so long does not hinge on being warm.
 *
 * @param coresUsed seconds of cores that the engine's process has used so far
 */
export async function timed(
  query: () => Promise<string>,
  coresUsed: () => number = ownCoreSeconds,
): Promise<Pick<EngineResult, 'total' | 'querySeconds' | 'coreSeconds'>> {
  const querySeconds: number[] = [];
  const coreSeconds: number[] = [];
  let total: string | undefined;
  while (!isEnough(querySeconds)) {
    const startMs = performance.now();
    const usedBefore = coresUsed();
    const answer = await query();
    querySeconds.push((performance.now() - startMs) / 1000);
    coreSeconds.push(coresUsed() - usedBefore);
    if (total !== undefined && answer !== total) throw new Error(`${total}, then ${answer}`);
    total = answer;
  }
  return { total: total as string, querySeconds, coreSeconds };
}

function isEnough(seconds: readonly number[]): boolean {
  const spent = seconds.reduce((sum, run) => sum + run, 0);
  const least = Math.max(0, ...seconds) > LONG_SECONDS ? 2 : LEAST_RUNS;
  if (seconds.length < least) return false;
  return spent >= ENOUGH_SECONDS || seconds.length >= MOST_RUNS;
}

function ownCoreSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The most memory this process has had, MiB. */
export function ownPeakMib(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** Seconds since a moment of `performance.now()`. */
export function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}

/**
 * The verification query over the table of a peer; ours is sent as the ledger case sends it, and is
 * the same.
 */
export const PEER_QUERY = `
select sum(balance) total from
  (select account_id, max(causality_id) max_causality_id from ledger_accounts group by account_id)
  last join ledger_accounts on last.account_id = ledger_accounts.account_id
    and last.max_causality_id = ledger_accounts.causality_id`;

/**
 * Whether a peer's table has the ledger's primary key. Without one rows lie in the order in which
 * they came.
 */
export type PeerKey = 'key' | 'no key';

/** Columns that a peer's table has, in order; the ledger's others hold nothing but NULL. */
export const PEER_COLUMNS = 'account_id, posting_group_id, causality_id, amount, balance';
