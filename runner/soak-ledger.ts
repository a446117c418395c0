import { existsSync, readFileSync, truncateSync } from 'node:fs';
import type { VerdictKind } from '../checker/checker.ts';
import { AppendFile } from './append-file.ts';
import type { Outcome } from './soak-outcome.ts';
import { StoreError } from './store-error.ts';
import { UsageError } from './usage-error.ts';

/** What is known about one seed: a line of the ledger. Seconds are wall time unless named so. */
export interface SeedResult {
  readonly seed: string;
  readonly outcome: Outcome;
  /** What that says about what is tested: not to know is not to fail. */
  readonly verdict: VerdictKind;
  /** The check, or the part of the harness, that did not hold; empty for a valid seed. */
  readonly check: string;
  /** One sentence. */
  readonly cause: string;
  /** The shell line that runs this seed again. */
  readonly command: string;
  /** Folder of the run inside the soak’s; empty if it was not kept, or never made. */
  readonly runDir: string;
  /** Trace hash; empty if the run did not come to its end. */
  readonly hash: string;
  /** Whether it was run a second time, and the traces compared. */
  readonly compared: boolean;
  readonly simulatedSeconds: number;
  /** Of the run alone, as the worker measured it. */
  readonly wallSeconds: number;
  readonly peakMemoryBytes: number;
  /** What was drawn of the nemeses. */
  readonly nemeses: readonly string[];
  /** How long the soak had lasted, over all its sessions, when this was written. */
  readonly soakSeconds: number;
}

/**
 * The ledger of a soak: one JSON line for each seed that has a result, appended as results come and
 * handed to the operating system at once, so that whatever ends the soak loses none.
 */
export class SoakLedger {
  /** The results, those of earlier sessions first. */
  readonly results: SeedResult[];
  private readonly file: AppendFile;

  /** Opens a ledger, old or new. Throws a `UsageError` for a file that is none. */
  constructor(path: string) {
    this.results = readLedger(path);
    this.file = new AppendFile(path);
  }

  add(result: SeedResult): void {
    this.results.push(result);
    this.file.append(`${JSON.stringify(result)}\n`);
    this.file.flush();
  }

  close(): void {
    this.file.close();
  }
}

/** Reads the lines; the last one is cut away if a kill tore it. */
function readLedger(path: string): SeedResult[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf('\n') + 1;
  if (whole < bytes.length) StoreError.guard(path, () => truncateSync(path, whole));
  const lines = bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line, index) => parseLine(`${path}:${index + 1}`, line));
}

function parseLine(place: string, line: string): SeedResult {
  try {
    return JSON.parse(line) as SeedResult;
  } catch {
    throw new UsageError(`${place}: expected a line of JSON; is this the ledger of a soak?`);
  }
}
