import type { CheckResult } from './checker.ts';
import { Findings } from './findings.ts';
import { type Episode, shortSql, whose } from './quota-evidence.ts';

/**
 * `tmp-storage-quota` holds for all files of a node together: whose write comes to it is ended by
 * that. Others that are writing at the same moment are ended by their own writes.
 */
export function checkTmpStorage(name: string, episodes: readonly Episode[]): CheckResult {
  const findings = new Findings(name);
  for (const { statement } of episodes) {
    const { lateWrites, endedUs, sql } = statement;
    if (lateWrites === 0) continue;
    findings.add(endedUs, () => {
      const wrote = `wrote to its files ${lateWrites} times more`;
      const text = `${wrote} after they had come to tmp-storage-quota: ${shortSql(sql)}`;
      return { text: `${whose(statement)}: ${text}`, ops: [] };
    });
  }
  return findings.result();
}
