import type { Datum } from '../datum.ts';
import { ConnectionLost, SqlError } from '../errors.ts';
import type { PreparedText, QueryResult } from '../session.ts';
import type { Wait } from '../sim/index.ts';
import { checkTables } from './admin-check.ts';
import { logCommandFailed } from './command-failed.ts';
import { runDdl } from './ddl.ts';
import { limited } from './execution-limit.ts';
import type { SessionView, Warning } from './executor/context.ts';
import type { RuntimeStats } from './executor/runtime-stats.ts';
import type { Value } from './executor/value.ts';
import { explainStatement } from './explain-statement.ts';
import { measured } from './measured-statement.ts';
import { SessionMemory } from './memory/index.ts';
import { SessionMemorySettings } from './memory-settings.ts';
import type { TidbNode } from './node.ts';
import { PreparedTexts, parameterOf, prepareText } from './prepared-texts.ts';
import type { SessionActivity } from './processlist.ts';
import { type Execution, type Outcome, okResult, StatementRunner } from './run-statement.ts';
import type { ServerSession } from './server.ts';
import { applySettings, evaluateAlone } from './set-statement.ts';
import { showRows } from './show.ts';
import { splitTable } from './split-table.ts';
import type { SqlType } from './sql/catalog-type.ts';
import type { Begin, LiteralValue, Statement } from './sql/index.ts';
import type { Plannable, Planned } from './sql/planner/index.ts';
import { pastTs, staleReadTs } from './stale-read.ts';
import { analyzeTables } from './statistics.ts';
import { SessionVariables } from './sysvar.ts';
import {
  type CommitProtocols,
  type Interruption,
  interrupt,
  type ReplicaRead,
  type Transaction,
} from './transaction.ts';

const MULTI_STATEMENT_DISABLED =
  "client has multi-statement capability disabled. Run SET GLOBAL tidb_multi_statement_mode='ON' " +
  'after you understand the security risk';

/** A statement with the values of this execution. */
export interface BoundStatement {
  readonly statement: Statement;
  readonly literals: readonly LiteralValue[];
  readonly params: readonly Datum[];
}

/** One connection: transaction state, variables, warnings. Source: TiDB `session/session.go`. */
export class SqlSession implements ServerSession, SessionView, SessionActivity {
  readonly connectionId: number;
  readonly node: TidbNode;
  readonly variables: SessionVariables;
  readonly memory: SessionMemory;
  database = 'test';
  lastInsertId: number | bigint = 0;
  warnings: Warning[] = [];
  readonly interruption: Interruption = { error: undefined };
  running: string | undefined = undefined;
  sinceUs: number;
  private readonly hangUp: () => void;
  private txn: Transaction | undefined = undefined;
  /** The open transaction reads the past and may change nothing. */
  private stale = false;
  /** KILL CONNECTION: closed as soon as the statement has ended. */
  private doomed = false;
  private readonly runner: StatementRunner;
  private readonly userVariables = new Map<string, { value: Value; type: SqlType }>();
  private readonly prepared = new PreparedTexts();

  /** @param hangUp closes the connection */
  constructor(node: TidbNode, connectionId: number, hangUp: () => void) {
    this.node = node;
    this.connectionId = connectionId;
    this.hangUp = hangUp;
    this.sinceUs = node.parts.process.world.nowUs;
    this.variables = new SessionVariables(node.parts.shared.globals);
    const settings = new SessionMemorySettings(this);
    this.memory = new SessionMemory(node.memory, connectionId, settings);
    this.runner = new StatementRunner(node, this);
    node.sessions.add(this);
  }

  get autocommits(): boolean {
    return this.variables.text('autocommit') === 'ON';
  }

  get inTransaction(): boolean {
    return this.txn !== undefined;
  }

  get bufferedBytes(): number {
    return this.txn?.buffer.bytes ?? 0;
  }

  /** Runs a text of one or more statements; the answer is that of the last. */
  execute(sql: string, params: readonly Datum[], single: boolean): Wait<QueryResult> {
    this.tellActivity(sql);
    this.node.expensive.began();
    return this.executeText(sql, params, single);
  }

  ended(error: unknown): unknown {
    if (error instanceof SqlError) logCommandFailed(this, error);
    this.tellActivity(undefined);
    return this.doomed ? new ConnectionLost('the connection was killed') : error;
  }

  /** KILL. A connection that runs nothing is closed at once. */
  kill(target: 'connection' | 'query'): void {
    if (this.running !== undefined) {
      interrupt(this.interruption, new SqlError(1317, 'Query execution was interrupted'));
      this.doomed ||= target === 'connection';
    } else if (target === 'connection') this.hangUp();
  }

  private tellActivity(running: string | undefined): void {
    this.running = running;
    this.sinceUs = this.node.parts.process.world.nowUs;
    this.interruption.error = undefined;
  }

  private executeText(sql: string, params: readonly Datum[], single = false): Wait<QueryResult> {
    const { statements, literals, parameterCount } = this.node.statements.lookup(sql);
    if (parameterCount !== params.length)
      throw new SqlError(1210, 'Incorrect arguments to EXECUTE');
    if (single && statements.length > 1) throw new SqlError(8130, MULTI_STATEMENT_DISABLED);
    const [statement] = statements;
    if (statement === undefined || statements.length > 1) {
      return this.executeAll(statements, literals, params);
    }
    return measured(this, { statement, literals, params });
  }

  private *executeAll(
    statements: readonly Statement[],
    literals: readonly LiteralValue[],
    params: readonly Datum[],
  ): Wait<QueryResult> {
    const results: QueryResult[] = [];
    try {
      for (const statement of statements) {
        results.push(yield* measured(this, { statement, literals, params }));
      }
    } catch (error) {
      if (error instanceof SqlError) error.earlier = results;
      throw error;
    }
    const last = results.pop() ?? okResult();
    return results.length === 0 ? last : { ...last, earlier: results };
  }

  prepare(sql: string): Wait<PreparedText> {
    return prepareText(this.node, this, sql);
  }

  close(): void {
    this.node.sessions.remove(this);
    this.rollback();
    this.memory.close();
  }

  /** Ends the open transaction, if there is one. */
  rollback(): void {
    this.txn?.rollback();
    this.txn = undefined;
    this.stale = false;
  }

  nextIds(tableId: number, _count: number): Wait<number> {
    return this.node.nextId(tableId);
  }

  reserveIds(tableId: number, value: number | bigint): void {
    this.node.reserveIds(tableId, value);
  }

  userVariable(name: string): { readonly value: Value; readonly type: SqlType } | undefined {
    return this.userVariables.get(name.toLowerCase());
  }

  setUserVariable(name: string, value: Value, type: SqlType): void {
    this.userVariables.set(name.toLowerCase(), { value, type });
  }

  systemVariable(name: string, global: boolean): { readonly value: Value; readonly type: SqlType } {
    return this.variables.read(name, global);
  }

  /** Commits what is open, as DDL and BEGIN do. */
  *commitOpen(): Wait<void> {
    const { txn } = this;
    this.txn = undefined;
    if (this.stale) txn?.rollback();
    else if (txn !== undefined) yield* txn.commit(this.protocols());
    this.stale = false;
  }

  /** Evaluates an expression that stands outside of any query. */
  *evaluate(bound: BoundStatement): Wait<readonly Datum[]> {
    const statement = bound.statement as Plannable;
    const outcome = yield* this.runInTransaction(statement, this.execution(statement, bound));
    return outcome.result.rows[0] ?? [];
  }

  /** Runs a statement that is accounted for already. */
  executeOne(bound: BoundStatement): Wait<QueryResult> {
    const { statement } = bound;
    const keepsWarnings = statement.kind === 'show' && statement.subject === 'warnings';
    if (!keepsWarnings) this.warnings = [];
    switch (statement.kind) {
      case 'select':
      case 'set-operation':
      case 'insert':
      case 'update':
      case 'delete':
        return this.runPlannable(statement, bound);
      case 'begin':
        return this.begin(statement, bound);
      case 'explain':
        return explainStatement(this, statement, bound);
      default:
        return this.executeOther(bound);
    }
  }

  private *executeOther(bound: BoundStatement): Wait<QueryResult> {
    const { statement } = bound;
    switch (statement.kind) {
      case 'commit':
        yield* this.commitOpen();
        return okResult();
      case 'rollback':
        this.rollback();
        return okResult();
      case 'set-variables':
      case 'set-names':
      case 'set-transaction':
        yield* applySettings(this, statement, bound);
        return { ...okResult(), warnings: this.warnings.length };
      case 'show':
        return showRows(this, statement);
      case 'use':
        if (!this.node.parts.shared.schema.hasDatabase(statement.database)) {
          throw new SqlError(1049, `Unknown database '${statement.database}'`);
        }
        this.database = statement.database;
        return okResult();
      case 'admin-check-table':
        yield* checkTables(this, statement.tables);
        return okResult();
      case 'prepare':
      case 'execute':
      case 'deallocate':
        return yield* this.preparedStatement(bound);
      case 'split-table':
        return yield* splitTable(this, statement, bound);
      case 'analyze-table':
        yield* analyzeTables(this, statement.tables);
        return okResult();
      case 'kill': {
        const id = yield* evaluateAlone(this, statement.connection, bound);
        this.node.sessions.kill(Number(id), statement.target);
        return okResult();
      }
      case 'flush':
        throw new SqlError(1235, `This version of TiDB doesn't yet support '${statement.kind}'`);
      default:
        yield* this.commitOpen();
        yield* runDdl(this, statement as Parameters<typeof runDdl>[1]);
        return okResult();
    }
  }

  private *runPlannable(statement: Plannable, bound: BoundStatement): Wait<QueryResult> {
    const execution = this.execution(statement, bound);
    const past = pastTs(this, statement, bound);
    const body =
      past === undefined
        ? this.runInTransaction(statement, execution)
        : this.runStale(yield* past, execution);
    const outcome = yield* limited(this, statement, execution.planned, body);
    if (outcome.generatedId !== 0) this.lastInsertId = outcome.generatedId;
    const { length: warnings } = this.warnings;
    return warnings === 0 ? outcome.result : { ...outcome.result, warnings };
  }

  private execution(statement: Plannable, bound: BoundStatement): Execution {
    return this.executionOf(this.node.plan(statement, this, bound.params), bound);
  }

  private executionOf(planned: Planned, { literals, params }: BoundStatement): Execution {
    const lockWaitUs = this.variables.number('innodb_lock_wait_timeout') * 1_000_000;
    const memory = this.memory.statement;
    return { planned, literals, params, warnings: this.warnings, lockWaitUs, memory };
  }

  private runInTransaction(statement: Plannable, execution: Execution): Wait<Outcome> {
    const alone =
      statement.kind === 'select' &&
      statement.from === undefined &&
      execution.planned.subqueries.length === 0;
    if (alone) return this.runner.runAlone(execution);
    if (this.txn === undefined && this.autocommits) return this.autocommit(execution);
    if (this.stale && statement.kind !== 'select' && statement.kind !== 'set-operation') {
      throw new SqlError(
        1105,
        'only support read-only statement during read-only staleness transactions',
      );
    }
    return this.txn === undefined
      ? this.beginAndRun(execution)
      : this.runner.run(execution, this.txn);
  }

  private *beginAndRun(execution: Execution): Wait<Outcome> {
    this.txn = this.readingFrom(yield* this.node.parts.storage.begin(this.isPessimistic()));
    return yield* this.runner.run(execution, this.txn);
  }

  /**
   * A statement that is its own transaction runs optimistically first; after a write conflict it is
   * run again with locks, where the transaction mode has them.
   */
  private *autocommit(execution: Execution): Wait<Outcome> {
    const limit = this.variables.number('tidb_retry_limit');
    for (let attempt = 0; ; attempt++) {
      const pessimistic = attempt > 0 && this.isPessimistic();
      const txn = this.readingFrom(yield* this.node.parts.storage.begin(pessimistic));
      try {
        const outcome = yield* this.runner.run(execution, txn);
        yield* txn.commit(this.protocols());
        return outcome;
      } catch (error) {
        txn.rollback();
        const conflict = error instanceof SqlError && error.code === 9007;
        if (!conflict || attempt >= limit) throw error;
      }
    }
  }

  private protocols(): CommitProtocols {
    return {
      asyncCommit: this.variables.text('tidb_enable_async_commit') === 'ON',
      onePc: this.variables.text('tidb_enable_1pc') === 'ON',
      interruption: this.interruption,
    };
  }

  private isPessimistic(): boolean {
    return this.variables.text('tidb_txn_mode') === 'pessimistic';
  }

  private *begin({ mode, asOf }: Begin, bound: BoundStatement): Wait<QueryResult> {
    yield* this.commitOpen();
    const { storage } = this.node.parts;
    if (asOf !== undefined) {
      const readTs = yield* staleReadTs(this, asOf, bound);
      this.txn = storage.snapshot(readTs, 'stale');
      this.stale = true;
      return okResult();
    }
    const pessimistic = mode === undefined ? this.isPessimistic() : mode === 'pessimistic';
    this.txn = this.readingFrom(yield* storage.begin(pessimistic));
    return okResult();
  }

  /** A statement that is its own transaction, in the past. */
  private runStale(readTs: number, execution: Execution): Wait<Outcome> {
    return this.runner.run(execution, this.node.parts.storage.snapshot(readTs, 'stale'));
  }

  private readingFrom(txn: Transaction): Transaction {
    txn.replicaRead = this.variables.text('tidb_replica_read') as ReplicaRead;
    return txn;
  }

  /** EXPLAIN ANALYZE: runs a plan for what can be learnt from it; its rows are dropped. */
  *runExplained(planned: Planned, bound: BoundStatement, runtime: RuntimeStats): Wait<void> {
    const execution = { ...this.executionOf(planned, bound), runtime };
    yield* this.runInTransaction(bound.statement as Plannable, execution);
  }

  private *preparedStatement({ statement }: BoundStatement): Wait<QueryResult> {
    if (statement.kind === 'prepare') {
      const { source } = statement;
      const text =
        source.kind === 'text' ? source.text : String(this.userVariable(source.name)?.value ?? '');
      this.node.statements.lookup(text);
      this.prepared.set(statement.name, text);
    } else if (statement.kind === 'deallocate') this.prepared.remove(statement.name);
    else if (statement.kind === 'execute') {
      const params = statement.using.map((variable) => parameterOf(this, variable));
      return yield* this.executeText(this.prepared.get(statement.name), params);
    }
    return okResult();
  }
}
