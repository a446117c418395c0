import { Gate, type Wait } from '../../sim/index.ts';
import { type ActionName, MemoryAction, PRIORITY_SPILL, type Untried } from './action.ts';
import { type Frame, sourceOf } from './stack.ts';
import type { StatementMemory } from './statement-memory.ts';
import type { Tracker } from './tracker.ts';

/** Whose rows are to go to disk, and what the log says of it. */
export interface SpillOptions {
  /** What those are told who watch. */
  readonly name: ActionName;
  /** Writes the rows out and gives their memory back; errors are kept for later readers. */
  readonly spill: () => Wait<void>;
  /** Bytes of the rows that are in memory. */
  readonly held: () => number;
  /** Whether there is enough to be worth it; if not, the action passes on. */
  readonly worthwhile: (tracker: Tracker) => boolean;
  /** The line of `frame.file` where `spill to disk now` is written. */
  readonly logLine: number;
  readonly frame: Frame;
}

/**
 * Moves an operator's rows to disk. The first trigger starts a task for it and returns, and so do
 * those that come before the task has begun; later ones wait until all is written, and pass on if
 * the quota is still exceeded then. Source: TiDB `util/chunk/row_container.go`, `SpillDiskAction`
 * and `SortAndSpillDiskAction`.
 */
export class SpillDiskAction extends MemoryAction {
  readonly priority = PRIORITY_SPILL;
  readonly frame: Frame;
  private state: 'not-spilled' | 'spilling' | 'spilled' = 'not-spilled';
  private started = false;
  private readonly options: SpillOptions;
  private readonly memory: StatementMemory;
  private readonly ended = new Gate();

  constructor(memory: StatementMemory, options: SpillOptions) {
    super();
    this.memory = memory;
    this.options = options;
    this.frame = options.frame;
  }

  *act(tracker: Tracker): Wait<void> {
    if (this.state === 'not-spilled' && this.options.worthwhile(tracker)) {
      if (!this.started) this.start(tracker);
      return;
    }
    if (this.state === 'spilling') yield* this.ended.wait(this.memory.process);
    if (tracker.exceeded) yield* this.passOn(tracker);
  }

  override untried(tracker: Tracker): Untried | undefined {
    const { name, held, worthwhile } = this.options;
    const could =
      this.state === 'spilling' || (this.state === 'not-spilled' && worthwhile(tracker));
    return could ? { action: name, bytes: held() } : undefined;
  }

  /** It was triggered, and the task that spills has yet to begin. */
  get starting(): boolean {
    return this.started && this.state === 'not-spilled';
  }

  /** The rows have begun to be written. */
  spillBegins(): void {
    if (this.state === 'not-spilled') this.state = 'spilling';
  }

  /** They are all written, or their owner is closed: whoever waits goes on. */
  spillEnds(): void {
    this.state = 'spilled';
    this.ended.open();
  }

  /** The owner begins anew, empty, and may spill once more. MergeJoin, for each group. */
  reset(): void {
    this.state = 'not-spilled';
    this.started = false;
  }

  private start(tracker: Tracker): void {
    const { log, process, profile } = this.memory;
    this.started = true;
    const source = sourceOf(profile, this.frame.file, this.options.logLine);
    log('INFO', source, 'memory exceeds quota, spill to disk now.', [
      ['consumed', tracker.consumed],
      ['quota', tracker.limit],
    ]);
    this.memory.acted(this.options.name, tracker);
    process.after(0, () => process.spawn(this.options.spill()));
  }
}
