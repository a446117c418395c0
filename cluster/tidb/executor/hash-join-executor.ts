import type { Column } from '../../column.ts';
import { settleAll, type Wait } from '../../sim/index.ts';
import { type Chunk, MAX_CHUNK_ROWS } from '../chunk.ts';
import type { Pairs, Probe } from './build-table.ts';
import { columnFor, take } from './columns.ts';
import type { StatementContext } from './context.ts';
import { HashJoinBuild, type JoinSide } from './hash-join-build.ts';
import { HashJoinStats } from './hash-join-stats.ts';
import type { JoinOptions } from './join-options.ts';
import { Pages } from './pages.ts';
import type { Executor } from './plan.ts';
import { selectRows } from './selection.ts';
import { chargeWork } from './work.ts';

/** Rows of the probe side that are looked up at a time. */
const PROBED_ROWS = 4096;

/** What a hash join knows beyond its inputs and conditions. */
export interface HashJoinOptions extends JoinOptions {
  readonly buildLeft: boolean;
  /** Columns that are read above; what it says nothing of is. */
  readonly wanted: readonly boolean[];
}

/** A chunk of the probe side that is being joined. */
interface Probing {
  readonly chunk: Chunk;
  readonly probe: Probe;
  /** 1 for rows that have met one; outer joins only. */
  readonly matched: Uint8Array | undefined;
  /** Joined rows that are paid for already. */
  prepaid: number;
}

/**
 * A hash join that runs. Both children are opened at once, so both send their requests. The build
 * side is read while the first chunk of the probe side is on its way, and not one more: the probe
 * side then waits until the table stands. Source: TiDB `executor/join.go`.
 */
export class HashJoinExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly options: HashJoinOptions;
  private readonly build: HashJoinBuild;
  private readonly probe: JoinSide;
  /** Columns of the probe side that are read above. */
  private readonly probeWanted: readonly boolean[];
  private readonly stats: HashJoinStats | undefined;
  private readonly pairs: Pairs;
  private state: 'new' | 'probing' | 'ended' = 'new';
  private beganUs = 0;
  /** What has come of the probe side and waits, in parts that a processor's cache holds. */
  private fetched: Pages | undefined = undefined;
  private probing: Probing | undefined = undefined;
  /** Rows of the probe side that met nobody. */
  private lonely: Pages | undefined = undefined;

  constructor(ctx: StatementContext, id: number, options: HashJoinOptions) {
    this.ctx = ctx;
    this.options = options;
    const { left: leftPlan, right: rightPlan, equal, buildLeft, wanted } = options;
    const leftKeys = equal.map((pair) => pair.left);
    const rightKeys = equal.map((pair) => pair.right);
    const left = { plan: leftPlan, executor: leftPlan.open(ctx), keys: leftKeys };
    const right = { plan: rightPlan, executor: rightPlan.open(ctx), keys: rightKeys };
    const width = leftPlan.types.length;
    const sides = [wanted.slice(0, width), wanted.slice(width)];
    if (buildLeft) sides.reverse();
    const [probeWanted = [], buildWanted = []] = sides;
    this.probeWanted = probeWanted;
    this.build = new HashJoinBuild(ctx, id, buildLeft ? left : right, buildWanted);
    this.probe = buildLeft ? right : left;
    this.stats = ctx.runtime?.of(id).detail('hash-join', () => new HashJoinStats());
    const rows = MAX_CHUNK_ROWS;
    this.pairs = { probe: new Int32Array(rows), build: new Int32Array(rows), count: 0 };
  }

  *next(): Wait<Chunk | undefined> {
    if (this.state === 'new') yield* this.begin();
    for (;;) {
      const page = this.lonely?.next();
      if (page !== undefined) return this.withNulls(page);
      if (this.probing !== undefined) {
        const joined = yield* this.joinSome(this.probing);
        if (joined.length > 0) return joined;
        continue;
      }
      const part = this.fetched?.next();
      if (part !== undefined) this.beginProbing(part);
      else if (this.state === 'ended') return undefined;
      else yield* this.fetchProbe();
    }
  }

  close(): void {
    this.state = 'ended';
    this.fetched = undefined;
    this.build.close();
    this.probe.executor.close();
  }

  private get nowUs(): number {
    return this.ctx.memory.process.world.nowUs;
  }

  private *begin(): Wait<void> {
    const { ctx, stats, build } = this;
    this.beganUs = this.nowUs;
    if (stats !== undefined) {
      const { value } = ctx.session.systemVariable('tidb_executor_concurrency', false);
      stats.concurrency = Number(value);
    }
    // An empty probe side ends the join: there is nothing left to build for.
    const reading = build.read(() => this.state !== 'ended', stats);
    const [built, first] = yield* settleAll(ctx.memory.process, [reading, this.fetchProbe()]);
    if (built?.ok === false) throw built.error;
    if (first?.ok === false) throw first.error;
    if (this.state === 'new') this.state = 'probing';
    if (build.table.length > 0 || this.options.type !== 'inner') return;
    this.state = 'ended';
    this.fetched = undefined;
  }

  private *fetchProbe(): Wait<void> {
    const askedUs = this.nowUs;
    const chunk = yield* this.probe.executor.next();
    this.fetched = chunk === undefined ? undefined : new Pages(chunk, PROBED_ROWS);
    if (chunk === undefined) this.state = 'ended';
    if (this.stats === undefined) return;
    this.stats.probeFetchUs += this.nowUs - askedUs;
    this.stats.probeUs = this.nowUs - this.beganUs;
  }

  private beginProbing(chunk: Chunk): void {
    const { ctx, build, options } = this;
    this.probing = {
      chunk,
      probe: build.table.probe(ctx, chunk, this.probe.keys),
      matched: options.type === 'inner' ? undefined : new Uint8Array(chunk.length),
      prepaid: chunk.length,
    };
  }

  /** The next joined rows of a chunk, none if its pairs are used up. */
  private *joinSome(probing: Probing): Wait<Chunk> {
    const { pairs, options, ctx } = this;
    const { chunk, probe, matched } = probing;
    this.build.table.match(probe, pairs);
    const { count } = pairs;
    if (count === 0) {
      this.endProbing(chunk, matched);
      return { columns: [], length: 0 };
    }
    yield* this.pay(probing, count);
    const built = yield* this.build.gather(pairs.build, count);
    const joined = this.beside(take(chunk, pairs.probe, 0, count, this.probeWanted), built);
    if (options.other.length === 0) {
      if (matched !== undefined) mark(matched, pairs.probe, count);
      return joined;
    }
    const kept = new Int32Array(count);
    const left = selectRows(ctx, joined, options.other, kept);
    const met = kept.subarray(0, left).map((at) => pairs.probe[at] as number);
    if (matched !== undefined) mark(matched, met, left);
    return take(joined, kept, 0, left);
  }

  /** Rows were paid for when they were read: each with one partner, but no more. */
  private *pay(probing: Probing, pairs: number): Wait<void> {
    const more = pairs - probing.prepaid;
    probing.prepaid = Math.max(0, -more);
    if (more > 0) yield* chargeWork(this.ctx, more);
  }

  private endProbing(chunk: Chunk, matched: Uint8Array | undefined): void {
    this.probing = undefined;
    if (this.stats !== undefined) this.stats.probeUs = this.nowUs - this.beganUs;
    if (matched === undefined) return;
    const rows = new Int32Array(chunk.length);
    let count = 0;
    for (let row = 0; row < chunk.length; row++) if (matched[row] === 0) rows[count++] = row;
    if (count > 0) this.lonely = new Pages(take(chunk, rows, 0, count), MAX_CHUNK_ROWS);
  }

  /** An outer join: rows of the probe side that met nobody come with NULLs. */
  private withNulls(page: Chunk): Chunk {
    const columns = this.build.types.map((type): Column => {
      const column = columnFor(type, this.ctx, page.length);
      for (let row = 0; row < page.length; row++) column.push(null);
      return column;
    });
    return this.beside(page, { columns, length: page.length });
  }

  private beside(probed: Chunk, built: Chunk): Chunk {
    const columns = this.options.buildLeft
      ? [...built.columns, ...probed.columns]
      : [...probed.columns, ...built.columns];
    return { columns, length: probed.length };
  }
}

function mark(matched: Uint8Array, rows: Int32Array, count: number): void {
  for (let at = 0; at < count; at++) matched[rows[at] as number] = 1;
}
