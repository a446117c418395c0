import { span } from '../reports/virtual-time.ts';
import { count } from '../reports/wording.ts';
import type { ProgressStream } from './progress.ts';
import type { SeedResult } from './soak-ledger.ts';
import { OUTCOMES, type Outcome } from './soak-outcome.ts';

/** A terminal line is rewritten this often; wall ms. */
const TERMINAL_MS = 500;
/** Without a terminal a line is printed this often; wall ms. */
const PLAIN_MS = 30_000;
const ERASE_LINE = '\r\u001b[2K';

/** Shows a person how far a soak is: one rewritten line on a terminal, plain lines elsewhere. */
export interface SoakProgress {
  /** `left` seeds will be run; `before` are the results of earlier sessions. */
  begin(before: readonly SeedResult[], left: number): void;
  started(): void;
  /** Without a result if the soak was stopped before there was one. */
  ended(result: SeedResult | undefined): void;
  /** A line of its own. */
  say(text: string): void;
  /** Leaves the terminal clean. */
  done(): void;
}

/** Prints nothing. */
export const SILENT_SOAK: SoakProgress = {
  ...{ begin() {}, started() {}, ended() {}, say() {}, done() {} },
};

/** Progress on a stream; `forMs` is the wall time that the soak may take, if that is limited. */
export function soakProgressOn(
  stream: ProgressStream,
  now: () => number,
  forMs?: number,
): SoakProgress {
  return new Line(stream, now, forMs ?? Number.POSITIVE_INFINITY);
}

class Line implements SoakProgress {
  private readonly stream: ProgressStream;
  private readonly now: () => number;
  private readonly forMs: number;
  private readonly terminal: boolean;
  private readonly outcomes = new Map<Outcome, number>();
  private startedMs = 0;
  private left = 0;
  private finishedNow = 0;
  private running = 0;
  private simulatedSeconds = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(stream: ProgressStream, now: () => number, forMs: number) {
    this.stream = stream;
    this.now = now;
    this.forMs = forMs;
    this.terminal = stream.isTTY === true;
  }

  begin(before: readonly SeedResult[], left: number): void {
    this.startedMs = this.now();
    this.left = left;
    for (const result of before) this.add(result);
    this.timer = setInterval(() => this.show(), this.terminal ? TERMINAL_MS : PLAIN_MS);
    this.timer.unref();
  }

  started(): void {
    this.running++;
  }

  ended(result: SeedResult | undefined): void {
    this.running--;
    if (result === undefined) return;
    this.finishedNow++;
    this.add(result);
    if (result.outcome !== 'valid') this.say(describeResult(result));
    else if (this.terminal) this.show();
  }

  say(text: string): void {
    this.stream.write(`${this.terminal ? ERASE_LINE : ''}${text}\n`);
  }

  done(): void {
    clearInterval(this.timer);
    if (this.terminal) this.stream.write(ERASE_LINE);
  }

  private add({ outcome, simulatedSeconds }: SeedResult): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    this.simulatedSeconds += simulatedSeconds;
  }

  private show(): void {
    const line = this.describe();
    this.stream.write(this.terminal ? ERASE_LINE + line : `${line}\n`);
  }

  private describe(): string {
    const counts = OUTCOMES.map((name) => ({ name, n: this.outcomes.get(name) ?? 0 }));
    const done = counts.reduce((sum, { n }) => sum + n, 0);
    const all = done - this.finishedNow + this.left;
    return [
      `seeds ${count(done)}/${count(all)}`,
      counts
        .filter(({ n }) => n > 0)
        .map(({ name, n }) => `${count(n)} ${name}`)
        .join(', ') || 'no result yet',
      `${span(this.simulatedSeconds * 1e6)} simulated`,
      `${this.running} running`,
      this.remaining(),
    ].join(' · ');
  }

  private remaining(): string {
    const elapsedMs = this.now() - this.startedMs;
    const byTimeMs = this.forMs - elapsedMs;
    const bySeedsMs = ((this.left - this.finishedNow) * elapsedMs) / this.finishedNow;
    const leftMs = Math.min(byTimeMs, Number.isNaN(bySeedsMs) ? byTimeMs : bySeedsMs);
    return Number.isFinite(leftMs)
      ? `${span(Math.max(0, leftMs) * 1000)} left`
      : 'time left unknown';
  }
}

/** One line for a seed that is not valid, and the command that shows it again. */
function describeResult({ seed, outcome, check, cause, command }: SeedResult): string {
  const why = `seed ${seed} ${outcome}: ${check}: ${cause.replace(/\s+/g, ' ')}`;
  return `${why}\n  replay: ${command}`;
}
