import type { Datum } from '../datum.ts';
import { SqlError } from '../errors.ts';
import type { Wait } from '../sim/index.ts';
import { formatDecimal } from './executor/decimal.ts';
import type { Value } from './executor/value.ts';
import type { BoundStatement, SqlSession } from './session.ts';
import { BIGINT, DOUBLE, decimalType, TEXT } from './sql/catalog-type.ts';
import type { Expression, SetNames, SetTransaction, SetVariables, Statement } from './sql/index.ts';

/** SET in all its forms. Throws 1193, 1228 to 1232, 1238. */
export function* applySettings(
  session: SqlSession,
  statement: SetVariables | SetNames | SetTransaction,
  bound: BoundStatement,
): Wait<void> {
  if (statement.kind === 'set-names') {
    const charset = statement.charset ?? 'utf8mb4';
    for (const name of ['client', 'connection', 'results']) {
      session.variables.set(`character_set_${name}`, charset);
    }
  } else if (statement.kind === 'set-transaction') {
    if (statement.isolation !== undefined) {
      assignVariable(session, 'transaction_isolation', statement.isolation, statement.scope);
    }
  } else {
    for (const setting of statement.settings) {
      const standard = setting.value.kind === 'default' && setting.target !== 'user';
      const value = standard
        ? session.node.parts.shared.globals.definition(setting.name).value
        : yield* settingValue(session, setting.value, bound);
      if (setting.target === 'user') setUser(session, setting.name, value);
      else assignVariable(session, setting.name, textOf(value), setting.scope);
    }
  }
}

/** A bare word such as `ON` or `utf8mb4` is a value here, not a column. */
function* settingValue(
  session: SqlSession,
  expression: Expression,
  bound: BoundStatement,
): Wait<Datum> {
  if (expression.kind === 'column') return expression.name;
  if (expression.kind === 'default')
    throw new SqlError(1235, "This version of TiDB doesn't yet support 'SET … = DEFAULT'");
  return yield* evaluateAlone(session, expression, bound);
}

/** The value of an expression that stands outside of any query. */
export function* evaluateAlone(
  session: SqlSession,
  expression: Expression,
  bound: BoundStatement,
): Wait<Datum> {
  const select = {
    kind: 'select',
    with: undefined,
    hints: [],
    distinct: false,
    items: [{ kind: 'expression', expression, alias: undefined, text: 'value' }],
    from: undefined,
    where: undefined,
    groupBy: [],
    having: undefined,
    windows: [],
    orderBy: [],
    limit: undefined,
    lock: undefined,
  } satisfies Statement;
  const [value] = yield* session.evaluate({ ...bound, statement: select });
  return value ?? null;
}

function textOf(value: Datum): string {
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  return value.kind === 'real' ? String(value.value) : formatDecimal(value);
}

function setUser(session: SqlSession, name: string, value: Datum): void {
  if (value === null || typeof value === 'string') session.setUserVariable(name, value, TEXT);
  else if (typeof value !== 'object') session.setUserVariable(name, value as Value, BIGINT);
  else if (value.kind === 'real') session.setUserVariable(name, value.value, DOUBLE);
  else session.setUserVariable(name, value, decimalType(40, value.scale));
}

function assignVariable(
  session: SqlSession,
  name: string,
  value: string,
  scope: 'session' | 'global' | 'instance' | undefined,
): void {
  const { globals } = session.node.parts.shared;
  const variables = scope === 'global' ? globals : session.variables;
  const warning = variables.set(name, value);
  if (warning !== undefined) session.warnings.push(warning);
}
