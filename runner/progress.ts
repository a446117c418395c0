import { performance } from 'node:perf_hooks';
import { clock } from '../reports/virtual-time.ts';
import { count } from '../reports/wording.ts';
import type { RunState } from './simulation.ts';

/** A terminal line is rewritten this often; wall ms. */
const TERMINAL_MS = 100;
/** Without a terminal a line is printed this often; wall ms. */
const PLAIN_MS = 5000;
const ERASE_LINE = '\r\u001b[2K';

/** Where progress is printed: standard error, or a stand-in. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows a person how far a run is: one rewritten line on a terminal, plain lines elsewhere. */
export interface Progress {
  /** After each step; prints only if it is time to. */
  update(state: RunState): void;
  /** A line of its own. */
  say(text: string): void;
  /** Leaves the terminal clean. */
  done(): void;
}

/** Prints nothing. */
export const SILENT: Progress = { update() {}, say() {}, done() {} };

/** Progress on a stream. */
export function progressOn(stream: ProgressStream, now = () => performance.now()): Progress {
  const isTerminal = stream.isTTY === true;
  const intervalMs = isTerminal ? TERMINAL_MS : PLAIN_MS;
  let last = { ms: now(), events: 0, nowUs: 0 };
  return {
    update(state) {
      const ms = now();
      if (ms - last.ms < intervalMs) return;
      const seconds = (ms - last.ms) / 1000;
      const line = describe(state, {
        eventsPerSecond: (state.events - last.events) / seconds,
        speed: (state.nowUs - last.nowUs) / 1e6 / seconds,
      });
      last = { ms, events: state.events, nowUs: state.nowUs };
      stream.write(isTerminal ? ERASE_LINE + line : `${line}\n`);
    },
    say(text) {
      stream.write(`${isTerminal ? ERASE_LINE : ''}${text}\n`);
    },
    done() {
      if (isTerminal) stream.write(ERASE_LINE);
    },
  };
}

interface Rates {
  readonly eventsPerSecond: number;
  /** Virtual seconds per wall second. */
  readonly speed: number;
}

function describe(state: RunState, rates: Rates): string {
  const { tally, faults } = state;
  const { ok, fail, info } = tally.operations;
  const now = faults.running > 0 ? ` (${faults.running} now)` : '';
  return [
    `${state.phase.padEnd(8)} ${position(state)}`,
    `${count(ok)} ok, ${count(fail)} fail, ${count(info)} info`,
    `${tally.verifications.ok} verified`,
    `faults ${faults.begun}/${faults.planned}${now}`,
    `${count(Math.round(rates.eventsPerSecond))} events/s`,
    `${count(Math.round(rates.speed))}×`,
  ].join(' · ');
}

function position({ nowUs, safety }: RunState): string {
  if (safety === undefined) return clock(nowUs);
  const share = (nowUs - safety.fromUs) / Math.max(1, safety.untilUs - safety.fromUs);
  const percent = Math.floor(Math.min(1, share) * 100);
  return `${clock(nowUs)} of ${clock(safety.untilUs)} ${percent} %`;
}
