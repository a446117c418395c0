/**
 * One short run of the ledger with kills in it, for comparing traces: within a process, and between
 * Node and a browser. Everything it imports must do without Node; a test bundles it.
 */
import { assemble } from '../runner/assemble.ts';
import { resolveOptions } from '../runner/options.ts';
import { simulate } from '../runner/simulate.ts';
import type { Observer } from '../runner/simulation.ts';

const SECOND_US = 1_000_000;
/** Long enough for several kills and restarts, short enough for a test. */
const RUN_TIME_US = 300 * SECOND_US;

/** What a run left behind: equal for equal seeds, wherever it ran. */
export interface ShortRun {
  /** Hash over every event of the run. */
  readonly hash: string;
  readonly events: number;
  /** Operations of clients. */
  readonly operations: number;
  /** Faults injected. */
  readonly faults: number;
  readonly simulatedUs: number;
}

/**
 * Runs the ledger from `seed`. `drain` lets user code run until it waits for the cluster again; the
 * default works in a browser.
 */
export async function shortLedger(seed: string, drain = messageDrain()): Promise<ShortRun> {
  const settings = {
    seed,
    runTimeUs: RUN_TIME_US,
    preset: 'hot',
    nemeses: ['random_kill'],
  } as const;
  const options = resolveOptions('ledger', settings, () => seed);
  const counter = new Counter();
  const { hash, events, faults, simulatedUs } = await simulate(assemble(options, counter, drain));
  return { hash, events, operations: counter.operations, faults: faults.length, simulatedUs };
}

/** Counts operations and lets everything else pass. */
class Counter implements Observer {
  operations = 0;

  operation(): void {
    this.operations++;
  }

  log(): void {}
  say(): void {}
  step(): void {}

  stopping(): boolean {
    return false;
  }
}

/** A message to oneself comes back after all promises that can be settled have been. */
function messageDrain(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return () =>
    new Promise((resolve) => {
      // Assigned this way because Node's types leave out what its ports share with a browser's.
      Object.assign(port1, { onmessage: () => resolve() });
      port2.postMessage(undefined);
    });
}
