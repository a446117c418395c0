import { fieldOf, kindOf, type MemoryLineKind } from './memory-lines.ts';

/**
 * A log tells of one breach after the other: each statement from its first action to its end, or,
 * if it came through, to its last action.
 */

/** Actions that pause for so long are another statement's. */
const EPISODE_GAP_MS = 60_000;

/** The first breach in which a worker ended by a panic; without any, the first; or nothing. */
export function breachIn(lines: readonly string[]): readonly string[] {
  let first: readonly string[] | undefined;
  for (const episode of episodesOf(lines)) {
    if (episode.some((line) => kindOf(line) === 'panic')) return episode;
    first ??= episode;
  }
  return first ?? [];
}

function* episodesOf(lines: readonly string[]): Generator<readonly string[]> {
  let episode = new Episode();
  for (const line of lines) {
    const kind = kindOf(line);
    if (kind === undefined) continue;
    if (episode.endsBefore(line, kind)) {
      if (episode.began) yield episode.lines();
      episode = new Episode();
    }
    episode.add(line, kind);
  }
  if (episode.began) yield episode.lines();
}

/** The lines of one statement. Those that tell of slow reads count only in between. */
class Episode {
  private readonly all: string[] = [];
  private length = 0;
  private lastMs = 0;
  private tokensLeft = Number.POSITIVE_INFINITY;
  private latest: MemoryLineKind | undefined = undefined;

  get began(): boolean {
    return this.all.length > 0;
  }

  /** Whether a line is the next statement's. */
  endsBefore(line: string, kind: MemoryLineKind): boolean {
    if (this.latest === 'failed') return true;
    if (!this.began || kind === 'cop-process') return false;
    if (timeOf(line) - this.lastMs > EPISODE_GAP_MS) return true;
    // One reader's tokens only become fewer; the next reader's follow when it has delegated.
    return kind === 'destroy-token' && this.latest !== 'delegate' && tokens(line) > this.tokensLeft;
  }

  add(line: string, kind: MemoryLineKind): void {
    if (!this.began && (kind === 'cop-process' || kind === 'failed')) return;
    this.all.push(line);
    if (kind === 'cop-process') return;
    this.length = this.all.length;
    this.lastMs = timeOf(line);
    this.latest = kind;
    if (kind === 'destroy-token') this.tokensLeft = tokens(line);
  }

  lines(): readonly string[] {
    return this.all.slice(0, this.length);
  }
}

function tokens(line: string): number {
  return Number(fieldOf(line, 'remaining token count'));
}

/** Milliseconds of the day in a line's timestamp, which is all that a gap needs. */
function timeOf(line: string): number {
  const match = /^\[\S+ (\d+):(\d+):(\d+)\.(\d+)/.exec(line);
  if (match === null) return 0;
  const [hours, minutes, seconds, ms] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}
