import type { Wait } from '../../sim/index.ts';
import { MemoryAction, PRIORITY_SPILL, type Untried } from '../memory/action.ts';
import { type Frame, sourceOf } from '../memory/stack.ts';
import type { StatementMemory } from '../memory/statement-memory.ts';
import type { Tracker } from '../memory/tracker.ts';

/** An aggregation has to hold this part of the quota itself before spilling it is worth it. */
const LEAST_PART = 5;
/** `maxSpillTimes`. */
const MAX_SPILLS = 10;

/** Where the unparallel action passes on; the line is not known. */
const FRAME: Frame = {
  package: 'executor',
  method: '(*AggSpillDiskAction).Action',
  file: 'aggregate.go',
  line: undefined,
};
const PARALLEL_FRAME: Frame = {
  package: 'executor/aggregate',
  method: '(*ParallelAggSpillDiskAction).Action',
  file: 'agg_spill.go',
  line: undefined,
};

/** An aggregation as its action sees it. */
export interface Spilling {
  /** What the aggregation holds. */
  readonly tracker: Tracker;
  /** It can be told to spill now. */
  readonly ready: boolean;
  /** Tells it so. */
  begin(): void;
}

/**
 * Tells a HashAgg to spill, at the soft limit. What it does then is its own affair: with one worker
 * it goes into spill mode, in which the log line counts its `spillTimes` and ten are enough; with
 * several (from v8.0) all of them write out what they have.
 * Source: TiDB `AggSpillDiskAction`, `ParallelAggSpillDiskAction`.
 */
export class AggSpillAction extends MemoryAction {
  readonly priority = PRIORITY_SPILL;
  readonly frame: Frame;
  private readonly memory: StatementMemory;
  private readonly spilling: Spilling;
  private readonly parallel: boolean;
  private spillTimes = 0;

  constructor(memory: StatementMemory, spilling: Spilling, parallel: boolean) {
    super();
    this.memory = memory;
    this.spilling = spilling;
    this.parallel = parallel;
    this.frame = parallel ? PARALLEL_FRAME : FRAME;
  }

  override untried(tracker: Tracker): Untried | undefined {
    const bytes = this.spilling.tracker.consumed;
    return this.couldSpill(tracker) ? { action: 'agg-spill', bytes } : undefined;
  }

  *act(tracker: Tracker): Wait<void> {
    if (!this.couldSpill(tracker)) {
      yield* this.passOn(tracker);
      return;
    }
    this.spillTimes++;
    this.tell(tracker);
    this.spilling.begin();
  }

  private couldSpill({ limit }: Tracker): boolean {
    const { spilling, parallel } = this;
    const worthIt = spilling.tracker.consumed >= Math.trunc(limit / LEAST_PART);
    const tired = !parallel && this.spillTimes >= MAX_SPILLS;
    return spilling.ready && !tired && worthIt;
  }

  private tell(tracker: Tracker): void {
    const { memory, parallel, spillTimes } = this;
    const figures = [
      ['consumed', tracker.consumed],
      ['quota', tracker.limit],
    ] as const;
    const message = 'memory exceeds quota, set aggregate mode to spill-mode';
    const fields = parallel ? figures : [['spillTimes', spillTimes] as const, ...figures];
    memory.log('INFO', sourceOf(memory.profile, this.frame.file, this.frame.line), message, fields);
    memory.acted('agg-spill', tracker);
  }
}
