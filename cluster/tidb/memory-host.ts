import type { Costs } from '../costs.ts';
import { expensiveFields, expensiveStatement } from './expensive-query.ts';
import type { RunningStatement } from './memory/alarm.ts';
import type { LimitSettings } from './memory/limit-settings.ts';
import { parseMemoryLimit } from './memory/memory-limit.ts';
import type { MemoryHost } from './memory/node-memory.ts';
import type { TidbNode } from './node.ts';
import type { GlobalVariables } from './sysvar.ts';

/** What a node tells the controller of its memory: variables, sessions, what they run. */
export function memoryHost(node: TidbNode): MemoryHost {
  const { shared, costs } = node.parts;
  let settings = limitSettings(shared.globals, costs);
  return {
    // Read anew only after a variable was set: sessions ask with every growth.
    get settings() {
      if (settings.version !== shared.globals.version) {
        settings = limitSettings(shared.globals, costs);
      }
      return settings;
    },
    session: (connectionId) => node.sessions.get(connectionId),
    running: () => runningStatements(node),
  };
}

function limitSettings(globals: GlobalVariables, costs: Costs): LimitSettings {
  const number = (name: string): number => Number(globals.get(name));
  const { memoryBytes: totalBytes, leastServerLimitBytes: leastBytes } = costs;
  const rule = { totalBytes, leastBytes, binaryUnits: true };
  return {
    version: globals.version,
    limitBytes: parseMemoryLimit(globals.get('tidb_server_memory_limit'), rule)?.bytes ?? 0,
    sessMinBytes: number('tidb_server_memory_limit_sess_min_size'),
    gcTrigger: number('tidb_server_memory_limit_gc_trigger'),
    alarmRatio: number('tidb_memory_usage_alarm_ratio'),
    keepRecords: number('tidb_memory_usage_alarm_keep_record_num'),
  };
}

function runningStatements(node: TidbNode): RunningStatement[] {
  return [...node.sessions.all()].flatMap((session) => {
    if (session.running === undefined) return [];
    const fields = expensiveFields(expensiveStatement(node, session));
    return [
      {
        memory: session.memory.consumed,
        sinceUs: session.sinceUs,
        lines: fields.map(([key, value]) => `${key}: ${value}`),
        tree: session.memory.current?.tracker.toString() ?? '',
      },
    ];
  });
}
