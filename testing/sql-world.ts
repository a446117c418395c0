import { SqlError } from '../cluster/errors.ts';
import { createCluster } from '../cluster/cluster.ts';
import type { QueryResult, Session } from '../cluster/session.ts';
import type { ClusterOptions, SimulatedCluster } from '../cluster/surface.ts';
import {
  type Command,
  type CommandRunner,
  ExpectedError,
  unknownCommand,
} from './golden-command.ts';
import { showDatum } from './sql-show.ts';

/** A statement that has no answer after so much virtual time waits for somebody. */
const PATIENCE_US = 2_000_000;
const STEP_US = 20_000;

/** What scripts run on unless they say otherwise. */
export const SMALL_CLUSTER: Omit<ClusterOptions, 'drain'> = {
  seed: '1',
  tidb: 2,
  tikv: 3,
  pd: 1,
  profile: 'v8.5.0',
  scaleDenominator: 1,
  bugs: [],
};

interface Waiting {
  readonly client: string;
  answer: readonly string[] | undefined;
}

/**
 * A cluster that golden scripts speak SQL to:
 *
 * ```text
 * c1: > SELECT 1           client c1, on TiDB node 0; c2 is on node 1, c3 on node 0 again
 * c1: !> SELEC             an error is expected
 * profile v5.5.0-nightly   before the first statement: the version acted like
 * bugs sql.limitBeforeOrder
 * sleep ms=1000            virtual time goes by
 * ```
 *
 * A statement that waits for a lock prints `waits`; its answer is printed by the command during which
 * it comes.
 */
export class SqlWorld implements CommandRunner {
  private options = SMALL_CLUSTER;
  private cluster: SimulatedCluster | undefined = undefined;
  private readonly sessions = new Map<string, Promise<Session>>();
  private waiting: Waiting[] = [];

  async run(command: Command): Promise<readonly string[]> {
    switch (command.name) {
      case '>':
        return [...(await this.statement(command)), ...this.answered()];
      case 'profile':
        this.options = { ...this.options, profile: command.args.next('profile') as 'v8.5.0' };
        return [];
      case 'bugs':
        this.options = { ...this.options, bugs: command.args.rest() };
        return [];
      case 'sleep':
        await this.pass(command.args.integer('ms') * 1000);
        return this.answered();
      default:
        return unknownCommand(command);
    }
  }

  /** Runs one text on behalf of a client; undefined when it still waits. */
  async execute(client: string, sql: string): Promise<QueryResult> {
    const cluster = this.started();
    const result = this.session(client).then((session) => session.execute(sql));
    const settled = settledFlag(result);
    while (!settled.done) await cluster.advanceTo(cluster.nowUs() + STEP_US);
    return await result;
  }

  private async statement({
    raw,
    prefix = 'c1',
    expectError,
  }: Command): Promise<readonly string[]> {
    const cluster = this.started();
    const result = this.session(prefix).then((session) => session.execute(raw));
    const settled = settledFlag(result);
    const until = cluster.nowUs() + PATIENCE_US;
    while (!settled.done && cluster.nowUs() < until) {
      await cluster.advanceTo(cluster.nowUs() + STEP_US);
    }
    if (settled.done) return await shownOrThrown(result, expectError);
    const waiting: Waiting = { client: prefix, answer: undefined };
    this.waiting.push(waiting);
    result.then(
      (answer) => {
        waiting.answer = shown(answer);
      },
      (error: unknown) => {
        waiting.answer = [errorText(error)];
      },
    );
    return ['waits'];
  }

  /** Answers that have come to statements that waited. */
  private answered(): string[] {
    const lines: string[] = [];
    for (const { client, answer } of this.waiting) {
      if (answer === undefined) continue;
      for (const line of answer.length === 0 ? ['ok'] : answer)
        lines.push(`${client} gets ${line}`);
    }
    this.waiting = this.waiting.filter(({ answer }) => answer === undefined);
    return lines;
  }

  private async pass(us: number): Promise<void> {
    const cluster = this.started();
    const until = cluster.nowUs() + us;
    while (cluster.nowUs() < until)
      await cluster.advanceTo(Math.min(until, cluster.nowUs() + STEP_US));
  }

  private started(): SimulatedCluster {
    this.cluster ??= createCluster({ ...this.options, drain: turn });
    return this.cluster;
  }

  private session(client: string): Promise<Session> {
    let session = this.sessions.get(client);
    if (session === undefined) {
      const node = (Number(client.replace(/\D/g, '')) - 1) % this.options.tidb;
      session = this.started().source.connect(node);
      this.sessions.set(client, session);
    }
    return session;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function settledFlag(promise: Promise<unknown>): { done: boolean } {
  const flag = { done: false };
  const settle = (): void => {
    flag.done = true;
  };
  promise.then(settle, settle);
  return flag;
}

async function shownOrThrown(
  result: Promise<QueryResult>,
  expectError: boolean,
): Promise<readonly string[]> {
  try {
    return shown(await result);
  } catch (error) {
    if (expectError) throw new ExpectedError(errorText(error));
    throw error;
  }
}

/** A result as lines: one a row, values with bars between; how many rows were changed. */
function shown({ columns, rows, affectedRows, warnings }: QueryResult): string[] {
  const lines = rows.map((row) => row.map(showDatum).join(' | '));
  if (columns.length > 0 && rows.length === 0) lines.push('no rows');
  if (affectedRows > 0)
    lines.push(affectedRows === 1 ? '1 row changed' : `${affectedRows} rows changed`);
  if (warnings > 0) lines.push(warnings === 1 ? '1 warning' : `${warnings} warnings`);
  return lines;
}

function errorText(error: unknown): string {
  if (error instanceof SqlError) return `ERROR ${error.code} (${error.sqlState}): ${error.message}`;
  return String(error);
}
