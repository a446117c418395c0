import { ConnectionLost, SqlError } from '../errors.ts';
import type { QueryResult } from '../session.ts';
import type { Wait } from '../sim/index.ts';
import { errorOf, recoverPanic } from './memory/panic.ts';
import { EXEC_STATEMENT, RECORD_SET_NEXT } from './memory/recover-sites.ts';
import type { BoundStatement, SqlSession } from './session.ts';
import type { Statement } from './sql/index.ts';

const WITH_ROWS: ReadonlySet<Statement['kind']> = new Set(['select', 'set-operation', 'explain']);

/**
 * Runs a statement with memory of its own, which is accounted for when it ends, however it does. A
 * quota's panic in the task of the connection is recovered here, and a deadlock, unlike other
 * errors, ends the whole transaction. What EXECUTE runs is part of it.
 */
export function* measured(session: SqlSession, bound: BoundStatement): Wait<QueryResult> {
  const { memory, node } = session;
  const { costs, bugs } = node.parts;
  yield* node.cpu.run(costs.parseUs + costs.planUs + costs.executeUs);
  if (memory.current !== undefined) return yield* session.executeOne(bound);
  memory.begin(bound.statement);
  let failure: unknown;
  try {
    return yield* session.executeOne(bound);
  } catch (error) {
    const cancelled = isCancel(errorOf(error));
    const ends = cancelled && bugs.has('mem.cancelEndsTransaction');
    if (ends || (error instanceof SqlError && error.code === 1213)) session.rollback();
    const site = WITH_ROWS.has(bound.statement.kind) ? RECORD_SET_NEXT : EXEC_STATEMENT;
    failure = recoverPanic(error, site, memory.statement, []);
    const drops = bugs.has('mem.quotaDropsConnection') && isCancel(failure);
    if (drops) failure = new ConnectionLost();
    throw failure;
  } finally {
    memory.end(failure);
  }
}

/** Whether a statement has ended because of its quota, in versions whose error says so. */
function isCancel(error: unknown): boolean {
  return error instanceof SqlError && error.code === 8175;
}
