import type { CheckResult } from './checker.ts';
import { Findings } from './findings.ts';
import { uncleanliness } from './quota-cancel.ts';
import {
  atLeast,
  type Episode,
  endedOf,
  mebibytes,
  type QuotaEvidence,
  type QuotaNeglect,
  type QuotaPick,
  type QuotaStatement,
  unstoppable,
  whose,
} from './quota-evidence.ts';

/** A node is looked at every 100 ms, by figures that may be 300 ms old. */
const NEGLECT_US = 1_000_000;
/** v8 gives up a victim that does not end, and picks another. */
const GIVE_UP_US = 60_000_000;

/**
 * A node that holds more than `tidb_server_memory_limit` ends sessions, one at a time, until it
 * does not: the largest that may be ended each time, which does not go on growing and is told why.
 */
export function checkServerLimit(
  name: string,
  _episodes: readonly Episode[],
  evidence: QuotaEvidence,
): CheckResult {
  const findings = new Findings(name);
  const ended = endedOf(evidence);
  const previous = new Map<string, QuotaPick>();
  for (const pick of evidence.picks) {
    const before = previous.get(pick.node);
    const wrong = [
      ...wrongPick(pick, evidence.version),
      ...together(pick, before, before && ended(before), evidence.version),
      ...wrongEnd(pick, ended(pick), evidence.version),
    ];
    previous.set(pick.node, pick);
    for (const text of wrong) {
      findings.add(pick.atUs, () => ({ text: `${whose(pick)}: ${text}`, ops: [] }));
    }
  }
  for (const neglect of evidence.neglects) {
    if (neglect.untilUs - neglect.fromUs <= NEGLECT_US) continue;
    findings.add(neglect.fromUs, () => ({ text: tellNeglect(neglect), ops: [] }));
  }
  return findings.result();
}

/** What is wrong with whom the limit picked. */
function wrongPick({ consumed, peak, exempt, least, rival }: QuotaPick, version: string): string[] {
  const wrong: string[] = [];
  if (exempt) wrong.push('picked by the server limit, which spares what it runs');
  if (peak < rival) {
    const held = `held ${mebibytes(peak)} at the most, another ${mebibytes(rival)}`;
    wrong.push(`picked by the server limit as the largest, but it ${held}`);
  }
  if (consumed < least && atLeast(version, [8, 0])) {
    const held = `${mebibytes(consumed)}, less than ${mebibytes(least)}`;
    wrong.push(`picked by the server limit, but it held ${held}`);
  }
  return wrong;
}

/** Nobody is picked while the one before has not ended. */
function together(
  pick: QuotaPick,
  before: QuotaPick | undefined,
  ended: QuotaStatement | undefined,
  version: string,
): string[] {
  if (before === undefined || ended === undefined || ended.endedUs <= pick.atUs) return [];
  const gaveUp = pick.atUs - before.atUs >= GIVE_UP_US;
  if (gaveUp && atLeast(version, [8, 0])) return [];
  return [`picked by the server limit while connection ${before.connection} was being ended`];
}

/** What is wrong with the end of a victim; one whose node was killed has none. */
function wrongEnd(pick: QuotaPick, victim: QuotaStatement | undefined, version: string): string[] {
  if (victim === undefined) return [];
  const wrong: string[] = [];
  const allowed = Math.max(pick.peak, pick.consumed + unstoppable(victim));
  if (victim.maxConsumed > allowed) {
    const grown = `from ${mebibytes(pick.consumed)} to ${mebibytes(victim.maxConsumed)}`;
    wrong.push(`went on growing ${grown} after the server limit had picked it`);
  }
  // One that did not grow any more ends as if nothing had happened.
  if (victim.errorCode === undefined && victim.errorText === undefined) return wrong;
  const unclean = uncleanliness(victim, version);
  return unclean === '' ? wrong : [...wrong, unclean];
}

function tellNeglect({ node, fromUs, untilUs, limit, heap }: QuotaNeglect): string {
  const seconds = ((untilUs - fromUs) / 1_000_000).toFixed(1);
  return (
    `${node}: held up to ${mebibytes(heap)}, its limit is ${mebibytes(limit)}, ` +
    `and for ${seconds} s nobody was ended for it`
  );
}
