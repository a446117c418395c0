import type { Column } from '../../column.ts';
import type { Key } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { TableInfo } from '../sql/catalog.ts';
import { handleKey, keyValue } from '../sql/catalog-keys.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { LockOptions } from '../transaction.ts';
import type { StatementContext } from './context.ts';
import { drain, type Executor, Plan } from './plan.ts';

/** A table whose rows are locked, and where the child's columns hold the handle. */
export interface LockedTable {
  readonly table: TableInfo;
  /** What the statement calls it, in lower case. */
  readonly alias: string;
  readonly handle: readonly number[];
}

/**
 * FOR UPDATE: locks the records of the rows that come out of the child, then passes them on. It
 * stands above ORDER BY and LIMIT, so that only surviving rows are locked (TiDB since pull request
 * 14891).
 */
export class SelectLock extends Plan {
  readonly name = 'SelectLock';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info = 'for update 0';
  private readonly child: Plan;
  private readonly tables: readonly LockedTable[];
  private readonly waitUs: number | undefined;

  /** @param waitUs how long to wait; undefined as the session says */
  constructor(child: Plan, tables: readonly LockedTable[], waitUs: number | undefined) {
    super();
    this.child = child;
    this.inputs = [child];
    this.tables = tables;
    this.waitUs = waitUs;
    this.types = child.types;
    this.estimate = child.estimate;
  }

  protected start(ctx: StatementContext): Executor {
    return new SelectLockExecutor(ctx, this.child.open(ctx), this.tables, this.waitUs);
  }
}

class SelectLockExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly child: Executor;
  private readonly tables: readonly LockedTable[];
  private readonly waitUs: number | undefined;
  private locked: Chunk[] | undefined = undefined;
  private at = 0;

  constructor(
    ctx: StatementContext,
    child: Executor,
    tables: readonly LockedTable[],
    waitUs: number | undefined,
  ) {
    this.ctx = ctx;
    this.child = child;
    this.tables = tables;
    this.waitUs = waitUs;
  }

  *next(): Wait<Chunk | undefined> {
    // Autocommitted, it locks nothing and waits for nobody.
    if (!this.ctx.session.inTransaction) return yield* this.child.next();
    if (this.locked === undefined) {
      this.locked = yield* drain(this.child);
      const keys: Key[] = [];
      for (const chunk of this.locked) this.addKeys(chunk, keys);
      if (keys.length > 0) yield* lockForUpdate(this.ctx, keys, this.waitUs);
    }
    return this.locked[this.at++];
  }

  close(): void {
    this.child.close();
  }

  private addKeys(chunk: Chunk, keys: Key[]): void {
    for (const { table, handle } of this.tables) {
      const columns = handle.map((at) => chunk.columns[at] as Column);
      for (let row = 0; row < chunk.length; row++) {
        const values = columns.map((column) => keyValue(column.get(row)));
        // The missing side of an outer join has no row to lock.
        if (values.some((value) => value !== null)) keys.push(handleKey(table, values));
      }
    }
  }
}

/** How a statement locks without asking for values. */
export function lockOptions(ctx: StatementContext, waitUs = ctx.lockWaitUs): LockOptions {
  const { forUpdateTs, retry } = ctx;
  const { interruption } = ctx.session;
  return { forUpdateTs, waitUs, returnValues: false, retry, interruption };
}

/** Locks keys on behalf of a statement. */
export function lockForUpdate(
  ctx: StatementContext,
  keys: readonly Key[],
  waitUs?: number,
): Wait<unknown> {
  return ctx.txn.lockKeys(keys, lockOptions(ctx, waitUs));
}
