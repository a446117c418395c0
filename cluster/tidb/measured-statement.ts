import { ConnectionLost, SqlError } from '../errors.ts';
import type { Wait } from '../sim/index.ts';
import { recoverPanic } from './memory/panic.ts';
import { EXEC_STATEMENT, RECORD_SET_NEXT } from './memory/recover-sites.ts';
import type { SessionMemory } from './memory/session-memory.ts';
import type { Statement } from './sql/index.ts';

const WITH_ROWS: ReadonlySet<Statement['kind']> = new Set(['select', 'set-operation', 'explain']);

/**
 * Runs a statement with memory of its own, which is accounted for when it ends, however it does. A
 * quota's panic in the task of the connection is recovered here. What EXECUTE runs is part of it.
 */
export function* measured<T>(memory: SessionMemory, tree: Statement, body: Wait<T>): Wait<T> {
  if (memory.current !== undefined) return yield* body;
  memory.begin(tree);
  let failure: unknown;
  try {
    return yield* body;
  } catch (error) {
    const site = WITH_ROWS.has(tree.kind) ? RECORD_SET_NEXT : EXEC_STATEMENT;
    failure = recoverPanic(error, site, memory.statement, []);
    const { bugs } = memory.node.parts;
    const drops = bugs.has('mem.quotaDropsConnection') && isCancel(failure);
    if (drops) failure = new ConnectionLost();
    throw failure;
  } finally {
    memory.end(failure);
  }
}

/** Whether a statement has ended because of its quota, in versions whose error says so. */
export function isCancel(error: unknown): boolean {
  return error instanceof SqlError && error.code === 8175;
}
