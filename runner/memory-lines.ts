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
