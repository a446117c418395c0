import type { Costs } from '../costs.ts';
import { expensiveFields, expensiveStatement } from './expensive-query.ts';
import type { RunningStatement } from './memory/alarm.ts';
import type { LimitSettings } from './memory/limit-settings.ts';
import { parseMemoryLimit } from './memory/memory-limit.ts';
import type { MemoryHost } from './memory/node-memory.ts';
import type { TidbNode } from './node.ts';
import type { SessionActivity } from './processlist.ts';
import type { GlobalVariables } from './sysvar.ts';

/** What a node tells the controller of its memory: variables, sessions, what they run. */
export class TidbMemoryHost implements MemoryHost {
  private readonly node: TidbNode;
  private known: LimitSettings | undefined = undefined;

  constructor(node: TidbNode) {
    this.node = node;
  }

  /** Read anew only after a variable was set: sessions ask with every growth. */
  get settings(): LimitSettings {
    const { shared, costs } = this.node.parts;
    if (this.known?.version !== shared.globals.version) {
      this.known = limitSettings(shared.globals, costs);
    }
    return this.known;
  }

  session(connectionId: number): SessionActivity | undefined {
    return this.node.sessions.get(connectionId);
  }

  running(): RunningStatement[] {
    return runningStatements(this.node);
  }
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
