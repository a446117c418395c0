import { SqlError } from '../errors.ts';
import type { Wait } from '../sim/index.ts';
import { TICK_US } from './expensive-watch.ts';
import type { SqlSession } from './session.ts';
import type { Plannable, Planned } from './sql/planner/index.ts';
import { interrupt } from './transaction.ts';

/**
 * Runs a statement; a SELECT that takes longer than `max_execution_time` or its hint allows,
 * milliseconds, is ended. One that locks rows may take as long as it wants. Source: TiDB
 * `util/expensivequery`, which looks every 100 ms.
 */
export function limited<T>(
  session: SqlSession,
  statement: Plannable,
  { demands, current }: Planned,
  body: Wait<T>,
): Wait<T> {
  const reads = statement.kind === 'select' || statement.kind === 'set-operation';
  if (!reads || current) return body;
  const limitMs = demands.maxExecutionMs ?? session.variables.number('max_execution_time');
  return limitMs === 0 ? body : limitedTo(limitMs, session, body);
}

function* limitedTo<T>(limitMs: number, session: SqlSession, body: Wait<T>): Wait<T> {
  const { process, profile } = session.node.parts;
  const { nowUs } = process.world;
  const dueUs = Math.ceil((nowUs + limitMs * 1000) / TICK_US) * TICK_US;
  let runs = true;
  process.after(dueUs - nowUs, () => {
    if (runs) interrupt(session.interruption, exceeded(profile.memory.quotaError === 'typed'));
  });
  try {
    return yield* body;
  } finally {
    runs = false;
  }
}

/** Versions before v7.6 do not tell it from a KILL. */
function exceeded(typed: boolean): SqlError {
  if (!typed) return new SqlError(1317, 'Query execution was interrupted');
  return new SqlError(
    3024,
    'Query execution was interrupted, maximum statement execution time exceeded',
  );
}
