import type { Wait } from '../../sim/index.ts';
import { MemoryAction, PRIORITY_PANIC } from './action.ts';
import type { LogHook } from './log-on-exceed.ts';
import { QuotaPanic } from './panic.ts';
import { quotaError } from './quota-error.ts';
import type { Frame } from './stack.ts';
import type { StatementMemory } from './statement-memory.ts';
import type { Tracker } from './tracker.ts';

const FRAME: Frame = {
  package: 'util/memory',
  method: '(*PanicOnExceed).Action',
  file: 'action.go',
  line: 129,
};

/**
 * `oom-action=cancel`: ends the statement by a panic of whoever consumed. Until v6.2 only the first
 * one over the quota is hit and later ones pass; since then all are. From v7.6 the session is
 * marked as killed beforehand. Source: TiDB `util/memory/action.go`, `PanicOnExceed`.
 */
export class PanicOnExceed extends MemoryAction {
  readonly priority = PRIORITY_PANIC;
  readonly frame = FRAME;
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
    const { profile, connectionId } = this.memory;
    if (this.acted && profile.memory.panics === 'once') return;
    if (!this.acted) this.hook();
    this.acted = true;
    this.memory.acted('cancel', tracker);
    this.memory.quotaExceeded();
    throw new QuotaPanic(quotaError(profile, connectionId), tracker.walked(this.limit));
  }
}
