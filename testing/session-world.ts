import { createCluster } from '../cluster/cluster.ts';
import type { Datum } from '../cluster/datum.ts';
import { ConnectionLost, SqlError } from '../cluster/errors.ts';
import type { QueryResult, Session } from '../cluster/session.ts';
import { drain } from '../runner/run.ts';
import { type Command, type CommandRunner, ExpectedError } from './golden-command.ts';

/** A statement that has not answered after so long waits for another session; virtual µs. */
const PATIENCE_US = 2_000_000;

/** Plays `c1: > SELECT …` on a simulated cluster: one session a prefix, rows as output. */
export class SessionWorld implements CommandRunner {
  private readonly cluster = createCluster({
    ...{ seed: '1', tidb: 1, tikv: 3, pd: 1, scaleDenominator: 1, profile: 'v8.5.0' },
    ...{ bugs: [], drain },
  });
  private readonly sessions = new Map<string, Session>();
  private readonly waiting = new Map<string, Promise<QueryResult>>();

  async run({ prefix = '', name, raw }: Command): Promise<readonly string[]> {
    if (name === 'resume') return this.answer(prefix, this.waiting.get(prefix));
    const session = this.sessions.get(prefix) ?? (await this.settle(this.cluster.source.connect()));
    if (session === undefined) throw new Error('no connection');
    this.sessions.set(prefix, session);
    return this.answer(prefix, session.execute(raw));
  }

  private async answer(
    prefix: string,
    statement: Promise<QueryResult> | undefined,
  ): Promise<readonly string[]> {
    if (statement === undefined) throw new Error(`session ${prefix} is not waiting`);
    this.waiting.delete(prefix);
    try {
      const result = await this.settle(statement);
      if (result !== undefined) return shown(result);
      this.waiting.set(prefix, statement);
      return ['waiting'];
    } catch (error) {
      if (error instanceof SqlError) throw new ExpectedError(`${error.code} ${error.message}`);
      if (error instanceof ConnectionLost) throw new ExpectedError(error.message);
      throw error;
    }
  }

  /** Lets time pass until a promise is settled; undefined if it is not in time. */
  private async settle<T>(promise: Promise<T>): Promise<T | undefined> {
    const state: { value?: T; error?: unknown; done: boolean } = { done: false };
    promise.then(
      (value) => Object.assign(state, { value, done: true }),
      (error: unknown) => Object.assign(state, { error, done: true }),
    );
    const until = this.cluster.nowUs() + PATIENCE_US;
    while (!state.done && this.cluster.nowUs() < until) {
      await this.cluster.advanceTo(this.cluster.nowUs() + 1000);
    }
    if (state.error !== undefined) throw state.error;
    return state.value;
  }
}

function shown({ columns, rows, affectedRows }: QueryResult): string[] {
  if (columns.length === 0) return affectedRows > 0 ? [`${affectedRows} rows`] : [];
  return [columns.join(' | '), ...rows.map((row) => row.map(text).join(' | '))];
}

function text(value: Datum): string {
  if (value === null) return 'NULL';
  if (typeof value !== 'object') return String(value);
  if (value.kind === 'real') return String(value.value);
  const digits = String(value.unscaled < 0n ? -value.unscaled : value.unscaled);
  const padded = digits.padStart(value.scale + 1, '0');
  const whole = padded.slice(0, padded.length - value.scale);
  const fraction = value.scale === 0 ? '' : `.${padded.slice(-value.scale)}`;
  return `${value.unscaled < 0n ? '-' : ''}${whole}${fraction}`;
}
