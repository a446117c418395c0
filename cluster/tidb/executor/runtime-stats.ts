import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { StatementContext } from './context.ts';
import { formatRounded } from './explain-duration.ts';
import type { Executor } from './plan.ts';

/** What an operator adds to its `execution info`, such as `partial_worker:{…}`. */
export interface RuntimeDetail {
  /** The text, without the comma before it; empty says nothing. */
  toString(): string;
}

/** What is known of one operator's run, or of all its runs if it was opened several times. */
export class OperatorStats {
  /** Virtual time spent in `next`, µs. */
  timeUs = 0;
  /** Calls of `next`. */
  loops = 0;
  /** Rows it gave. */
  rows = 0;
  private readonly details = new Map<string, RuntimeDetail>();

  /** The detail of a name, made by the first who asks for it. */
  detail<T extends RuntimeDetail>(name: string, make: () => T): T {
    let found = this.details.get(name);
    if (found === undefined) {
      found = make();
      this.details.set(name, found);
    }
    return found as T;
  }

  /** The column `execution info`. Source: TiDB `util/execdetails`. */
  toString(): string {
    const basic = `time:${formatRounded(this.timeUs)}, loops:${this.loops}`;
    const more = [...this.details.values()].map(String).filter((text) => text !== '');
    return [basic, ...more].join(', ');
  }
}

/**
 * Statistics of a statement by plan id. They exist only while EXPLAIN ANALYZE asks for them; other
 * statements pay a comparison for each operator they open. Source: TiDB `RuntimeStatsColl`.
 */
export class RuntimeStats {
  private readonly operators = new Map<number, OperatorStats>();
  private readonly stores = new Map<number, RuntimeDetail & { readonly rows: number }>();

  /** Those of an operator; made when first asked for. */
  of(planId: number): OperatorStats {
    let stats = this.operators.get(planId);
    if (stats === undefined) {
      stats = new OperatorStats();
      this.operators.set(planId, stats);
    }
    return stats;
  }

  /** Those of an operator if it was opened. */
  find(planId: number): OperatorStats | undefined {
    return this.operators.get(planId);
  }

  /** Those of an operator that stores run, made by the first who asks for it. */
  ofStores<T extends RuntimeDetail & { readonly rows: number }>(planId: number, make: () => T): T {
    let stats = this.stores.get(planId);
    if (stats === undefined) {
      stats = make();
      this.stores.set(planId, stats);
    }
    return stats as T;
  }

  /** Those of an operator that stores run, if any did. */
  findStores(planId: number): (RuntimeDetail & { readonly rows: number }) | undefined {
    return this.stores.get(planId);
  }
}

/** Has an executor counted and timed under a plan id, where statistics are collected. */
export function measured(executor: Executor, planId: number, ctx: StatementContext): Executor {
  const stats = ctx.runtime?.of(planId);
  return stats === undefined ? executor : new MeasuredExecutor(executor, stats, ctx);
}

class MeasuredExecutor implements Executor {
  private readonly executor: Executor;
  private readonly stats: OperatorStats;
  private readonly ctx: StatementContext;

  constructor(executor: Executor, stats: OperatorStats, ctx: StatementContext) {
    this.executor = executor;
    this.stats = stats;
    this.ctx = ctx;
  }

  *next(): Wait<Chunk | undefined> {
    const { world } = this.ctx.memory.process;
    const startUs = world.nowUs;
    this.stats.loops++;
    try {
      const chunk = yield* this.executor.next();
      this.stats.rows += chunk?.length ?? 0;
      return chunk;
    } finally {
      this.stats.timeUs += world.nowUs - startUs;
    }
  }

  close(): void {
    this.executor.close();
  }
}
