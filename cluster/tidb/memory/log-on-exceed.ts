import type { Wait } from '../../sim/index.ts';
import { MemoryAction, PRIORITY_LOG } from './action.ts';
import type { StatementMemory } from './statement-memory.ts';
import type { Tracker } from './tracker.ts';

/** What writes the statement's `expensive_query` line. */
export type LogHook = () => void;

/**
 * `oom-action=log`: says once that the quota is exceeded and lets the statement go on. Source: TiDB
 * `util/memory/action.go`, `LogOnExceed`.
 */
export class LogOnExceed extends MemoryAction {
  readonly priority = PRIORITY_LOG;
  readonly frame = {
    package: 'util/memory',
    method: '(*LogOnExceed).Action',
    file: 'action.go',
    line: undefined,
  };
  private readonly memory: StatementMemory;
  private readonly hook: LogHook;
  private acted = false;

  constructor(memory: StatementMemory, hook: LogHook) {
    super();
    this.memory = memory;
    this.hook = hook;
  }

  // biome-ignore lint/correctness/useYield: an action that never waits
  *act(tracker: Tracker): Wait<void> {
    if (this.acted) return;
    this.acted = true;
    this.hook();
    this.memory.acted('log', tracker);
  }
}
