import type { Column } from '../column.ts';
import type { Datum } from '../datum.ts';
import { SqlError } from '../errors.ts';
import type { QueryResult } from '../session.ts';
import type { Wait } from '../sim/index.ts';
import type { Chunk } from './chunk.ts';
import { collectRows } from './executor/apply.ts';
import { type SessionView, StatementContext, type Warning } from './executor/context.ts';
import type { Change } from './executor/insert.ts';
import { discard, drain, type Plan } from './executor/plan.ts';
import type { RuntimeStats } from './executor/runtime-stats.ts';
import { VIRTUAL_EPOCH_US } from './executor/temporal.ts';
import { readValue, toDatum } from './executor/value.ts';
import type { StatementMemory } from './memory/statement-memory.ts';
import type { TidbNode } from './node.ts';
import type { SqlType } from './sql/catalog-type.ts';
import type { LiteralValue } from './sql/index.ts';
import type { Planned } from './sql/planner/index.ts';
import { LockConflict, type Transaction } from './transaction.ts';

/** `max-retry-count` of a pessimistic statement. */
const MAX_RETRIES = 256;

/** A planned statement with the values of this execution. */
export interface Execution {
  readonly planned: Planned;
  readonly literals: readonly LiteralValue[];
  readonly params: readonly Datum[];
  readonly warnings: Warning[];
  readonly lockWaitUs: number;
  readonly memory: StatementMemory;
  /** EXPLAIN ANALYZE: what is measured; the rows are of no interest. */
  readonly runtime?: RuntimeStats;
}

/** What a statement came to. */
export interface Outcome {
  readonly result: QueryResult;
  readonly generatedId: number | bigint;
}

/** An answer without rows. */
export function okResult(affectedRows = 0, lastInsertId: number | bigint = 0): QueryResult {
  return { columns: [], rows: [], affectedRows, lastInsertId, warnings: 0 };
}

/** Runs planned statements for one session. Source: TiDB `executor/adapter.go`. */
export class StatementRunner {
  private readonly node: TidbNode;
  private readonly session: SessionView;

  constructor(node: TidbNode, session: SessionView) {
    this.node = node;
    this.session = session;
  }

  /** Runs a statement that reads no table. */
  runAlone(execution: Execution): Wait<Outcome> {
    return attempt(this.context(execution), execution.planned);
  }

  /**
   * Runs a statement in a transaction, whole or not at all. A pessimistic one that changes or locks
   * rows reads at a fresh for_update_ts; if a lock meets a newer version it is run again at a later
   * one, its rows read anew, the locks of the failed attempt given back.
   */
  *run(execution: Execution, txn: Transaction): Wait<Outcome> {
    const { planned } = execution;
    const current = planned.current && txn.pessimistic;
    const checkpoint = txn.buffer.checkpoint();
    const { lockCount } = txn;
    const stale = this.node.parts.bugs.has('txn.staleForUpdateTs');
    let forUpdateTs = txn.startTs;
    for (let retries = 0; retries <= MAX_RETRIES; retries++) {
      const keep = stale && retries > 0;
      if (current && !keep) forUpdateTs = yield* txn.fetchForUpdateTs();
      const ctx = this.context(execution);
      ctx.enter(txn, current ? forUpdateTs : txn.startTs);
      ctx.retry = retries > 0;
      ctx.memory.runsIn(txn.startTs, ctx);
      try {
        return yield* attempt(ctx, planned);
      } catch (error) {
        txn.buffer.revert(checkpoint);
        if (!(error instanceof LockConflict)) throw error;
        txn.releaseLocksSince(lockCount);
      }
    }
    throw new SqlError(1105, 'pessimistic lock retry limit reached');
  }

  private context(execution: Execution): StatementContext {
    const { process, costs, bugs } = this.node.parts;
    const nowUs = VIRTUAL_EPOCH_US + Math.floor(process.wallUs() / 1_000_000) * 1_000_000;
    const { session } = this;
    const { cpu } = this.node;
    const { literals, params, warnings, memory } = execution;
    const all = { session, cpu, costs, bugs, nowUs, literals, params, warnings, memory };
    const ctx = new StatementContext(all);
    ctx.lockWaitUs = execution.lockWaitUs;
    ctx.runtime = execution.runtime;
    const { demands, warnings: known } = execution.planned;
    for (const { level, code, message } of known) ctx.warn(code, message, level);
    if (demands.memoryQuota !== undefined) memory.demandQuota(demands.memoryQuota);
    return ctx;
  }
}

type QueryBody = Extract<Planned['body'], { readonly kind: 'query' }>;

/** One attempt to run a statement. */
function attempt(ctx: StatementContext, planned: Planned): Wait<Outcome> {
  return planned.subqueries.length > 0 ? afterSubqueries(ctx, planned) : runBody(ctx, planned);
}

function* afterSubqueries(ctx: StatementContext, planned: Planned): Wait<Outcome> {
  for (const { index, plan } of planned.subqueries) {
    ctx.subqueries[index] = { types: plan.types, rows: yield* collectRows(ctx, plan) };
  }
  return yield* runBody(ctx, planned);
}

function runBody(ctx: StatementContext, { body }: Planned): Wait<Outcome> {
  if (body.kind === 'change') return runChange(ctx, body.change);
  ctx.memory.runsPlan(body.plan);
  return ctx.runtime === undefined ? runQuery(ctx, body) : runExplained(ctx, body.plan);
}

function* runChange(ctx: StatementContext, change: Change): Wait<Outcome> {
  yield* change.run(ctx);
  const { affectedRows, generatedId } = ctx;
  return { result: okResult(affectedRows, generatedId), generatedId };
}

/** EXPLAIN ANALYZE: nobody asks for the rows. */
function* runExplained(ctx: StatementContext, plan: Plan): Wait<Outcome> {
  yield* discard(plan.open(ctx));
  return { result: okResult(), generatedId: 0 };
}

function* runQuery(ctx: StatementContext, { plan, names }: QueryBody): Wait<Outcome> {
  const chunks = yield* drain(plan.open(ctx));
  const { types } = plan;
  const rows = rowsOf(chunks, types);
  const result = { columns: names, types, rows, affectedRows: 0, lastInsertId: 0, warnings: 0 };
  return { result, generatedId: 0 };
}

/** Rows as the client gets them. */
function rowsOf(chunks: readonly Chunk[], types: readonly SqlType[]): Datum[][] {
  const rows: Datum[][] = [];
  for (const { columns, length } of chunks) {
    for (let at = 0; at < length; at++) {
      rows.push(types.map((type, i) => toDatum(readValue(columns[i] as Column, at, type), type)));
    }
  }
  return rows;
}
