import ts from 'typescript';
import { isCode, isTest, type Offence, offenceAt, type Rule, type Source } from './rule.ts';

/** Whatever another file may use says what it is. */
export const documentedExports: Rule = {
  title: 'every exported symbol has a doc comment',
  applies: (path) => isCode(path) && !isTest(path) && !path.endsWith('.config.ts'),
  check(source) {
    const found: Offence[] = [];
    const documented = new Set<string>();
    for (const statement of source.tree.statements) {
      if (!isExported(statement)) continue;
      const names = exportedNames(statement);
      const overload = names.every((name) => documented.has(name));
      for (const name of names) documented.add(name);
      if (overload || ts.getJSDocCommentsAndTags(statement).some(ts.isJSDoc)) continue;
      found.push(offenceAt(source, statement, `${names.join(', ')} has no doc comment`));
    }
    return found;
  },
};

/** A chapter opens with an essay: the idea, and what is left out. */
export const chapterEssays: Rule = {
  title: 'the index of every chapter opens with an essay',
  applies: (path) => /^(cluster|cases|nemesis|checker)\/(.*\/)?index\.ts$/.test(path),
  check({ path, text, tree }) {
    const first = tree.statements.find((statement) => !ts.isImportDeclaration(statement));
    const essay = [text, first?.getFullText() ?? ''].some((part) => /^\s*\/\*\*/.test(part));
    return essay ? [] : [{ path, line: 1, message: 'no essay at its beginning' }];
  },
};

const SOME_SOURCE = /^(?:\.\/)?(?:[\w.-]+\/)*[\w.-]*\.(?:tsx?|cjs|mjs)$/;
const NOT_KEPT = new Set(['dist', 'store', 'node_modules']);

/**
 * Every path a document names exists: words with a slash that begin with a folder of the
 * repository, and names of source files. A path may be written from the root or from any folder
 * inside.
 */
export function missingPaths(document: Source, files: readonly string[]): Offence[] {
  const folders = new Set(files.flatMap(ancestors));
  const roots = new Set(files.map((file) => file.split('/')[0] ?? ''));
  const known = [...files, ...folders];
  const exists = (path: string): boolean =>
    known.some((file) => file === path || file.endsWith(`/${path}`));
  const claims = (word: string): boolean => {
    const root = word.split('/')[0] ?? '';
    if (NOT_KEPT.has(root)) return false;
    return SOME_SOURCE.test(word) || (word.includes('/') && roots.has(root));
  };
  return document.text.split('\n').flatMap((line, index) =>
    (line.replace(/\w+:\/\/\S+/g, '').match(/[\w.-]+(?:\/[\w.*<>-]*)*/g) ?? [])
      .map((word) => word.replace(/[./]+$/, '').replace(/^\.\//, ''))
      .filter((word) => !/[*<>]/.test(word) && claims(word) && !exists(word))
      .map((word) => ({ path: document.path, line: index + 1, message: `${word} does not exist` })),
  );
}

function ancestors(file: string): string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

function exportedNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const name = 'name' in statement ? (statement.name as ts.Node | undefined) : undefined;
  return [name?.getText() ?? 'the default export'];
}
