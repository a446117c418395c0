import type { SqlError } from '../errors.ts';
import { TracedError } from './memory/panic.ts';
import { sourceOf } from './memory/stack.ts';
import type { SqlSession } from './session.ts';

/** Bits of the server status that are told. */
const IN_TRANSACTION = 1;
const AUTOCOMMIT = 2;

/**
 * The line of a connection whose command ended with an error. Source: TiDB `server/conn.go`,
 * `clientConn.Run`.
 */
export function logCommandFailed(session: SqlSession, error: SqlError): void {
  const { log, profile } = session.node.parts;
  const { connectionId, inTransaction, autocommits, variables } = session;
  const status = (inTransaction ? IN_TRANSACTION : 0) | (autocommits ? AUTOCOMMIT : 0);
  const collation = variables.text('collation_connection');
  const flags = `status:${status.toString(2)}, collation:${collation}, user:root`;
  const trace = error instanceof TracedError ? `\n${error.trace}` : '';
  log('INFO', sourceOf(profile, 'conn.go', 1119), 'command dispatched failed', [
    ['conn', connectionId],
    ['connInfo', `id:${connectionId}, addr:client:${connectionId} ${flags}`],
    ['command', 'Query'],
    ['status', `inTxn:${inTransaction ? 1 : 0}, autocommit:${autocommits ? 1 : 0}`],
    ['sql', session.running ?? ''],
    ['txn_mode', (variables.text('tidb_txn_mode') || 'optimistic').toUpperCase()],
    ['timestamp', session.memory.last?.txnStartTs ?? 0],
    ['err', `${error.message}${trace}`],
  ]);
}
