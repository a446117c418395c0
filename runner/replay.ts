import type { Checkpoint } from '../cluster/sim/trace.ts';
import { assemble } from './assemble.ts';
import { formatDuration } from './duration.ts';
import type { Progress } from './progress.ts';
import type { RunSummary } from './report.ts';
import { drain } from './run.ts';
import type { RunFolder } from './run-folder.ts';
import { simulate } from './simulate.ts';
import { UsageError } from './usage-error.ts';
import { versions } from './version.ts';

/** What a replay found. */
export interface ReplayResult {
  readonly same: boolean;
  /** What the run was, as its folder says. */
  readonly original: RunSummary;
  readonly hash: string;
  readonly events: number;
  /** Empty if the runs are the same; else where they parted, as one sentence. */
  readonly difference: string;
  /** Whatever differs between then and now that may explain a difference. */
  readonly warnings: readonly string[];
}

/**
 * Runs a kept run again and compares traces. An interrupted run is repeated up to where it was
 * interrupted. Nothing is written. Throws a `UsageError` for a run that never came to an end.
 */
export async function replay(
  folder: RunFolder,
  progress: Progress,
  stopping: () => boolean,
): Promise<ReplayResult> {
  const record = folder.readRecord();
  const original = record.summary;
  if (original === undefined) {
    throw new UsageError(`${folder.path}: the run was killed before its end: there is no hash`);
  }
  const untilUs = Math.round(original.simulatedSeconds * 1e6);
  const input = assemble(
    record.options,
    {
      operation: () => {},
      log: () => {},
      say: () => {},
      step: (state) => {
        progress.update(state);
        reachedUs = state.nowUs;
      },
      stopping: () => reachedUs >= untilUs || stopping(),
    },
    drain,
  );
  let reachedUs = 0;
  const { hash, events } = await simulate(input);
  progress.done();
  const same = hash === original.hash;
  const kept = folder.readCheckpoints();
  const difference = same ? '' : whereTheyPart(kept, input.cluster.checkpoints);
  return { same, original, hash, events, difference, warnings: warningsOf(record.versions) };
}

/** Names the first checkpoint at which two traces differ. */
export function whereTheyPart(kept: readonly Checkpoint[], now: readonly Checkpoint[]): string {
  const shared = Math.min(kept.length, now.length);
  for (let i = 0; i < shared; i++) {
    const before = kept[i] as Checkpoint;
    const after = now[i] as Checkpoint;
    if (before.hash !== after.hash) return between(kept[i - 1], before);
  }
  const last = kept[shared - 1];
  const from = last === undefined ? 'from the start' : `after event ${last.events}`;
  const when = last === undefined ? '' : `, ${formatDuration(last.timeUs)} of virtual time`;
  return `the traces part ${from}${when}, after the last checkpoint that both have`;
}

function between(same: Checkpoint | undefined, different: Checkpoint): string {
  const from = same ?? { events: 0, timeUs: 0 };
  return (
    `the traces part between events ${from.events} and ${different.events}, ` +
    `${formatDuration(from.timeUs)} to ${formatDuration(different.timeUs)} of virtual time`
  );
}

function warningsOf(then: { readonly wavetank: string; readonly node: string }): string[] {
  const now = versions();
  const changes: string[] = [];
  if (then.wavetank !== now.wavetank) {
    changes.push(`the run was made by wavetank ${then.wavetank}, this is ${now.wavetank}`);
  }
  if (then.node !== now.node)
    changes.push(`the run was made on Node ${then.node}, not ${now.node}`);
  return changes;
}
