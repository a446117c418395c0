import { UsageError } from './usage-error.ts';

/** The candidates that a person may have meant by `word`, nearest first; at most three. */
export function nearMatches(word: string, candidates: readonly string[]): string[] {
  const limit = Math.max(2, Math.floor(word.length / 3));
  return candidates
    .map((candidate) => ({ candidate, far: distance(simplify(word), simplify(candidate)) }))
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/**
 * `unknown nemesis "random-kil": did you mean random_kill?`, or the whole list if nothing is near.
 */
export function unknownName(what: string, word: string, candidates: readonly string[]): UsageError {
  const near = nearMatches(word, candidates);
  const hint =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : `expected one of ${candidates.join(', ')}`;
  return new UsageError(`unknown ${what} "${word}": ${hint}`);
}

/** Underscores and dashes are mixed up more often than anything else. */
function simplify(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
