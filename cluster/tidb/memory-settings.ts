import { expensiveStatement, logExpensiveQuery } from './expensive-query.ts';
import type { MemorySettings } from './memory/live-statement.ts';
import type { SqlSession } from './session.ts';

/** What a session's variables say about the memory of its statements. */
export function memorySettings(session: SqlSession): MemorySettings {
  const { variables } = session;
  const { globals } = session.node.parts.shared;
  return {
    get quota() {
      return variables.number('tidb_mem_quota_query');
    },
    get sql() {
      return session.running ?? '';
    },
    get bufferedBytes() {
      return session.bufferedBytes;
    },
    get oomAction() {
      return globals.get('tidb_mem_oom_action') === 'LOG' ? 'log' : 'cancel';
    },
    get spillAllowed() {
      return globals.get('tidb_enable_tmp_storage_on_oom') !== 'OFF';
    },
    get inTransaction() {
      return session.inTransaction;
    },
    exceeded: () => {
      const { node } = session;
      const { exceedMessage } = node.parts.profile.memory;
      logExpensiveQuery(expensiveStatement(node, session), exceedMessage);
    },
  };
}
