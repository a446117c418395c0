import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Scalar } from './scalar.ts';
import { UsageError } from './usage-error.ts';

/**
 * YAML that a person wrote, checked against a schema. Every complaint is one line that starts with
 * `file:line:column` and says what was expected, because a person will go there and change it.
 */

/** A place in a document: keys of maps, indices of lists. */
type Path = readonly PropertyKey[];

/** The schema of one value that stands in the file as a plain scalar. */
export function scalarSchema<T>(scalar: Scalar<T>): z.ZodType<T> {
  return z.unknown().transform((value, context): T => {
    const parsed = isScalarValue(value) ? scalar.parse(String(value)) : undefined;
    if (parsed !== undefined) return parsed;
    context.issues.push({
      code: 'custom',
      message: `expected ${scalar.expected}, got ${show(value)}`,
      input: value,
    });
    return z.NEVER;
  });
}

/** Reads a text as YAML; throws a `UsageError` with one line for each thing that is wrong. */
export function readCheckedYaml<T>(
  file: string,
  text: string,
  schema: z.ZodType<T>,
): CheckedYaml<T> {
  const lines = new LineCounter();
  // Whole numbers as bigint: a seed has more digits than a double can hold.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    intAsBigInt: true,
  });
  const complain = (offset: number, message: string): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col} ${message}`;
  };
  const locate = (path: Path, message: string): string =>
    complain(offsetOf(document, path), path.length === 0 ? message : `${dotted(path)}: ${message}`);
  if (document.errors.length > 0) {
    throw new UsageError(document.errors.map((e) => complain(e.pos[0], e.message)).join('\n'));
  }
  const result = schema.safeParse(document.toJS() ?? {});
  if (result.success) return { value: result.data, locate };
  const complaints = result.error.issues
    .flatMap((issue) => explain(issue, schema, document))
    .sort((a, b) => offsetOf(document, a.path) - offsetOf(document, b.path));
  throw new UsageError(complaints.map(({ path, message }) => locate(path, message)).join('\n'));
}

/** The value, and a way to complain about a part of it later, when more is known. */
export interface CheckedYaml<T> {
  readonly value: T;
  /** `file:line:column path: message`. */
  locate(path: Path, message: string): string;
}

interface Complaint {
  readonly path: Path;
  readonly message: string;
}

function explain(issue: z.core.$ZodIssue, schema: z.ZodType, document: Document): Complaint[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path).join(', ');
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key "${key}", expected one of ${known}`,
    }));
  }
  if (issue.code !== 'invalid_type') return [{ path, message: issue.message }];
  const got = show(plain(document.getIn(path)));
  return [{ path, message: `expected ${described(issue.expected)}, got ${got}` }];
}

function described(type: string): string {
  return { object: 'a block of keys', array: 'a list' }[type] ?? type;
}

/** The keys that the schema knows at a path. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let here: unknown = unwrapped(schema);
  for (const key of path) {
    if (here instanceof z.ZodObject) here = unwrapped(here.shape[String(key)]);
    else if (here instanceof z.ZodArray) here = unwrapped(here.element);
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? unwrapped(schema.unwrap()) : schema;
}

/** Where a path's key stands, or its value in a list, or the nearest thing above it. */
function offsetOf(document: Document, path: Path): number {
  const parent = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isNode(key) && String(key) === String(path.at(-1)))
    : undefined;
  const value = path.length === 0 ? document.contents : document.getIn(path, true);
  const place = [pair?.key, value, parent].find((node) => isNode(node) && node.range);
  return isNode(place) && place.range ? place.range[0] : 0;
}

function dotted(path: Path): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number'
        ? `${text}[${key}]`
        : text === ''
          ? String(key)
          : `${text}.${String(key)}`,
    '',
  );
}

function isScalarValue(value: unknown): value is string | number | bigint | boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}

function plain(value: unknown): unknown {
  return isNode(value) ? value.toJSON() : value;
}

function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a block of keys';
  return typeof value === 'string' ? `"${value}"` : String(value);
}
