import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { SqlType } from '../sql/catalog-type.ts';
import type { StatementContext } from './context.ts';

/** A running operator: chunks are pulled from it until there are no more. */
export interface Executor {
  /** The next chunk, never an empty one; undefined is the end. */
  next(): Wait<Chunk | undefined>;
  /** Stops early; nothing is pulled any more. */
  close(): void;
}

/** One line of EXPLAIN and those below it. */
export interface ExplainNode {
  /** Operator without its number: `TableReader`. */
  readonly name: string;
  readonly rows: number;
  readonly task: 'root' | 'cop[tikv]';
  readonly access: string;
  readonly info: string;
  /** Which side of a join this is. */
  readonly role?: 'Build' | 'Probe';
  readonly children: readonly ExplainNode[];
}

/** An operator of a physical plan: immutable, run as often as its statement is. */
export interface Plan {
  /** Types of the columns it gives. */
  readonly types: readonly SqlType[];
  /** How many rows the planner expects. */
  readonly estimate: number;
  explain(): ExplainNode;
  open(ctx: StatementContext): Executor;
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
