import type { CheckResult } from './checker.ts';
import { Findings } from './findings.ts';
import {
  atLeast,
  cancelOf,
  type Episode,
  mebibytes,
  type QuotaAction,
  type QuotaEvidence,
  shortSql,
  whose,
} from './quota-evidence.ts';

/** Actions of the hard limit that are tried before a statement is cancelled. */
const GENTLE: ReadonlySet<string> = new Set(['rate-limit', 'delegate', 'spill', 'sort-spill']);

/** Where the soft limit lies. */
const SOFT_PART = 0.8;
/** An aggregation that holds a smaller part of the quota does not spill. */
const LEAST_AGGREGATION = 5;

/**
 * Gentler actions come before harsher ones. Readers slow down first, token by token, and give up
 * with the last one; then operators spill; only what is exhausted is passed over; and what has been
 * cancelled is not slowed down any more. HashAgg spills at a limit of its own, at any time.
 */
export function checkOrder(name: string, episodes: readonly Episode[]): CheckResult {
  const findings = new Findings(name);
  for (const { actions } of episodes) {
    let cancelled = false;
    for (const action of actions) {
      const wrong = disorder(action, cancelled);
      if (wrong !== '') findings.add(action.atUs, () => said(action, wrong));
      if (action.action === 'cancel') cancelled = true;
    }
  }
  return findings.result();
}

function disorder(event: QuotaAction, cancelled: boolean): string {
  const { action, tokensLeft = 0, forServer, untried } = event;
  if (cancelled && GENTLE.has(action)) return `${action} after the statement was cancelled`;
  if (action === 'rate-limit' && tokensLeft < 2) return 'a reader is to give up its last token';
  if (action === 'delegate' && tokensLeft > 1) {
    return `a reader passes on with ${tokensLeft} tokens left`;
  }
  if (action !== 'cancel' || forServer) return '';
  const left = untried.filter((other) => GENTLE.has(other.action)).map((other) => other.action);
  return left.length === 0 ? '' : `cancelled before ${[...new Set(left)].join(', ')} was exhausted`;
}

/**
 * A statement is cancelled only if nothing milder could have brought it back under its quota: not
 * while it is below, and not while an operator could spill enough.
 *
 * From v6.4 on the hard limit is asked before the soft one. So HashAgg, which spills at the soft
 * one, gets no chance where the charge that exceeds the quota is the first after which it would
 * have spilled: one that leaps over both limits, or that makes the aggregation large enough to be
 * worth it. Small quotas are within the reach of a leap: a chunk of rows, a map that doubles.
 */
export function checkNoNeedlessCancel(
  name: string,
  episodes: readonly Episode[],
  { version }: QuotaEvidence,
): CheckResult {
  const hardFirst = atLeast(version, [6, 4]);
  const findings = new Findings(name);
  for (const episode of episodes) {
    const cancel = cancelOf(episode);
    if (cancel === undefined) continue;
    const needless = needlessness(cancel, hardFirst);
    if (needless === '') continue;
    const sql = shortSql(episode.statement.sql);
    findings.add(cancel.atUs, () => said(cancel, `cancelled ${needless}: ${sql}`));
  }
  return findings.result();
}

/** Whether HashAgg was asked to spill before the quota was exceeded, and could have. */
function wasAsked({ crossedFrom = 0, crossedBy = 0, quota }: QuotaAction, held: number): boolean {
  const reached = crossedFrom >= Math.trunc(SOFT_PART * quota);
  return reached && held - crossedBy >= Math.trunc(quota / LEAST_AGGREGATION);
}

function needlessness(cancel: QuotaAction, hardFirst: boolean): string {
  const { consumed, quota } = cancel;
  const untried = cancel.untried.filter(
    ({ action, bytes = 0 }) => GENTLE.has(action) || !hardFirst || wasAsked(cancel, bytes),
  );
  const held = `${mebibytes(consumed)} held, quota ${mebibytes(quota)}`;
  if (consumed < quota) return `below its quota (${held})`;
  const bytes = untried.reduce((sum, other) => sum + (other.bytes ?? 0), 0);
  if (consumed - bytes >= quota) return '';
  const by = [...new Set(untried.map(({ action }) => action))].join(', ');
  return `though ${by} could have given back ${mebibytes(bytes)} (${held})`;
}

function said(event: QuotaAction, what: string): { text: string; ops: readonly number[] } {
  return { text: `${whose(event)}: ${what}`, ops: [] };
}
