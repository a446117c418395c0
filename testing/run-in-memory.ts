import { compose, type Verdict } from '../checker/checker.ts';
import type { Op } from '../checker/history.ts';
import type { ProtocolSource, SessionSource } from '../cluster/session.ts';
import type { Plan } from '../nemesis/plan.ts';
import { assemble } from '../runner/assemble.ts';
import { type RunOptions, resolveOptions } from '../runner/options.ts';
import type { LogLine } from '../runner/report.ts';
import type { Settings } from '../runner/settings.ts';
import { simulate } from '../runner/simulate.ts';
import type { SimulationResult } from '../runner/simulation.ts';

/** A whole run, and everything that came out of it, with no file written. */
export interface RunInMemory {
  readonly options: RunOptions;
  readonly result: SimulationResult;
  readonly verdict: Verdict;
  readonly ops: readonly Op[];
  readonly logs: readonly LogLine[];
}

/**
 * Runs a case in memory. No Node in it, so that a test can bundle it for a browser.
 *
 * @param settings as flags would give them; what is absent is at its default, the seed is 1
 * @param plan faults given by hand instead of drawn from the nemeses
 * @param drain lets user code run: a turn of `setImmediate` on Node, of a message channel elsewhere
 * @param over sessions that the case is given, made from those of the cluster
 */
export async function runInMemory(
  settings: Settings,
  drain: () => Promise<void>,
  plan?: Plan,
  over: (source: ProtocolSource) => SessionSource = (source) => source,
): Promise<RunInMemory> {
  const resolved = resolveOptions('ledger', settings, () => '1');
  const options = plan === undefined ? resolved : { ...resolved, plan };
  const ops: Op[] = [];
  const logs: LogLine[] = [];
  const observer = {
    operation: (op: Op) => void ops.push(op),
    log: (line: LogLine) => void logs.push(line),
    say: () => {},
    step: () => {},
    stopping: () => false,
  };
  const input = assemble(options, observer, drain);
  const result = await simulate({ ...input, source: over(input.cluster.source) });
  return { options, result, verdict: compose(result.checks), ops, logs };
}
