import type { Datum } from '../datum.ts';
import { SqlError } from '../errors.ts';
import type { Wait } from '../sim/index.ts';
import { composeTs, physicalMs, TSO_START_MS } from '../timestamp.ts';
import { parseDatetime, VIRTUAL_EPOCH_US } from './executor/temporal.ts';
import type { TidbNode } from './node.ts';
import type { BoundStatement, SqlSession } from './session.ts';
import { evaluateAlone } from './set-statement.ts';
import type { Expression, TableSource } from './sql/index.ts';
import type { Plannable } from './sql/planner/index.ts';

/** What is known of statements that were looked at; most have no such clause. */
const CLAUSES = new WeakMap<Plannable, readonly Expression[]>();

/**
 * The timestamp in the past at which a statement reads, as its own transaction: that of `SELECT …
 * FROM t AS OF TIMESTAMP …`, or as many seconds ago as `tidb_read_staleness` says; undefined for
 * the present. Throws 8135 for the clause inside of a transaction, and what {@link staleReadTs}
 * throws. Source: TiDB `sessiontxn/staleread/processor.go`.
 */
export function pastTs(
  session: SqlSession,
  statement: Plannable,
  bound: BoundStatement,
): Wait<number> | undefined {
  const asOf = asOfClause(statement);
  const { inTransaction, autocommits, variables, node } = session;
  if (asOf !== undefined) {
    if (inTransaction) throw invalid("can't be set in transaction");
    return staleReadTs(session, asOf, bound);
  }
  const reads = statement.kind === 'select' && statement.lock === undefined;
  if (!reads || inTransaction || !autocommits) return undefined;
  const seconds = variables.number('tidb_read_staleness');
  return seconds === 0 ? undefined : tsSecondsAgo(node, -seconds);
}

function* tsSecondsAgo(node: TidbNode, seconds: number): Wait<number> {
  const currentTs = yield* node.parts.storage.currentTs();
  return composeTs(Math.max(physicalMs(currentTs) - seconds * 1000, 0), 0);
}

/**
 * `AS OF TIMESTAMP` of a query's tables; undefined without one. Throws 1235 where tables are to be
 * read at different times, since a statement here reads one snapshot.
 */
function asOfClause(statement: Plannable): Expression | undefined {
  let clauses = CLAUSES.get(statement);
  if (clauses === undefined) {
    clauses = clausesIn(statement);
    CLAUSES.set(statement, clauses);
  }
  const [first] = clauses;
  if (clauses.length > 1 || (first !== undefined && statement.kind !== 'select')) {
    throw new SqlError(
      1235,
      "This version of TiDB doesn't yet support 'AS OF TIMESTAMP' in more than one place",
    );
  }
  return first;
}

/** Every such clause anywhere in a syntax tree. */
function clausesIn(node: unknown): Expression[] {
  if (typeof node !== 'object' || node === null) return [];
  const found = Object.values(node).flatMap(clausesIn);
  const own = (node as Partial<TableSource>).asOf;
  return own === undefined ? found : [own, ...found];
}

/**
 * The timestamp that `AS OF TIMESTAMP expression` means. Throws 8135 where it means none, or one
 * that is still to come. Source: TiDB `sessiontxn/staleread`.
 */
export function* staleReadTs(
  session: SqlSession,
  expression: Expression,
  bound: BoundStatement,
): Wait<number> {
  const ms = oracleMs(yield* evaluateAlone(session, expression, bound));
  if (ms === undefined) throw invalid('as of timestamp cannot be NULL or no time');
  const currentTs = yield* session.node.parts.storage.currentTs();
  if (ms > physicalMs(currentTs)) throw invalid('cannot set read timestamp to a future time');
  return composeTs(ms, 0);
}

/** A time in the oracle's milliseconds; undefined for what is none. */
function oracleMs(value: Datum): number | undefined {
  const us = typeof value === 'string' ? parseDatetime(value) : undefined;
  const ms = us === undefined ? -1 : Math.floor((Number(us) - VIRTUAL_EPOCH_US) / 1000);
  return ms < 0 ? undefined : ms + TSO_START_MS;
}

function invalid(why: string): SqlError {
  return new SqlError(8135, `invalid as of timestamp: ${why}`);
}
