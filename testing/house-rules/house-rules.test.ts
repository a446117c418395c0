/** The house rules find planted offenders, and leave alone what only looks like one. */
import { describe, expect, test } from 'vitest';
import { isCore, orderBan, platformBan, promiseBan } from './bans.ts';
import { chapterEssays, documentedExports, missingPaths } from './documentation.ts';
import { fileNames } from './names.ts';
import { everyTestRuns, noEscape, noPrinting, nothingUnfinished } from './plain-code.ts';
import { repositoryFiles } from './repository.ts';
import { type Rule, ratchet, readSource } from './rule.ts';
import { fileSize, functionSize, lineSize } from './size.ts';

/** The lines of `text` that break the rule. */
function lines(rule: Rule, text: string, path = 'cluster/tikv/planted.ts'): number[] {
  expect(rule.applies(path)).toBe(true);
  return rule.check(readSource(path, text)).map(({ line }) => line);
}

const body = (count: number): string => '  step();\n'.repeat(count);

describe('size', () => {
  test('a function of 70 lines passes, one of 71 does not, whatever its kind', () => {
    expect(lines(functionSize, `function f() {\n${body(68)}}\n`)).toEqual([]);
    expect(lines(functionSize, `function f() {\n${body(69)}}\n`)).toEqual([1]);
    expect(lines(functionSize, `class A {\n  f() {\n${body(69)}}\n}\n`)).toEqual([2]);
    expect(lines(functionSize, `const f = () => {\n${body(69)}};\n`)).toEqual([1]);
  });

  test('the callback of describe is a heading and may be long', () => {
    expect(lines(functionSize, `describe('a', () => {\n${body(90)}});\n`)).toEqual([]);
    expect(lines(functionSize, `test('a', () => {\n${body(90)}});\n`)).toEqual([1]);
  });

  test('a file has 400 lines at most, not counting the essay it opens with', () => {
    expect(lines(fileSize, body(400))).toEqual([]);
    expect(lines(fileSize, body(401))).toEqual([1]);
    expect(lines(fileSize, `/**\n * Why.\n */\n${body(400)}`)).toEqual([]);
    expect(fileSize.applies('cluster/a.test.ts')).toBe(false);
  });

  test('a line has 100 columns at most, unless it ends in a literal or an address', () => {
    const long = 'x'.repeat(90);
    expect(lines(lineSize, `// 01234567${long}`)).toEqual([1]);
    expect(lines(lineSize, `// 0123456${long}`)).toEqual([]);
    expect(lines(lineSize, `const text = '${long}';`)).toEqual([]);
    expect(lines(lineSize, `const pattern = /${long}/;`)).toEqual([]);
    expect(lines(lineSize, `call('short', ${long});`)).toEqual([1]);
    expect(lines(lineSize, `// https://example.org/${long}`)).toEqual([]);
    expect(lines(lineSize, `a { b: ${long}012345 }`, 'reports/page/style.css')).toEqual([1]);
  });
});

describe('bans in the core', () => {
  test('the core is cluster, nemesis, checker and cases, without edges and tests', () => {
    expect(['cluster/a.ts', 'cases/ledger.ts', 'nemesis/a.ts', 'checker/a.ts'].every(isCore)).toBe(
      true,
    );
    expect([
      'cluster/wire/a.ts',
      'cluster/real/a.ts',
      'runner/a.ts',
      'cases/a.test.ts',
    ]).not.toSatisfy((paths: string[]) => paths.some(isCore));
  });

  test.each([
    ['const t = Date.now();', 'scheduler'],
    ['const t = new Date();', 'scheduler'],
    ['performance.now();', 'scheduler'],
    ['setTimeout(f, 1);', 'cluster/sim/task.ts'],
    ['Math.random();', 'cluster/sim/rng.ts'],
    ['crypto.getRandomValues(a);', 'cluster/sim/rng.ts'],
    ['a.localeCompare(b);', 'explicit comparator'],
    ['(1).toLocaleString();', 'built by hand'],
    ['new Intl.Collator();', 'built by hand'],
    ['process.env;', 'the runner'],
    ['Math.log(2);', 'integers'],
    ['console.log(1);', 'cluster/log.ts'],
    ['use({ Date });', 'scheduler'],
    ['let t: Date | undefined;', 'scheduler'],
  ])('%s is found, and what to use instead is told', (code, instead) => {
    const [offence] = platformBan.check(readSource('cluster/a.ts', `\n${code}\n`));
    expect(offence?.line).toBe(2);
    expect(offence?.message).toContain(instead);
  });

  test('a member, a literal, a comment or a name of the file’s own is no use of it', () => {
    const innocent = `
      // Date.now() is banned, and so is process.env
      import { process } from './process.ts';
      const { Date: day, now } = { Date: 'Date', now: process.now };
      type Kind = 'Date';
      interface Column { Date: number; performance(): void }
      column.Date; value.crypto; Math.floor(1); Math.max(1, 2); Math.imul(3, 4);`;
    expect(lines(platformBan, innocent)).toEqual([]);
  });

  test('for … in, inexact powers and sorting by chance are found', () => {
    const code = [
      'for (const k in o) f(k);',
      'a = b ** c;',
      'a **= 2;',
      'names.sort();',
      'f(2 ** n);',
    ];
    const fine = ['a = 10n ** b;', 'names.sort(byName);', 'sort();', 'for (const k of o) f(k);'];
    expect(lines(orderBan, [...code, ...fine].join('\n'))).toEqual([1, 2, 3, 4]);
  });

  test('promises are found in a chapter; the surface of the cluster may have them', () => {
    expect(lines(promiseBan, 'async function f() {\n  await g();\n}\nPromise.all([]);')).toEqual([
      ...[1, 2, 4],
    ]);
    expect(promiseBan.applies('cluster/client.ts')).toBe(false);
    expect(promiseBan.applies('cases/ledger.ts')).toBe(false);
    expect(promiseBan.applies('checker/ledger.ts')).toBe(true);
  });
});

describe('plain code', () => {
  test('any, !, and a silenced compiler are found', () => {
    const directive = '@ts-' + 'ignore';
    const code = ['let a: any;', 'f(a!);', 'let b!: number;', `// ${directive}`, 'f(b as any);'];
    expect(lines(noEscape, code.join('\n')).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(lines(noEscape, "const any = 1; if (!any) f('any!'); // any!")).toEqual([]);
  });

  test('work put off is found in comments of every kind, and only there', () => {
    const mark = 'TO' + 'DO';
    const code = [`// ${mark}: x`, `/** ${mark} */`, `f(); // ${mark}`, `f('${mark}');`];
    expect(lines(nothingUnfinished, `${code.join('\n')}\n{ /* ${mark} */ }`)).toEqual([1, 2, 3, 5]);
    expect(lines(nothingUnfinished, `f(); // last ${mark}`)).toEqual([1]);
  });

  test('printing is found outside the command line, the runner and the benchmarks', () => {
    expect(lines(noPrinting, '\nconsole.log(1);', 'reports/text.ts')).toEqual([2]);
    for (const path of ['cli.ts', 'cli/program.ts', 'runner/run.ts', 'bench/index.ts']) {
      expect(noPrinting.applies(path)).toBe(false);
    }
  });

  test('a test singled out or skipped is found', () => {
    const left = ['test.only', 'it.skip', 'describe.only', 'test.concurrent.skip', 'it.todo'];
    const code = left.map((call) => `${call}('a', f);`).join('\n');
    expect(lines(everyTestRuns, code, 'a.test.ts')).toEqual([1, 2, 3, 4, 5]);
    expect(lines(everyTestRuns, "test.each([1])('a', f); options.only;", 'a.test.ts')).toEqual([]);
  });
});

describe('documentation', () => {
  test('an exported symbol without a doc comment is found', () => {
    const code = [
      'export const a = 1;',
      'export function f(): void {}',
      '// no doc comment\nexport class A {}',
      'export interface B {}',
      'export type C = 1;',
    ];
    expect(lines(documentedExports, code.join('\n'))).toEqual([1, 2, 4, 5, 6]);
  });

  test('re-exports, private names and later overloads need none', () => {
    const code = [
      "export { x } from './x.ts';",
      "export * from './y.ts';",
      'const hidden = 1;',
      '/** Overloaded. */\nexport function f(a: string): void;',
      'export function f(a: number): void;',
      'export function f(a: unknown): void {}',
    ];
    expect(lines(documentedExports, code.join('\n'))).toEqual([]);
  });

  test('a chapter without an essay is found; imports may stand before it', () => {
    const index = 'cluster/tikv/index.ts';
    expect(lines(chapterEssays, "export * from './store.ts';", index)).toEqual([1]);
    expect(lines(chapterEssays, "/** How. */\nexport * from './store.ts';", index)).toEqual([]);
    expect(lines(chapterEssays, "import './a.ts';\n/** How. */\nf();", index)).toEqual([]);
    expect(chapterEssays.applies('checker/group-index.ts')).toBe(false);
  });

  test('a path that does not exist is found, written from the root or from a folder inside', () => {
    const files = ['cli.ts', 'cluster/sim/rng.ts', 'cases/ledger.ts', 'README.md'];
    const text = [
      '`cli.ts`, `cluster/sim/`, sim/rng.ts, `rng.ts`: all there, as are cases/ and README.md.',
      '`cluster/raft/` is not, nor is `run.ts`,',
      'nor sim/task.ts. dist/cli.js, store/x/y.json, cases/*.ts and and/or are no claims,',
      'nor is https://example.org/cluster/none.ts.',
    ].join('\n');
    const found = missingPaths(readSource('README.md', text), files);
    expect(found.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '2 cluster/raft does not exist',
      '2 run.ts does not exist',
      '3 sim/task.ts does not exist',
    ]);
  });
});

test('a file name in another style, or that says nothing, is found', () => {
  for (const name of [
    'rng.ts',
    'two-phase-commit.test.ts',
    'vitest.config.ts',
    'int64-halves.ts',
  ]) {
    expect(lines(fileNames, '', `cluster/${name}`)).toEqual([]);
  }
  for (const name of ['Rng.ts', 'lock_table.ts', 'lockTable.ts', 'utils.ts', 'types.ts']) {
    expect(lines(fileNames, '', `cluster/${name}`)).toEqual([1]);
  }
});

describe('the ratchet', () => {
  const offences = [1, 2].map((line) => ({ path: 'a.ts', line, message: 'long' }));
  const allowed = (count: number): string[] =>
    ratchet('rule', offences, [{ rule: 'rule', path: 'a.ts', offences: count }]);

  test('an allowance covers its number, no more, and must fall when the number falls', () => {
    expect(ratchet('rule', offences, [])).toEqual(['a.ts:1: long', 'a.ts:2: long']);
    expect(allowed(1)).toEqual(['a.ts:1: long', 'a.ts:2: long']);
    expect(allowed(2)).toEqual([]);
    expect(allowed(3)).toEqual(['a.ts: lower its allowance to 2']);
  });

  test('an allowance holds for its own rule only', () => {
    const other = [{ rule: 'other', path: 'a.ts', offences: 2 }];
    expect(ratchet('rule', offences, other)).toHaveLength(2);
  });
});

test('the files of the repository are found, and nothing that was installed or built', () => {
  const files = repositoryFiles();
  expect(files).toContain('package.json');
  expect(files).toContain('cluster/sim/rng.ts');
  expect(files.filter((path) => /node_modules|dist\//.test(path))).toEqual([]);
});
