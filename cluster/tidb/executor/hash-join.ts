import type { Column } from '../../column.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import {
  columnFor,
  computeColumn,
  isNullWord,
  KeyWords,
  mixWord,
  RowBuffer,
  take,
} from './columns.ts';
import type { Compiled, StatementContext } from './context.ts';
import { type Executor, type JoinRole, Plan } from './plan.ts';
import { selectRows } from './selection.ts';

/** How two inputs are joined. Columns come out left before right. */
export interface JoinOptions {
  readonly type: 'inner' | 'left' | 'right';
  readonly left: Plan;
  readonly right: Plan;
  /** Pairs that must be equal, each compiled for its own side. */
  readonly equal: readonly { readonly left: Compiled; readonly right: Compiled }[];
  /** Other conditions, compiled for the joined row. */
  readonly other: readonly Compiled[];
  readonly info: string;
}

/**
 * Hash join: the smaller side is read whole into a table of words, the other is streamed past it.
 * An outer join streams the side all of whose rows must appear. Without equal pairs every row meets
 * every row. Source: TiDB `executor/join.go`.
 */
export class HashJoin extends Plan {
  readonly name = 'HashJoin';
  readonly types: readonly SqlType[];
  readonly estimate: number;
  readonly inputs: readonly Plan[];
  override readonly info: string;
  private readonly options: JoinOptions;
  private readonly buildLeft: boolean;

  constructor(options: JoinOptions) {
    super();
    const { type, left, right } = options;
    this.inputs = [left, right];
    this.options = options;
    this.types = [...left.types, ...right.types];
    this.estimate = Math.max(left.estimate, right.estimate);
    this.buildLeft = type === 'right' || (type === 'inner' && left.estimate < right.estimate);
    const kind = type === 'inner' ? 'inner join' : `${type} outer join`;
    this.info = options.info === '' ? `CARTESIAN ${kind}` : `${kind}, ${options.info}`;
  }

  protected override roleOf(input: Plan): JoinRole {
    return (input === this.options.left) === this.buildLeft ? 'Build' : 'Probe';
  }

  protected start(ctx: StatementContext): Executor {
    return new HashJoinExecutor(ctx, this.options, this.buildLeft);
  }
}

class HashJoinExecutor implements Executor {
  private readonly ctx: StatementContext;
  private readonly options: JoinOptions;
  private readonly buildLeft: boolean;
  private readonly build: Executor;
  private readonly probe: Executor;
  private table: BuildTable | undefined = undefined;

  constructor(ctx: StatementContext, options: JoinOptions, buildLeft: boolean) {
    this.ctx = ctx;
    this.options = options;
    this.buildLeft = buildLeft;
    const left = options.left.open(ctx);
    const right = options.right.open(ctx);
    this.build = buildLeft ? left : right;
    this.probe = buildLeft ? right : left;
  }

  *next(): Wait<Chunk | undefined> {
    this.table ??= yield* this.readBuildSide();
    for (;;) {
      const chunk = yield* this.probe.next();
      if (chunk === undefined) return undefined;
      const joined = this.join(this.table, chunk);
      if (joined.length > 0) return joined;
    }
  }

  close(): void {
    this.build.close();
    this.probe.close();
  }

  private *readBuildSide(): Wait<BuildTable> {
    const rows = new RowBuffer();
    for (let chunk = yield* this.build.next(); chunk !== undefined; ) {
      rows.append(chunk);
      chunk = yield* this.build.next();
    }
    const keys = this.options.equal.map(({ left, right }) => (this.buildLeft ? left : right));
    return new BuildTable(this.ctx, rows, keys);
  }

  private join(table: BuildTable, chunk: Chunk): Chunk {
    const keys = this.options.equal.map(({ left, right }) => (this.buildLeft ? right : left));
    const pairs = table.match(this.ctx, chunk, keys);
    const inner = this.filtered(table.rows, chunk, pairs);
    if (this.options.type === 'inner') return inner.joined;
    return this.withUnmatched(chunk, inner);
  }

  /** Pairs as joined rows, those that fail the other conditions left out. */
  private filtered(rows: RowBuffer, chunk: Chunk, pairs: Pairs): Joined {
    const { probe, build, count } = pairs;
    const probed = take(chunk, probe, 0, count);
    const built =
      rows.columns.length === 0
        ? { columns: [], length: count }
        : take({ columns: rows.columns, length: rows.length }, build, 0, count);
    const columns = this.buildLeft
      ? [...built.columns, ...probed.columns]
      : [...probed.columns, ...built.columns];
    const joined = { columns, length: count };
    if (this.options.other.length === 0 || count === 0) return { joined, probe, count };
    const kept = new Int32Array(count);
    const left = selectRows(this.ctx, joined, this.options.other, kept);
    const probeKept = kept.subarray(0, left).map((row) => probe[row] as number);
    return { joined: take(joined, kept, 0, left), probe: probeKept, count: left };
  }

  /** An outer join: rows of the streamed side that met nobody come with NULLs. */
  private withUnmatched(chunk: Chunk, { joined, probe, count }: Joined): Chunk {
    const matched = new Uint8Array(chunk.length);
    for (let i = 0; i < count; i++) matched[probe[i] as number] = 1;
    const lonely = new Int32Array(chunk.length);
    let left = 0;
    for (let row = 0; row < chunk.length; row++) if (matched[row] === 0) lonely[left++] = row;
    if (left === 0) return joined;
    const missing = this.nulls(
      this.buildLeft ? this.options.left.types : this.options.right.types,
      left,
    );
    const alone = take(chunk, lonely, 0, left);
    const columns = this.buildLeft
      ? [...missing, ...alone.columns]
      : [...alone.columns, ...missing];
    if (count === 0) return { columns, length: left };
    const all = new RowBuffer();
    all.append(joined);
    all.append({ columns, length: left });
    return all;
  }

  private nulls(types: readonly SqlType[], count: number): Column[] {
    return types.map((type) => {
      const column = columnFor(type, this.ctx, count);
      for (let i = 0; i < count; i++) column.push(null);
      return column;
    });
  }
}

interface Pairs {
  readonly probe: Int32Array;
  readonly build: Int32Array;
  readonly count: number;
}

interface Joined {
  readonly joined: Chunk;
  readonly probe: Int32Array;
  readonly count: number;
}

/** The build side: rows chained by the hash of their key words. */
class BuildTable {
  readonly rows: RowBuffer;
  private readonly keyWords: KeyWords[];
  private readonly words: Float64Array[];
  private readonly heads: Int32Array;
  private readonly nexts: Int32Array;

  constructor(ctx: StatementContext, rows: RowBuffer, keys: readonly Compiled[]) {
    this.rows = rows;
    const chunk: Chunk = { columns: rows.columns, length: rows.length };
    this.keyWords = keys.map(() => new KeyWords());
    this.words = this.wordsOf(ctx, chunk, keys);
    let size = 16;
    while (size < rows.length * 2) size *= 2;
    this.heads = new Int32Array(size).fill(-1);
    this.nexts = new Int32Array(rows.length);
    for (let row = rows.length - 1; row >= 0; row--) {
      const hash = hashOf(this.words, row);
      if (hash === undefined) continue;
      const slot = hash & (size - 1);
      this.nexts[row] = this.heads[slot] as number;
      this.heads[slot] = row;
    }
  }

  /**
   * Every pair of a row of `chunk` and a row of the table with equal keys, in order of the chunk.
   */
  match(ctx: StatementContext, chunk: Chunk, keys: readonly Compiled[]): Pairs {
    const words =
      chunk.length === 0 || this.rows.length === 0 ? [] : this.wordsOf(ctx, chunk, keys);
    const pairs = new PairList(chunk.length);
    if (this.rows.length === 0) return pairs;
    const mask = this.heads.length - 1;
    for (let row = 0; row < chunk.length; row++) {
      const hash = hashOf(words, row);
      if (hash === undefined) continue;
      for (let at = this.heads[hash & mask] as number; at >= 0; at = this.nexts[at] as number) {
        if (this.equals(at, words, row)) pairs.add(row, at);
      }
    }
    return pairs;
  }

  private wordsOf(ctx: StatementContext, chunk: Chunk, keys: readonly Compiled[]): Float64Array[] {
    if (chunk.length === 0) return [];
    return keys.map((key, i) =>
      (this.keyWords[i] as KeyWords).of(computeColumn(ctx, key, chunk), chunk.length),
    );
  }

  private equals(at: number, words: readonly Float64Array[], row: number): boolean {
    for (let i = 0; i < words.length; i++) {
      if ((this.words[i] as Float64Array)[at] !== (words[i] as Float64Array)[row]) return false;
    }
    return true;
  }
}

/** Undefined where a key is NULL: it equals nothing. */
function hashOf(words: readonly Float64Array[], row: number): number | undefined {
  let hash = 0;
  for (let i = 0; i < words.length; i++) {
    const word = (words[i] as Float64Array)[row] as number;
    if (isNullWord(word)) return undefined;
    hash = mixWord(hash, word);
  }
  return hash;
}

class PairList implements Pairs {
  probe: Int32Array;
  build: Int32Array;
  count = 0;

  constructor(capacity: number) {
    this.probe = new Int32Array(Math.max(16, capacity));
    this.build = new Int32Array(Math.max(16, capacity));
  }

  add(probe: number, build: number): void {
    if (this.count === this.probe.length) {
      this.probe = doubled(this.probe);
      this.build = doubled(this.build);
    }
    this.probe[this.count] = probe;
    this.build[this.count++] = build;
  }
}

function doubled(array: Int32Array): Int32Array {
  const next = new Int32Array(array.length * 2);
  next.set(array);
  return next;
}
