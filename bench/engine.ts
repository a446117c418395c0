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

/** So often the query is run: the first time warms up, as it does for everybody. */
const RUNS = 5;

/**
 * Runs a query several times and notes how long each took, and the answer, always the same.
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
  for (let run = 0; run < RUNS; run++) {
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

/** Columns that a peer's table has, in order; the ledger's others hold nothing but NULL. */
export const PEER_COLUMNS = 'account_id, posting_group_id, causality_id, amount, balance';
