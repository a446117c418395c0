/**
 * Errors as a MySQL client meets them. One class for error packets, one for a lost connection; the
 * registry says which codes are *definite* (surely not applied), and one function turns either into
 * Jepsen's ok/fail/info (see `classifyFailure`).
 */
import type { QueryResult } from './session.ts';

/** An error packet: MySQL code, SQLSTATE and text. The connection is usable afterwards. */
export class SqlError extends Error {
  readonly code: number;
  readonly sqlState: string;
  /** Results of the statements before the failed one in the same text, in order. */
  earlier: readonly QueryResult[] = [];

  constructor(code: number, message: string, sqlState = SQL_STATES.get(code) ?? 'HY000') {
    super(message);
    this.name = 'SqlError';
    this.code = code;
    this.sqlState = sqlState;
  }
}

/** The connection broke: nobody can know what became of a statement in flight. */
export class ConnectionLost extends Error {
  constructor(message = 'Lost connection to MySQL server during query') {
    super(message);
    this.name = 'ConnectionLost';
  }
}

/** SQLSTATEs of the codes that have one other than HY000. Source: MySQL error reference. */
const SQL_STATES: ReadonlyMap<number, string> = new Map([
  [1043, '08S01'],
  [1044, '42000'],
  [1045, '28000'],
  [1046, '3D000'],
  [1047, '08S01'],
  [1048, '23000'],
  [1049, '42000'],
  [1050, '42S01'],
  [1051, '42S02'],
  [1052, '23000'],
  [1054, '42S22'],
  [1055, '42000'],
  [1060, '42S21'],
  [1061, '42000'],
  [1062, '23000'],
  [1064, '42000'],
  [1065, '42000'],
  [1066, '42000'],
  [1068, '42000'],
  [1072, '42000'],
  [1091, '42000'],
  [1110, '42000'],
  [1111, 'HY000'],
  [1136, '21S01'],
  [1146, '42S02'],
  [1153, '08S01'],
  [1156, '08S01'],
  [1193, 'HY000'],
  [1213, '40001'],
  [1222, '21000'],
  [1231, '42000'],
  [1235, '42000'],
  [1241, '21000'],
  [1242, '21000'],
  [1248, '42000'],
  [1264, '22003'],
  [1292, '22007'],
  [1305, '42000'],
  [1317, '70100'],
  [1327, '42000'],
  [1364, 'HY000'],
  [1365, '22012'],
  [1406, '22001'],
  [1690, '22003'],
]);

/** What became of an operation: `ok`, `fail` (surely not applied) or `info` (nobody can know). */
export type Outcome = 'ok' | 'fail' | 'info';

/**
 * Codes that, answered to COMMIT, may still be followed by the transaction taking effect: the
 * region errors and time-outs of TiKV and PD. Every other error packet is definite.
 */
const INDEFINITE_AT_COMMIT: ReadonlySet<number> = new Set([
  9001, 9002, 9003, 9004, 9005, 9010, 9011,
]);

/**
 * Classifies the failure of a transaction. `commitSent` tells whether COMMIT (or an autocommitted
 * write) had been sent: before that nothing can have been applied, whatever went wrong.
 */
export function classifyFailure(error: unknown, commitSent: boolean): 'fail' | 'info' {
  if (!commitSent) return 'fail';
  if (error instanceof SqlError) return INDEFINITE_AT_COMMIT.has(error.code) ? 'info' : 'fail';
  return 'info';
}
