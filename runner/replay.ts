import { assemble } from './assemble.ts';
import type { Progress } from './progress.ts';
import type { RunSummary } from './report.ts';
import { drain } from './run.ts';
import type { RunFolder } from './run-folder.ts';
import { simulate } from './simulate.ts';
import { whereTheyPart } from './trace-difference.ts';
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
