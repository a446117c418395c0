import type { CheckResult } from './checker.ts';
import { Findings } from './findings.ts';
import { cancelOf, type Episode, type QuotaEvidence, whose } from './quota-evidence.ts';

/**
 * A quota ends a statement by an error that is handed up, not by blowing up whoever happened to
 * grow: a panic that is recovered somewhere runs deferred code in states nobody thought of, and one
 * that is not takes the server along. TiDB's #32624 was reported as just that.
 */
export function checkNoPanic(
  name: string,
  episodes: readonly Episode[],
  { panics }: QuotaEvidence,
): CheckResult {
  const findings = new Findings(name);
  for (const panic of panics) {
    findings.add(panic.atUs, () => ({
      text: `${whose(panic)}: a quota ended a worker by a panic, logged as "${panic.message}"`,
      ops: [],
    }));
  }
  for (const episode of episodes) {
    const { statement } = episode;
    const { errorCode, errorText, endedUs } = statement;
    if (cancelOf(episode) === undefined || errorCode !== undefined || errorText === undefined) {
      continue;
    }
    findings.add(endedUs, () => ({
      text: `${whose(statement)}: a quota lost the connection: ${errorText}`,
      ops: [],
    }));
  }
  return findings.result();
}
