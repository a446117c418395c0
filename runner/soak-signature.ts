/** A signature longer than this is a whole log, not a name. */
const SIGNATURE_CHARS = 160;

/**
 * What differs between two sightings of the same defect: where in a run it struck, and to whom.
 * In order: a later rule sees what the earlier ones left.
 */
const INCIDENTAL: readonly (readonly [RegExp, string])[] = [
  [/\s+/g, ' '],
  [/ \((?:and \d+ more|operation \d+)\)/g, ''],
  [/(?:file:\/\/)?(?:\/[\w.@+-]+)+\/([\w.-]+)/g, '$1'],
  [/\b(tikv|tidb|pd|acc|conn|client|worker|region|store)([-_ #]?)\d+\b/gi, '$1$2N'],
  [/\b(?:\d+(?:\.\d+)?(?:h|ms|us|µs|m|s))+\b/g, 'T'],
  [/\b\d+:\d\d:\d\d(?:\.\d+)?\b/g, 'T'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, 'X'],
  [/[-−]?\d+(?:\.\d+)?/g, 'N'],
  [/N(?:, N)+/g, 'N, …'],
];

/**
 * The name of a failure: two seeds whose signatures are equal have, as far as words can tell, found
 * the same thing. The check that saw it, and its cause without numbers, names and times.
 */
export function signatureOf(check: string, cause: string): string {
  const text = INCIDENTAL.reduce((left, [what, by]) => left.replace(what, by), cause).trim();
  const short = text.length > SIGNATURE_CHARS ? `${text.slice(0, SIGNATURE_CHARS - 1)}…` : text;
  return `${check}: ${short}`;
}
