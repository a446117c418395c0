import type { MemorySettings } from './memory/live-statement.ts';
import type { SqlSession } from './session.ts';

/** What a session's variables say about the memory of its statements. */
export function memorySettings(session: SqlSession): MemorySettings {
  const { variables } = session;
  return {
    get quota() {
      return variables.number('tidb_mem_quota_query');
    },
    get sql() {
      return session.running ?? '';
    },
    oomAction: 'cancel',
    spillAllowed: true,
    exceeded: () => {},
  };
}
