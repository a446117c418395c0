import ts from 'typescript';
import { isCode, isTest, nodes, type Offence, offenceAt, type Rule, type Source } from './rule.ts';

const FUNCTION_LINES = 70;
const FILE_LINES = 400;
const LINE_COLUMNS = 100;

/** A function fits on a screen. The callback of `describe` is a heading, not a function. */
export const functionSize: Rule = {
  title: `no function is longer than ${FUNCTION_LINES} lines`,
  applies: isCode,
  check(source) {
    const found: Offence[] = [];
    for (const node of nodes(source)) {
      if (!ts.isFunctionLike(node) || isDescribed(node)) continue;
      const lines = lineOf(source, node.end) - lineOf(source, node.getStart(source.tree)) + 1;
      if (lines > FUNCTION_LINES)
        found.push(offenceAt(source, node, `a function of ${lines} lines`));
    }
    return found;
  },
};

/** A file holds one concept. The essay it opens with is not counted. */
export const fileSize: Rule = {
  title: `no file is longer than ${FILE_LINES} lines, its opening essay and tests left out`,
  applies: (path) => isCode(path) && !isTest(path),
  check(source) {
    const all = source.text.trimEnd().split('\n').length;
    const essay = /^\s*\/\*\*.*?\*\/\n/s.exec(source.text)?.[0].split('\n').length ?? 1;
    const lines = all - (essay - 1);
    if (lines <= FILE_LINES) return [];
    return [{ path: source.path, line: 1, message: `a file of ${lines} lines` }];
  },
};

/**
 * Two files fit side by side. What cannot be broken may run on: an address, and a text or a pattern
 * that has begun before the limit.
 */
export const lineSize: Rule = {
  title: `no line is longer than ${LINE_COLUMNS} columns, unless it ends in a literal or an address`,
  applies: (path) => isCode(path) || path.endsWith('.css'),
  check(source) {
    const found: Offence[] = [];
    let start = 0;
    for (const [index, line] of source.text.split('\n').entries()) {
      const columns = [...line].length;
      const limit = start + LINE_COLUMNS;
      const long = columns > LINE_COLUMNS && !line.includes('https://');
      if (long && !isInLiteral(source, limit)) {
        found.push({ path: source.path, line: index + 1, message: `a line of ${columns} columns` });
      }
      start += line.length + 1;
    }
    return found;
  },
};

function isInLiteral(source: Source, position: number): boolean {
  return nodes(source).some((node) => {
    const text = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node);
    if (!text && !ts.isTemplateExpression(node) && !ts.isRegularExpressionLiteral(node))
      return false;
    return node.getStart(source.tree) < position && position <= node.end;
  });
}

function lineOf(source: Source, position: number): number {
  return source.tree.getLineAndCharacterOfPosition(position).line;
}

function isDescribed(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isCallExpression(parent) && /^describe\b/.test(parent.expression.getText());
}
