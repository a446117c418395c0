import { serverVersion } from '../cluster/profiles.ts';
import { assemble } from './assemble.ts';
import { formatDuration } from './duration.ts';
import { HeldSource } from './held-source.ts';
import type { RunOptions } from './options.ts';
import type { Progress } from './progress.ts';
import { drain } from './run.ts';
import type { Violation } from './run-checks.ts';
import type { ServedWorld } from './serve.ts';
import { Halted, simulate } from './simulate.ts';
import { UsageError } from './usage-error.ts';

/** The world of a run, as it was at one moment of it. */
export interface Past extends ServedWorld {
  /** The assertion that ended the run there, if one did. */
  readonly violation: Violation | undefined;
}

/**
 * Runs a run up to a moment and leaves its world like that: nothing is healed, nodes that are down
 * stay down, and the clients of the case stand still, with their transactions open. The moment is
 * that of a violated assertion if one ends the run before. Throws a `UsageError` if the run ends
 * before the moment.
 *
 * Its time stands still while nothing is asked. What an assertion sees from there on is only told:
 * the run is wrecked, and somebody wants to look at the wreck.
 *
 * @param untilUs virtual time from the start of the run
 */
export async function pastOf(
  options: RunOptions,
  untilUs: number,
  progress: Progress,
): Promise<Past> {
  const observer = {
    operation: () => {},
    log: () => {},
    say: () => {},
    step: progress.update.bind(progress),
    stopping: () => false,
  };
  const input = assemble(options, observer, drain);
  const source = new HeldSource(input.cluster.source);
  try {
    const { simulatedUs } = await simulate({ ...input, source, haltUs: untilUs });
    const end = formatDuration(simulatedUs);
    throw new UsageError(`--at: the run is over at ${end}, before ${formatDuration(untilUs)}`);
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    source.isHeld = true;
    const { violation } = error;
    const onViolation = (later: Violation): void =>
      progress.say(`violated while you look: ${later.rule}: ${later.message}`);
    const version = serverVersion(options.profile);
    return { cluster: input.cluster, version, violation, clock: { idle: 'stands', onViolation } };
  } finally {
    progress.done();
  }
}
