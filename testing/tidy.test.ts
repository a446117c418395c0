/**
 * The house rules, applied to every file of the repository. Their own tests: house-rules/*.test.ts.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { scriptTitle } from './golden-script.ts';
import { orderBan, platformBan, promiseBan } from './house-rules/bans.ts';
import { chapterEssays, documentedExports, missingPaths } from './house-rules/documentation.ts';
import { fileNames } from './house-rules/names.ts';
import {
  everyTestRuns,
  noEscape,
  noPrinting,
  nothingUnfinished,
} from './house-rules/plain-code.ts';
import { repositoryFiles, repositoryText } from './house-rules/repository.ts';
import { type Allowance, ratchet, readSource } from './house-rules/rule.ts';
import { fileSize, functionSize, lineSize } from './house-rules/size.ts';

const RULES = [
  ...[functionSize, fileSize, lineSize, platformBan, orderBan, promiseBan, noEscape],
  ...[nothingUnfinished, noPrinting, everyTestRuns, documentedExports, chapterEssays, fileNames],
];

/** Offenders that cannot be fixed now. Numbers may only fall. */
const ALLOWANCES: readonly Allowance[] = [];

const files = repositoryFiles();
const sources = files
  .filter((path) => RULES.some((rule) => rule.applies(path)))
  .map((path) => readSource(path, repositoryText(path)));

describe('code', () => {
  test.each(RULES.map((rule) => ({ rule, title: rule.title })))('$title', ({ rule }) => {
    const applicable = sources.filter(({ path }) => rule.applies(path));
    expect(applicable).not.toHaveLength(0);
    const offences = applicable.flatMap((source) => rule.check(source));
    expect(ratchet(rule.title, offences, ALLOWANCES)).toEqual([]);
  });
});

describe('documents', () => {
  test.each(['ARCHITECTURE.md', 'README.md'])('every path named in %s exists', (path) => {
    const document = readSource(path, repositoryText(path));
    expect(missingPaths(document, files)).toEqual([]);
  });

  test('every golden script begins with a sentence', () => {
    const scripts = files.filter((path) => /(^|\/)testdata\/.*\.txt$/.test(path));
    expect(scripts).not.toHaveLength(0);
    for (const path of scripts) scriptTitle(repositoryText(path), path);
  });
});

describe('the repository stands on its own', () => {
  const texts = files.map((path) => ({ path, text: repositoryText(path) }));

  test('no file names the folder that it lies in', () => {
    const here = fileURLToPath(new URL('..', import.meta.url));
    expect(texts.filter(({ text }) => text.includes(here)).map(({ path }) => path)).toEqual([]);
  });

  test('the lock file records no address of a registry', () => {
    const lock = texts.find(({ path }) => path === 'package-lock.json');
    expect(lock?.text).not.toMatch(/"resolved"/);
  });
});
