import type { CheckResult } from './checker.ts';
import { Findings } from './findings.ts';
import {
  atLeast,
  cancelOf,
  type Episode,
  type QuotaEvidence,
  type QuotaStatement,
  whose,
} from './quota-evidence.ts';

/** What a client is told whose statement exceeded its quota. */
interface QuotaError {
  readonly code: number;
  /** How the text begins; it ends with the connection. */
  readonly text: string;
}

const OLD: QuotaError = { code: 1105, text: 'Out Of Memory Quota!' };
const TYPED: QuotaError = {
  code: 8175,
  text:
    'Your query has been cancelled due to exceeding the allowed memory limit for a single SQL ' +
    'query.',
};

/**
 * Errors that may win the race against the cancel, without anything being wrong: KILL, and stores
 * that could not be reached.
 */
const OTHERS: ReadonlySet<number> = new Set([
  1317, 9001, 9002, 9003, 9004, 9005, 9010, 9011, 9012, 9013,
]);

/**
 * A cancelled statement fails, with the error of its version, which names its connection; and the
 * transaction it ran in is as open as before, for the client to decide.
 */
export function checkCleanCancel(
  name: string,
  episodes: readonly Episode[],
  { version }: QuotaEvidence,
): CheckResult {
  const findings = new Findings(name);
  // Source: TiDB's release notes.
  const expected = atLeast(version, [7, 6]) ? TYPED : OLD;
  for (const episode of episodes) {
    if (cancelOf(episode) === undefined) continue;
    const { statement } = episode;
    const wrong = uncleanliness(statement, expected);
    if (wrong === '') continue;
    findings.add(statement.endedUs, () => ({ text: `${whose(statement)}: ${wrong}`, ops: [] }));
  }
  return findings.result();
}

function uncleanliness(statement: QuotaStatement, expected: QuotaError): string {
  const { errorCode, errorText = '', inTransaction, connection } = statement;
  if (errorCode === undefined) {
    const instead = errorText === '' ? 'answered as if nothing had happened' : errorText;
    return `cancelled, but no error was sent: ${instead}`;
  }
  if (inTransaction.before && !inTransaction.after) {
    return 'cancelled, and its transaction was ended with it';
  }
  if (OTHERS.has(errorCode)) return '';
  const names = errorText.endsWith(`=${connection}]`);
  if (errorCode === expected.code && errorText.startsWith(expected.text) && names) return '';
  const right = `${expected.code} "${expected.text}…" of its connection`;
  return `cancelled with error ${errorCode} "${errorText}" instead of ${right}`;
}
