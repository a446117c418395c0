import { expensiveStatement, logExpensiveQuery } from './expensive-query.ts';
import type { MemorySettings } from './memory/live-statement.ts';
import type { SqlSession } from './session.ts';

/** What a session and its variables say about the memory of its statements. */
export class SessionMemorySettings implements MemorySettings {
  private readonly session: SqlSession;

  constructor(session: SqlSession) {
    this.session = session;
  }

  get quota(): number {
    return this.session.variables.number('tidb_mem_quota_query');
  }

  get sql(): string {
    return this.session.running ?? '';
  }

  get bufferedBytes(): number {
    return this.session.bufferedBytes;
  }

  get oomAction(): 'cancel' | 'log' {
    return this.global('tidb_mem_oom_action') === 'LOG' ? 'log' : 'cancel';
  }

  get spillAllowed(): boolean {
    return this.global('tidb_enable_tmp_storage_on_oom') !== 'OFF';
  }

  get inTransaction(): boolean {
    return this.session.inTransaction;
  }

  exceeded(): void {
    const { node } = this.session;
    const { exceedMessage } = node.parts.profile.memory;
    logExpensiveQuery(expensiveStatement(node, this.session), exceedMessage);
  }

  private global(name: string): string {
    return this.session.node.parts.shared.globals.get(name);
  }
}
