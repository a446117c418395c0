import { type Bugs, NO_BUGS } from '../cluster/bugs.ts';
import { type Column, newColumn } from '../cluster/column.ts';
import { costsAtScale } from '../cluster/costs.ts';
import { Dictionary } from '../cluster/dictionary.ts';
import type { Stored } from '../cluster/key.ts';
import type { ProfileName } from '../cluster/profiles.ts';
import { Cpu, type Process, sleep, type Wait, World } from '../cluster/sim/index.ts';
import type { Chunk } from '../cluster/tidb/chunk.ts';
import {
  type Compiled,
  type SessionView,
  StatementContext,
} from '../cluster/tidb/executor/context.ts';
import { drain, type Executor, Plan } from '../cluster/tidb/executor/plan.ts';
import { readValue } from '../cluster/tidb/executor/value.ts';
import type { ActionName } from '../cluster/tidb/memory/action.ts';
import { errorOf } from '../cluster/tidb/memory/panic.ts';
import { SessionMemory } from '../cluster/tidb/memory/session-memory.ts';
import { BIGINT, type SqlType, storageKind } from '../cluster/tidb/sql/catalog-type.ts';
import { memoryNode } from './memory-node.ts';

/** What operators run under. */
export interface OperatorSettings {
  readonly profile: ProfileName;
  /** `tidb_mem_quota_query`, bytes; 0 is none. */
  readonly quota: number;
  /** `tidb_executor_concurrency`. */
  readonly concurrency: number;
  readonly bugs: Bugs;
  /** Whether exceeding the quota ends the statement. */
  readonly cancels: boolean;
  /** Is given the chunks of rows instead of having them kept. */
  readonly sink: ((chunk: Chunk) => void) | undefined;
}

const DEFAULTS: OperatorSettings = {
  profile: 'v5.5.0-nightly',
  quota: 0,
  concurrency: 5,
  bugs: NO_BUGS,
  cancels: true,
  sink: undefined,
};

/** What became of a plan that was run. */
export interface OperatorRun {
  /** Rows as text, in order; empty if it failed. */
  readonly rows: readonly string[];
  /** Rows in each chunk. */
  readonly chunks: readonly number[];
  readonly error: unknown;
  /** Most that the operators held, by plan id. */
  readonly peak: (id: number) => { readonly memory?: number; readonly disk?: number };
  /** What memory actions did, in order. */
  readonly actions: readonly ActionName[];
  readonly log: readonly string[];
  /** What is left over: bytes in memory, bytes on disk, files. All 0 unless something leaks. */
  readonly left: readonly [memory: number, disk: number, files: number];
}

/** Runs one plan on a TiDB node that does nothing else. */
export function runOperator(plan: Plan, changes: Partial<OperatorSettings> = {}): OperatorRun {
  const settings = { ...DEFAULTS, ...changes };
  const world = new World('1', { minUs: 1, tailUs: 0 });
  const process = world.start(1, 'tidb-0');
  const log: string[] = [];
  const actions: ActionName[] = [];
  const node = memoryNode({
    process,
    profile: settings.profile,
    log: (level, _source, message) => log.push(`${level} ${message}`),
    observer: { acted: ({ action }) => actions.push(action), leaked: () => {} },
  });
  const { quota, cancels } = settings;
  const oomAction = cancels ? ('cancel' as const) : ('log' as const);
  const session = new SessionMemory(node, 1, {
    ...{ quota, oomAction, spillAllowed: true, sql: 'SELECT', bufferedBytes: 0 },
    exceeded: () => {},
    inTransaction: false,
  });
  session.begin(undefined);
  const memory = session.statement;
  const executor = plan.open(contextOf(process, session, settings));
  const { sink } = settings;
  const body = sink === undefined ? drain(executor) : pour(executor, sink);
  const outcome = finish(world, process, body);
  world.scheduler.runUntil(Number.MAX_SAFE_INTEGER);
  const { chunks, error } = outcome;
  const left = [session.consumed, session.diskConsumed, node.storage.files.length] as const;
  const rows = chunks.flatMap((chunk) => rowTexts(chunk, plan.types));
  const peak = (id: number) => memory.maxConsumed(id);
  return { rows, chunks: chunks.map(({ length }) => length), error, peak, actions, log, left };
}

function* pour(executor: Executor, sink: (chunk: Chunk) => void): Wait<Chunk[]> {
  for (let chunk = yield* executor.next(); chunk !== undefined; chunk = yield* executor.next()) {
    sink(chunk);
  }
  executor.close();
  return [];
}

interface Outcome {
  chunks: Chunk[];
  error: unknown;
}

function finish(world: World, process: Process, body: Wait<Chunk[]>): Outcome {
  const outcome: Outcome = { chunks: [], error: new Error('it hangs') };
  process.spawn(body, (error, chunks) => {
    outcome.error = errorOf(error);
    if (error === undefined) outcome.chunks = chunks as Chunk[];
  });
  world.scheduler.runUntil(Number.MAX_SAFE_INTEGER);
  return outcome;
}

function contextOf(
  process: Process,
  { statement: memory }: SessionMemory,
  { concurrency, bugs }: OperatorSettings,
): StatementContext {
  const session = {
    systemVariable: (name: string) => {
      const value = new Map([
        ['tidb_executor_concurrency', concurrency],
        ['cte_max_recursion_depth', 1000],
      ]).get(name);
      if (value === undefined) throw new Error(`${name} is not set here`);
      return { value, type: BIGINT };
    },
    interruption: { error: undefined },
  };
  return new StatementContext({
    session: session as unknown as SessionView,
    cpu: new Cpu(process, 8),
    costs: costsAtScale(1),
    ...{ bugs, memory, literals: [], params: [], nowUs: 0, warnings: [] },
  });
}

function rowTexts({ columns, length }: Chunk, types: readonly SqlType[]): string[] {
  return Array.from({ length }, (_, row) =>
    columns.map((column, i) => text(column, row, types[i] as SqlType)).join(' '),
  );
}

function text(column: Column, row: number, type: SqlType): string {
  const value = readValue(column, row, type);
  if (value === null) return 'NULL';
  return typeof value === 'object'
    ? `${value.unscaled}e-${value.scale}`
    : JSON.stringify(String(value));
}

/** The strings of test rows. */
export const STRINGS = new Dictionary();

/** A chunk of these rows. */
export function chunkOf(types: readonly SqlType[], rows: readonly (readonly Stored[])[]): Chunk {
  const columns = types.map((type, i) => {
    const column = newColumn(storageKind(type), STRINGS, Math.max(1, rows.length));
    for (const row of rows) column.push(row[i] as Stored);
    return column;
  });
  return { columns, length: rows.length };
}

/** The column `at` of a type. */
export function columnAt(at: number, type: SqlType): Compiled {
  const evaluate: Compiled['evaluate'] = (_ctx, chunk, row) =>
    readValue(chunk.columns[at] as Column, row, type);
  return { type, evaluate, column: at, constant: false };
}

/** Gives chunks, made one by one, each after a while. */
export class Source extends Plan {
  readonly name = 'Source';
  readonly inputs: readonly Plan[] = [];
  readonly types: readonly SqlType[];
  readonly estimate: number;
  /** How often it was closed. */
  closed = 0;
  private readonly chunks: () => Iterable<Chunk>;

  constructor(types: readonly SqlType[], estimate: number, chunks: () => Iterable<Chunk>) {
    super();
    this.types = types;
    this.estimate = estimate;
    this.chunks = chunks;
  }

  protected start({ memory }: StatementContext): Executor {
    const chunks = this.chunks()[Symbol.iterator]();
    return {
      *next(): Wait<Chunk | undefined> {
        yield* sleep(memory.process, 1);
        const step = chunks.next();
        return step.done === true ? undefined : step.value;
      },
      close: () => {
        this.closed++;
      },
    };
  }
}
