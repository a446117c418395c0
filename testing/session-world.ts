import { ConnectionLost, SqlError } from '../cluster/errors.ts';
import type { ProfileName } from '../cluster/profiles.ts';
import type { QueryResult, Session } from '../cluster/session.ts';
import { type Command, type CommandRunner, ExpectedError } from './golden-command.ts';
import { datumText, SimulatedSql } from './simulated-sql.ts';

/** A statement that has not answered after so long waits for another session; virtual µs. */
const PATIENCE_US = 2_000_000;

/** Plays `c1: > SELECT …` on a simulated cluster: one session a prefix, rows as output. */
export class SessionWorld implements CommandRunner {
  private readonly cluster: SimulatedSql;
  private readonly sessions = new Map<string, Session>();
  private readonly waiting = new Map<string, Promise<QueryResult>>();

  constructor(profile?: ProfileName) {
    this.cluster = new SimulatedSql(profile);
  }

  async run({ prefix = '', name, raw }: Command): Promise<readonly string[]> {
    if (name === 'resume') return this.answer(prefix, this.waiting.get(prefix));
    const session = this.sessions.get(prefix) ?? (await this.cluster.connect());
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
      const result = await this.cluster.settle(statement, PATIENCE_US);
      if (result !== undefined) return shown(result);
      this.waiting.set(prefix, statement);
      return ['waiting'];
    } catch (error) {
      if (error instanceof SqlError) throw new ExpectedError(`${error.code} ${error.message}`);
      if (error instanceof ConnectionLost) throw new ExpectedError(error.message);
      throw error;
    }
  }
}

function shown({ columns, rows, affectedRows }: QueryResult): string[] {
  if (columns.length === 0) return affectedRows > 0 ? [`${affectedRows} rows`] : [];
  return [columns.join(' | '), ...rows.map((row) => row.map(datumText).join(' | '))];
}
