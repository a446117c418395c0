import type { Wait } from '../../sim/index.ts';
import type { CopProgram } from '../../tikv/cop-program.ts';
import type { KeyRange } from '../../tikv/request.ts';
import type { Chunk } from '../chunk.ts';
import type { ConsumedAnswer, CopSettings, ScanReader } from '../copr/index.ts';
import type { StatementMemory } from '../memory/statement-memory.ts';
import type { Tracker } from '../memory/tracker.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { Interruption, ScanCursor } from '../transaction.ts';
import type { StatementContext } from './context.ts';
import { CopTaskStats, StoreStats } from './cop-stats.ts';
import type { Executor } from './plan.ts';
import { LEAST_CHARGE_US } from './work.ts';

/** What is to be scanned, for which operator. */
export interface ScanWish {
  /** Number of the reader in its plan. */
  readonly id: number;
  /** Numbers of the executors that stores run for it, the scan first. */
  readonly storeIds: readonly number[];
  readonly ranges: readonly KeyRange[];
  /** Positions among key values followed by stored values. */
  readonly columns: readonly number[];
  /** Types of the columns that come back. */
  readonly types: readonly SqlType[];
  readonly keepOrder: boolean;
  readonly descending: boolean;
  readonly program: CopProgram | undefined;
  /** Few rows are wanted: one region is asked after the other. */
  readonly serial: boolean;
}

/** Pays for rows that an operator took in. */
export function* chargeRows(ctx: StatementContext, rows: number): Wait<void> {
  ctx.rowsRead += rows;
  const { error } = ctx.session.interruption;
  if (error !== undefined) throw error;
  const us = Math.round(rows * ctx.costs.executorRowUs);
  if (us >= LEAST_CHARGE_US) yield* ctx.cpu.run(us);
}

/** A scan of stores under way from the moment it exists. */
export class ScanExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly cursor: ScanCursor;

  constructor(ctx: StatementContext, wish: ScanWish) {
    this.ctx = ctx;
    const { ranges, columns, keepOrder, descending, program, serial } = wish;
    const { readTs } = ctx;
    this.cursor = ctx.txn.scan({
      ranges,
      readTs,
      columns,
      keepOrder,
      descending,
      limit: undefined,
      program,
      serial,
      reader: new StatementReader(ctx, wish),
    });
  }

  *next(): Wait<Chunk | undefined> {
    for (;;) {
      const chunk = yield* this.cursor.next();
      if (chunk === undefined) return undefined;
      if (chunk.length === 0) continue;
      yield* chargeRows(this.ctx, chunk.length);
      return chunk;
    }
  }

  close(): void {
    this.cursor.close();
  }
}

/** A scan's ties to the statement it is for. */
class StatementReader implements ScanReader {
  readonly memory: StatementMemory;
  readonly tracker: Tracker;
  readonly types: readonly SqlType[];
  readonly interruption: Interruption;
  readonly settings: CopSettings;
  private readonly ctx: StatementContext;
  private readonly wish: ScanWish;

  constructor(ctx: StatementContext, wish: ScanWish) {
    this.ctx = ctx;
    this.wish = wish;
    this.memory = ctx.memory;
    this.tracker = ctx.memory.newExecutorTracker(wish.id);
    this.types = wish.types;
    this.interruption = ctx.session.interruption;
    const read = (name: string): number => Number(ctx.session.systemVariable(name, false).value);
    this.settings = {
      concurrency: read('tidb_distsql_scan_concurrency'),
      rateLimitAction: read('tidb_enable_rate_limit_action') === 1,
      paging: read('tidb_enable_paging') === 1,
    };
  }

  consumed({ reply, details, copUs }: ConsumedAnswer): void {
    const { ctx } = this;
    const { processUs, waitUs, backoffUs, totalKeys, processKeys, address } = details;
    ctx.memory.details.add({
      copUs,
      processUs,
      waitUs,
      backoffUs,
      totalKeys,
      processKeys,
      address,
    });
    for (const { code, message } of reply.warnings ?? []) ctx.warn(code, message);
    if (ctx.runtime === undefined) return;
    const { id, storeIds } = this.wish;
    const tasks = ctx.runtime.of(id).detail('cop_task', () => new CopTaskStats());
    tasks.add(details);
    for (const [i, storeId] of storeIds.entries()) {
      const own = ctx.runtime.ofStores(storeId, () => new StoreStats(i === 0));
      const scanned = { rows: reply.processedKeys, iterations: 1 };
      own.add(reply.summaries?.[i] ?? scanned, details);
    }
  }
}
