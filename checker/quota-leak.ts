import type { CheckResult } from './checker.ts';
import { Findings } from './findings.ts';
import { type Episode, mebibytes, type QuotaEvidence, shortSql, whose } from './quota-evidence.ts';

/**
 * Of a statement that has ended nothing is left: no bytes, no file, no request that a store is
 * still working on.
 */
export function checkNoLeak(
  name: string,
  episodes: readonly Episode[],
  { leaks }: QuotaEvidence,
): CheckResult {
  const findings = new Findings(name);
  for (const leak of leaks) {
    // Bytes end the run at once, so there is no earlier one.
    findings.add(Number.POSITIVE_INFINITY, () => {
      const left = `${mebibytes(leak.memory)} in memory, ${mebibytes(leak.disk)} on disk`;
      return { text: `${whose(leak)}: ${left} left of ${shortSql(leak.sql)}`, ops: [] };
    });
  }
  for (const { statement } of episodes) {
    const { requests, files } = statement.left;
    if (requests === 0 && files === 0) continue;
    findings.add(statement.endedUs, () => {
      const left = `${requests} requests, ${files} files`;
      return { text: `${whose(statement)}: ${left} left of ${shortSql(statement.sql)}`, ops: [] };
    });
  }
  return findings.result();
}
