import ts from 'typescript';
import { isCode, isTest, nodes, type Offence, offenceAt, type Rule, type Source } from './rule.ts';

/** The compiler must be able to vouch for every value. */
export const noEscape: Rule = {
  title: 'no type is `any`, nothing is asserted with `!`, the compiler is never told to look away',
  applies: isCode,
  check(source) {
    const found: Offence[] = [];
    for (const node of nodes(source)) {
      const message = escapeOf(node);
      if (message !== undefined) found.push(offenceAt(source, node, message));
    }
    const silenced = comments(source, /@ts-(ignore|nocheck)/);
    return [...found, ...silenced.map((comment) => at(comment, 'a silenced compiler'))];
  },
};

const UNFINISHED = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);

/** Work that is left to do belongs in an issue. */
export const nothingUnfinished: Rule = {
  title: 'no comment puts work off',
  applies: isCode,
  check: (source) =>
    comments(source, UNFINISHED).map((comment) =>
      at(comment, 'work put off in a comment; instead: an issue'),
    ),
};

/** Printing is the business of the edge. */
export const noPrinting: Rule = {
  title: 'nothing prints but the command line, the runner and the benchmarks',
  applies: (path) => isCode(path) && !/^(cli\.ts$|cli\/|runner\/|bench\/)/.test(path),
  check(source) {
    const found: Offence[] = [];
    for (const node of nodes(source)) {
      if (!ts.isPropertyAccessExpression(node) || node.expression.getText() !== 'console') continue;
      found.push(offenceAt(source, node, `console.${node.name.text}`));
    }
    return found;
  },
};

/** A test that is left out passes without having looked. */
export const everyTestRuns: Rule = {
  title: 'no test is singled out or skipped',
  applies: isTest,
  check(source) {
    const found: Offence[] = [];
    for (const node of nodes(source)) {
      if (!ts.isPropertyAccessExpression(node)) continue;
      const left = /^(only|skip|skipIf|runIf|todo|fails)$/.test(node.name.text);
      if (!left || !/^(test|it|describe|suite)\b/.test(node.expression.getText())) continue;
      found.push(offenceAt(source, node, node.getText()));
    }
    return found;
  },
};

function escapeOf(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return '`any`; instead: `unknown`, or the type';
  if (ts.isNonNullExpression(node)) return '`!`; instead: handle what may be undefined';
  const assigned = ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node);
  if (assigned && node.exclamationToken !== undefined) return '`!`; instead: an initial value';
  return undefined;
}

interface Comment {
  readonly path: string;
  readonly line: number;
}

function at({ path, line }: Comment, message: string): Offence {
  return { path, line, message };
}

/**
 * The comments that contain the pattern. Comments stand between tokens, so each is found in front
 * of the token that follows it; that walk is slow, hence only for files in which the pattern occurs
 * at all.
 */
function comments(source: Source, pattern: RegExp): Comment[] {
  const { tree, path } = source;
  if (!pattern.test(tree.text)) return [];
  const found = new Map<number, Comment>();
  const collect = (node: ts.Node): void => {
    const { pos } = node;
    const ranges = [
      ...(ts.getLeadingCommentRanges(tree.text, pos) ?? []),
      ...(ts.getTrailingCommentRanges(tree.text, pos) ?? []),
    ];
    for (const range of node.kind === ts.SyntaxKind.JsxText ? [] : ranges) {
      const { line } = tree.getLineAndCharacterOfPosition(range.pos);
      if (!pattern.test(tree.text.slice(range.pos, range.end))) continue;
      found.set(range.pos, { path, line: line + 1 });
    }
    for (const child of node.getChildren(tree)) collect(child);
  };
  collect(tree);
  return [...found.values()];
}
