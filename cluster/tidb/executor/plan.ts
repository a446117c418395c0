import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { StatementContext } from './context.ts';
import { measured } from './runtime-stats.ts';

/** A running operator: chunks are pulled from it until there are no more. */
export interface Executor {
  /** The next chunk, never an empty one; undefined is the end. */
  next(): Wait<Chunk | undefined>;
  /** Stops early; nothing is pulled any more. */
  close(): void;
}

/** Which side of a join an input is: the one read whole, or the one streamed past it. */
export type JoinRole = 'Build' | 'Probe';

/** One line of EXPLAIN and those below it. */
export interface ExplainNode {
  /** N of `Name_N`. */
  readonly id: number;
  /** Operator without its number: `TableReader`. */
  readonly name: string;
  /** Rows expected; undefined for what gives none. */
  readonly rows: number | undefined;
  readonly task: 'root' | 'cop[tikv]';
  readonly access: string;
  readonly info: string;
  /** Which side of a join this is, or which part of a recursion. */
  readonly role?: JoinRole | 'Seed Part' | 'Recursive Part';
  /** False where the name has a number of its own. */
  readonly numbered?: false;
  readonly children: readonly ExplainNode[];
}

/** Gives out the numbers of a statement's operators. */
export type NextId = () => number;

/**
 * An operator of a physical plan: run as often as its statement is, and changed by nobody once it
 * is planned and numbered.
 */
export abstract class Plan {
  /** N of `Name_N`; labels the operator's trackers and statistics. 0 until `assignIds` has run. */
  id = 0;
  /** Operator without its number: `HashJoin`. */
  abstract readonly name: string;
  /** Types of the columns it gives. */
  abstract readonly types: readonly SqlType[];
  /** How many rows the planner expects; operators guess until it says more. */
  abstract estimate: number;
  /** What it reads, in the order in which it is opened. */
  abstract readonly inputs: readonly Plan[];
  /** For EXPLAIN: what it does in particular. */
  readonly info: string = '';

  /** Numbers this operator, then those below it. A reader is numbered after what its stores run. */
  assignIds(next: NextId): void {
    this.id = next();
    for (const input of this.inputs) input.assignIds(next);
  }

  /** Says how many rows the planner expects of it. */
  expecting(rows: number): this {
    this.estimate = rows;
    return this;
  }

  /** Says which of its columns are read above: what it gives of the others is never looked at. */
  wanting(_columns: readonly boolean[]): void {}

  /** Starts it; every run of a plan is its own. */
  open(ctx: StatementContext): Executor {
    const started = this.start(ctx);
    return ctx.runtime === undefined ? started : measured(started, this.id, ctx);
  }

  /** The lines of EXPLAIN, the build side of a join first. */
  explain(): ExplainNode {
    const children = this.inputs.map((input) => {
      const role = this.roleOf(input);
      const node = input.explain();
      return role === undefined ? node : { ...node, role };
    });
    if (children[1]?.role === 'Build') children.reverse();
    const { id, name, info, estimate } = this;
    return { id, name, rows: estimate, task: 'root', access: this.access(), info, children };
  }

  /** The `access object` column. */
  protected access(): string {
    return '';
  }

  /** Which side of a join an input is. */
  protected roleOf(_input: Plan): JoinRole | undefined {
    return undefined;
  }

  protected abstract start(ctx: StatementContext): Executor;
}

/** Pulls everything out of an operator, and closes it, whatever happens. */
export function* drain(executor: Executor): Wait<Chunk[]> {
  const chunks: Chunk[] = [];
  try {
    for (;;) {
      const chunk = yield* executor.next();
      if (chunk === undefined) return chunks;
      chunks.push(chunk);
    }
  } finally {
    executor.close();
  }
}

/** Runs an operator to its end for the effort's sake, and closes it. */
export function* discard(executor: Executor): Wait<void> {
  try {
    while ((yield* executor.next()) !== undefined);
  } finally {
    executor.close();
  }
}

/** An operator that has its one chunk at hand, or none. */
export class ReadyChunk implements Executor {
  private chunk: Chunk | undefined;

  constructor(chunk: Chunk | undefined) {
    this.chunk = chunk !== undefined && chunk.length > 0 ? chunk : undefined;
  }

  // biome-ignore lint/correctness/useYield: an operator that never waits
  *next(): Wait<Chunk | undefined> {
    const { chunk } = this;
    this.chunk = undefined;
    return chunk;
  }

  close(): void {
    this.chunk = undefined;
  }
}
