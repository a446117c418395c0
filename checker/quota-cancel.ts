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

/** What a client is told whose statement is ended. */
interface QuotaError {
  readonly code: number;
  /** How the text begins; it ends with the connection. */
  readonly text: string;
}

/** Of all limits until v7.5. */
const OLD: QuotaError = { code: 1105, text: 'Out Of Memory Quota!' };
const SERVER: QuotaError = {
  code: 8176,
  text:
    'Your query has been cancelled due to exceeding the allowed memory limit for the tidb-server ' +
    'instance and this query is currently using the most memory.',
};
const QUERY: QuotaError = {
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

/** What was spilled did not fit on disk: that, too, may be first. */
const NO_SPACE: ReadonlySet<string> = new Set([
  'Out Of Quota For Local Temporary Space!',
  'Out Of Global Storage Quota!',
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
  for (const episode of episodes) {
    if (cancelOf(episode) === undefined) continue;
    const { statement } = episode;
    const wrong = uncleanliness(statement, version);
    if (wrong === '') continue;
    findings.add(statement.endedUs, () => ({ text: `${whose(statement)}: ${wrong}`, ops: [] }));
  }
  return findings.result();
}

/**
 * What is wrong with the end of a statement that a limit should have ended; or ''. Whether its own
 * quota or the server's limit was first is not asked: one that exceeds both may hear of either.
 */
export function uncleanliness(statement: QuotaStatement, version: string): string {
  const { errorCode, errorText = '', inTransaction } = statement;
  if (errorCode === undefined) {
    const instead = errorText === '' ? 'answered as if nothing had happened' : errorText;
    return `cancelled, but no error was sent: ${instead}`;
  }
  if (inTransaction.before && !inTransaction.after) {
    return 'cancelled, and its transaction was ended with it';
  }
  const expected = expectedOf(statement, version);
  if (OTHERS.has(errorCode) || NO_SPACE.has(errorText)) return '';
  if (expected.some((error) => isOf(statement, error))) return '';
  const right = expected.map(({ code, text }) => `${code} "${text}…"`).join(' or ');
  return `cancelled with error ${errorCode} "${errorText}" instead of ${right} of its connection`;
}

/** Source: TiDB's release notes. */
function expectedOf({ picked }: QuotaStatement, version: string): readonly QuotaError[] {
  if (!atLeast(version, [7, 6])) return [OLD];
  return picked ? [SERVER, QUERY] : [QUERY];
}

function isOf({ errorCode, errorText = '', connection }: QuotaStatement, error: QuotaError) {
  const names = errorText.endsWith(`=${connection}]`);
  return errorCode === error.code && errorText.startsWith(error.text) && names;
}
