/**
 * One short run of the ledger with kills in it, for comparing traces: within a process, and between
 * Node and a browser. Everything it imports must do without Node; a test bundles it.
 */
import { runInMemory } from './run-in-memory.ts';

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
    // So few that postings meet, though at the pace of the preset.
    accounts: 100,
    nemeses: ['random_kill'],
  } as const;
  const { result, ops } = await runInMemory(settings, drain);
  const { hash, events, faults, simulatedUs } = result;
  return { hash, events, operations: ops.length, faults: faults.length, simulatedUs };
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
