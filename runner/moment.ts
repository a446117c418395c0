import { existsSync, readFileSync } from 'node:fs';
import { parseDuration, SECOND_US } from './duration.ts';
import type { RunReport } from './report.ts';
import { FILES, RunFolder } from './run-folder.ts';
import { UsageError } from './usage-error.ts';

/** What stands for the moment at which a kept run went wrong. */
const FAILURE = 'failure';
const CLOCK = /^(\d+):([0-5]\d):([0-5]\d(?:\.\d{1,6})?)$/;
const EXPECTED = 'a moment such as 1:54:48.250 or 1h54m48s, or <run>@<moment>, or <run>@failure';

/** A moment of a run. */
export interface Moment {
  /** The kept run; absent: of the run that other flags describe. */
  readonly folder?: RunFolder;
  /** Virtual µs from the start of the run. */
  readonly atUs: number;
}

/**
 * Reads `--at`. Throws a `UsageError` for what is no moment, for a run that there is not, and for
 * the failure of a run without one.
 *
 * @param out where the folders of runs are kept
 */
export function readMoment(out: string, text: string): Moment {
  const at = text.lastIndexOf('@');
  const time = text.slice(at + 1);
  if (at < 0) return { atUs: momentUs(text, text) };
  const folder = RunFolder.find(out, text.slice(0, at));
  return { folder, atUs: time === FAILURE ? failureUs(folder) : momentUs(time, text) };
}

function momentUs(time: string, text: string): number {
  const us = clockUs(time) ?? parseDuration(time);
  if (us !== undefined) return us;
  throw new UsageError(`--at: expected ${EXPECTED}, got "${text}"`);
}

/** A moment as reports print it. */
function clockUs(text: string): number | undefined {
  const found = CLOCK.exec(text);
  if (found === null) return undefined;
  const [, hours, minutes, seconds] = found.map(Number) as [number, number, number, number];
  return Math.round((hours * 3600 + minutes * 60 + seconds) * SECOND_US);
}

function failureUs(folder: RunFolder): number {
  const path = folder.file(FILES.report);
  if (!existsSync(path)) throw new UsageError(`--at: ${path} is missing: the run has no report`);
  const { firstViolation, summary } = JSON.parse(readFileSync(path, 'utf8')) as RunReport;
  if (firstViolation !== undefined) return firstViolation.atUs;
  throw new UsageError(`--at: ${folder.path} ended ${summary.verdict}: no moment of failure`);
}
