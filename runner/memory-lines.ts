/**
 * The lines of a TiDB node's log that tell the story of a breach, by kind. What a person greps for:
 * the words are TiDB's, of whatever version.
 */

/** A kind of line. */
export type MemoryLineKind =
  | 'cop-process'
  | 'destroy-token'
  | 'delegate'
  | 'spill-rows'
  | 'spill-groups'
  | 'expensive'
  | 'panic'
  | 'kill'
  | 'failed';

/** Each kind, what its line says, and what a table calls it; tried in this order. */
const KINDS: readonly (readonly [MemoryLineKind, RegExp, string])[] = [
  ['cop-process', /\[TIME_COP_PROCESS\]/, '[TIME_COP_PROCESS]'],
  ['destroy-token', /memory exceeds quota, destroy one token now/, 'destroy one token now'],
  ['delegate', /rateLimitAction delegate to fallback action/, 'delegate to fallback action'],
  ['spill-rows', /memory exceeds quota, spill to disk now/, 'spill to disk now'],
  ['spill-groups', /set aggregate mode to spill-mode/, 'set aggregate mode to spill-mode'],
  ['kill', /\[kill initiated\]|"kill initiated"/, 'kill initiated'],
  ['expensive', /expensive_query|\["memory exceeds quota"\]/, 'expensive_query'],
  [
    'panic',
    /meet panic|aggregation panicked|panic in the recoverable|execute sql panic|result panic/,
    'panic',
  ],
  ['failed', /command dispatched failed/, 'command dispatched failed'],
];

/** Lines of one kind that follow each other. */
export interface LineRun {
  readonly kind: MemoryLineKind;
  /** What a table calls it. */
  readonly words: string;
  readonly count: number;
  /** The first of them, as it stands in the log. */
  readonly first: string;
  /** What is worth knowing of all: tokens left from first to last, the most memory held. */
  readonly detail: string;
}

/** What a table calls a kind. */
export function wordsOf(kind: MemoryLineKind): string {
  return KINDS.find(([name]) => name === kind)?.[2] ?? kind;
}

/** The kind of a line; undefined if it has nothing to do with memory. */
export function kindOf(line: string): MemoryLineKind | undefined {
  return KINDS.find(([, pattern]) => pattern.test(line))?.[0];
}

/** The value of a field of a line in the unified format. */
export function fieldOf(line: string, name: string): string | undefined {
  const quoted = name.includes(' ') ? `"${name}"` : name;
  const start = line.indexOf(`[${quoted}=`);
  if (start < 0) return undefined;
  const from = start + quoted.length + 2;
  if (line[from] !== '"') return line.slice(from, line.indexOf(']', from));
  const end = line.indexOf('"]', from + 1);
  return line.slice(from + 1, end);
}

/**
 * The first breach in a log: from the first action to the end of that statement, or to the last
 * line before actions pause for a minute. Lines that tell of slow reads count only in between.
 */
export function firstEpisode(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => startsEpisode(line));
  if (start < 0) return [];
  const episode: string[] = [];
  let lastMs = timeOf(lines[start] as string);
  for (const line of lines.slice(start)) {
    const kind = kindOf(line);
    if (kind === undefined) continue;
    const ms = timeOf(line);
    if (kind !== 'cop-process' && ms - lastMs > EPISODE_GAP_MS) break;
    if (kind !== 'cop-process') lastMs = ms;
    episode.push(line);
    if (kind === 'failed') break;
  }
  while (kindOf(episode.at(-1) ?? '') === 'cop-process') episode.pop();
  return episode;
}

const EPISODE_GAP_MS = 60_000;

function startsEpisode(line: string): boolean {
  const kind = kindOf(line);
  return kind !== undefined && kind !== 'cop-process' && kind !== 'failed';
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

/** Lines as runs of one kind each. */
export function runsOf(lines: readonly string[]): LineRun[] {
  const groups: { kind: MemoryLineKind; lines: string[] }[] = [];
  for (const line of lines) {
    const kind = kindOf(line);
    if (kind === undefined) continue;
    const last = groups.at(-1);
    if (last !== undefined && last.kind === kind) last.lines.push(line);
    else groups.push({ kind, lines: [line] });
  }
  return groups.map(({ kind, lines: same }) => ({
    kind,
    words: wordsOf(kind),
    count: same.length,
    first: same[0] as string,
    detail: detailOf(kind, same),
  }));
}

function detailOf(kind: MemoryLineKind, lines: readonly string[]): string {
  const [first] = lines as [string];
  const last = lines.at(-1) as string;
  switch (kind) {
    case 'destroy-token': {
      const left = [first, last].map((line) => fieldOf(line, 'remaining token count') ?? '?');
      const total = fieldOf(first, 'total token count') ?? '?';
      return `${left.join(' … ')} of ${total} left`;
    }
    case 'spill-rows':
    case 'spill-groups':
      return shareOf(first);
    case 'expensive':
      return `mem_max ${/\(([^)]*)\)/.exec(fieldOf(first, 'mem_max') ?? '')?.[1] ?? '?'}`;
    case 'panic':
      return (fieldOf(first, 'r') ?? fieldOf(first, 'error') ?? '').replace(/\\|"/g, '');
    default:
      return '';
  }
}

/** How much of its quota a statement held. */
function shareOf(line: string): string {
  const consumed = Number(fieldOf(line, 'consumed'));
  const quota = Number(fieldOf(line, 'quota'));
  return quota > 0 ? `at ${(consumed / quota).toFixed(2)} × quota` : '';
}
