import ts from 'typescript';

/** A file of the repository, as rules see it. */
export interface Source {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Its syntax, with parents set; empty for anything but TypeScript. */
  readonly tree: ts.SourceFile;
}

/** A place that breaks a rule. */
export interface Offence {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** A house rule. */
export interface Rule {
  /** A sentence: the title of its test. */
  readonly title: string;
  /** Whether the rule holds for the file at this path. */
  applies(path: string): boolean;
  /** Every place in the file that breaks the rule. */
  check(source: Source): Offence[];
}

/** Reads the syntax of a file. */
export function readSource(path: string, text: string): Source {
  const kind = path.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const content = isCode(path) ? text : '';
  return {
    path,
    text,
    tree: ts.createSourceFile(path, content, ts.ScriptTarget.ES2023, true, kind),
  };
}

/** TypeScript, with or without JSX. */
export function isCode(path: string): boolean {
  return /\.tsx?$/.test(path);
}

/** A test, which may be long and need not be deterministic by construction. */
export function isTest(path: string): boolean {
  return /\.test\.ts$/.test(path);
}

/** The offence that `message` describes, at the line where `node` begins. */
export function offenceAt(source: Source, node: ts.Node, message: string): Offence {
  const { line } = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree));
  return { path: source.path, line: line + 1, message };
}

const walked = new WeakMap<Source, readonly ts.Node[]>();

/** Every node of a file's syntax, parents first. */
export function nodes(source: Source): readonly ts.Node[] {
  const known = walked.get(source);
  if (known !== undefined) return known;
  const found: ts.Node[] = [];
  const walk = (node: ts.Node): void => {
    found.push(node);
    ts.forEachChild(node, walk);
  };
  walk(source.tree);
  walked.set(source, found);
  return found;
}

/** An offender that cannot be fixed now, with its present number of offences. */
export interface Allowance {
  readonly rule: string;
  readonly path: string;
  readonly offences: number;
}

/**
 * What remains after the allowances: a file with its allowed number of offences passes, a file with
 * more shows them all, and an allowance that is no longer used up must shrink with it.
 */
export function ratchet(
  rule: string,
  offences: readonly Offence[],
  allowances: readonly Allowance[],
): string[] {
  const own = allowances.filter((allowance) => allowance.rule === rule);
  const count = (path: string): number => offences.filter((o) => o.path === path).length;
  const allowed = (path: string): number => own.find((a) => a.path === path)?.offences ?? 0;
  const stale = own.filter(({ path, offences: limit }) => count(path) < limit);
  return [
    ...offences
      .filter(({ path }) => count(path) > allowed(path))
      .map(({ path, line, message }) => `${path}:${line}: ${message}`),
    ...stale.map(({ path }) => `${path}: lower its allowance to ${count(path)}`),
  ];
}
