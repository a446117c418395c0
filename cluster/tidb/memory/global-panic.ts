import type { Bugs } from '../../bugs.ts';
import { SqlError } from '../../errors.ts';
import type { Profile } from '../../profiles.ts';
import type { Wait } from '../../sim/index.ts';
import { MemoryAction, PRIORITY_PANIC } from './action.ts';
import { QuotaPanic } from './panic.ts';
import type { Tracker } from './tracker.ts';

/**
 * Ends whoever consumes while a whole node has too much on disk. Source: TiDB
 * `util/memory/action.go`, `globalPanicOnExceed`.
 */
export class GlobalPanicOnExceed extends MemoryAction {
  readonly priority = PRIORITY_PANIC;
  readonly frame = {
    package: 'sessionctx/stmtctx',
    method: 'globalPanicOnExceed.Action',
    file: 'action.go',
    line: undefined,
  };
  private readonly text: string;
  private readonly bugs: Bugs;

  constructor({ memory }: Profile, bugs: Bugs) {
    super();
    this.bugs = bugs;
    this.text =
      memory.quotaError === 'typed'
        ? 'Out Of Quota For Local Temporary Space!'
        : 'Out Of Global Storage Quota!';
  }

  // biome-ignore lint/correctness/useYield: an action that never waits
  *act(tracker: Tracker): Wait<void> {
    if (this.bugs.has('mem.tmpQuotaIgnored')) return;
    throw new QuotaPanic(new SqlError(1105, this.text), tracker.walked(this.limit));
  }
}
