import type { Datum } from '../datum.ts';
import { SqlError } from '../errors.ts';
import type { PreparedText } from '../session.ts';
import type { Wait } from '../sim/index.ts';
import type { SessionView } from './executor/context.ts';
import type { TidbNode } from './node.ts';
import type { Statement } from './sql/index.ts';
import type { Plannable } from './sql/planner/index.ts';

const NO_COLUMNS = { columns: [], types: [] } as const;
const PLANNABLE: readonly string[] = ['select', 'set-operation', 'insert', 'update', 'delete'];

/** Whether the planner makes a plan of a statement. */
export function isPlannable(statement: Statement): statement is Plannable {
  return PLANNABLE.includes(statement.kind);
}

/**
 * Parses and plans a text without running it, as COM_STMT_PREPARE does. The columns of its result
 * are those it has with NULL for every `?`. Throws what parsing and planning throw, and 8115 for
 * several statements.
 */
export function* prepareText(
  node: TidbNode,
  session: SessionView,
  sql: string,
): Wait<PreparedText> {
  const { statements, parameterCount } = node.statements.lookup(sql);
  if (statements.length > 1) throw new SqlError(8115, 'Can not prepare multiple statements');
  const { parseUs, planUs } = node.parts.costs;
  yield* node.cpu.run(parseUs + planUs);
  const statement = statements[0];
  if (statement === undefined || !isPlannable(statement)) return { parameterCount, ...NO_COLUMNS };
  const { body } = node.plan(statement, session, new Array(parameterCount).fill(null));
  if (body.kind !== 'query') return { parameterCount, ...NO_COLUMNS };
  return { parameterCount, columns: body.names, types: body.plan.types };
}

/** PREPARE, EXECUTE and DEALLOCATE as statements: the texts of one session by name. */
export class PreparedTexts {
  private readonly texts = new Map<string, string>();

  set(name: string, text: string): void {
    this.texts.set(name.toLowerCase(), text);
  }

  /** The text of EXECUTE. Throws 1243. */
  get(name: string): string {
    const text = this.texts.get(name.toLowerCase());
    if (text === undefined) throw unknownHandler(name, 'EXECUTE');
    return text;
  }

  /** DEALLOCATE. Throws 1243. */
  remove(name: string): void {
    if (!this.texts.delete(name.toLowerCase())) throw unknownHandler(name, 'DEALLOCATE PREPARE');
  }
}

function unknownHandler(name: string, verb: string): SqlError {
  return new SqlError(1243, `Unknown prepared statement handler (${name}) given to ${verb}`);
}

/** What a user variable is as a parameter; NULL if it was never set. */
export function parameterOf(session: SessionView, variable: string): Datum {
  const found = session.userVariable(variable);
  if (found === undefined) return null;
  const { value, type } = found;
  return type.kind === 'real' && typeof value === 'number' ? { kind: 'real', value } : value;
}
