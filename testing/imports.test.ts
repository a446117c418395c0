import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { REPOSITORY, repositoryFiles } from './house-rules/repository.ts';
import { isCode } from './house-rules/rule.ts';
import { cruiseImports } from './import-rules.ts';

test('every import of the repository goes in an allowed direction', async () => {
  const code = repositoryFiles().filter(isCode);
  const roots = new Set(code.map((path) => path.split('/')[0] ?? path));
  const { modules, violations } = await cruiseImports(REPOSITORY, [...roots].sort(byName));
  expect(modules).toBeGreaterThanOrEqual(code.length);
  expect(violations).toEqual([]);
});

const planted: string[] = [];
afterEach(() => {
  for (const folder of planted.splice(0)) rmSync(folder, { recursive: true });
});

/** Cruises a small repository of these files. */
async function violations(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wavetank-imports-'));
  planted.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const roots = new Set(Object.keys(files).map((path) => path.split('/')[0] ?? path));
  return (await cruiseImports(folder, [...roots])).violations;
}

const VALUE = 'export const a = 1;\nexport type A = number;\n';
const use = (path: string): string => `import { a } from '${path}';\nexport const b = a;\n`;
const know = (path: string): string => `import type { A } from '${path}';\nexport type B = A;\n`;
const inline = (path: string): string => `import { type A } from '${path}';\nexport type B = A;\n`;

test.each([
  ['a store that uses a TiDB node', 'cluster/tikv/a.ts', 'cluster/tidb/b.ts', 'tikv-imports'],
  ['a TiDB node that uses a store', 'cluster/tidb/a.ts', 'cluster/tikv/b.ts', 'tidb-knows-types'],
  ['physics that uses the vocabulary', 'cluster/sim/a.ts', 'cluster/key.ts', 'sim-imports'],
  ['MVCC that uses physics', 'cluster/mvcc/a.ts', 'cluster/sim/b.ts', 'mvcc-knows-types-only'],
  ['a chapter that uses the assembly', 'cluster/pd/a.ts', 'cluster/cluster.ts', 'pd-imports'],
  ['vocabulary that uses a chapter', 'cluster/key.ts', 'cluster/mvcc/a.ts', 'shared-knows-types'],
  ['a protocol that uses a server', 'cluster/wire/a.ts', 'cluster/tidb/b.ts', 'wire-imports'],
  ['a checker that uses the cluster', 'checker/a.ts', 'cluster/errors.ts', 'checker-imports'],
  ['a case that sees the cluster', 'cases/a.ts', 'cluster/cluster.ts', 'cases-imports'],
  ['a report that uses the runner', 'reports/a.ts', 'runner/b.ts', 'reports-knows-types-only'],
  ['a runner that uses the command line', 'runner/a.ts', 'cli.ts', 'nothing-imports-the-command'],
  ['a runner that uses test tools', 'runner/a.ts', 'testing/b.ts', 'only-tests-import-testing'],
])('%s is found', async (_, from, to, rule) => {
  const path = `${'../'.repeat(from.split('/').length - 1)}${to}`;
  const found = await violations({ [from]: use(path), [to]: VALUE });
  expect(found).toEqual([expect.stringMatching(new RegExp(`^${rule}.*${from} → ${to}$`))]);
});

test('types may be known where values may not be used, however the import is written', async () => {
  expect(
    await violations({
      'cluster/tidb/a.ts': know('../tikv/b.ts'),
      'cluster/tidb/c.ts': inline('../pd/b.ts'),
      'cluster/tikv/b.ts': VALUE,
      'cluster/pd/b.ts': VALUE,
    }),
  ).toEqual([]);
});

test('a test may import from anywhere but is no way around for others', async () => {
  const files = { 'cluster/sim/a.test.ts': use('../../runner/b.ts'), 'runner/b.ts': VALUE };
  expect(await violations(files)).toEqual([]);
});

test('a builtin of Node in the core is found, with and without its prefix', async () => {
  const found = await violations({
    'checker/a.ts': "import { readFileSync } from 'node:fs';\nexport const b = readFileSync;\n",
    'nemesis/a.ts': "import { join } from 'path';\nexport const b = join;\n",
    'runner/a.ts': "import { join } from 'node:path';\nexport const b = join;\n",
  });
  expect(found.filter((line) => line.startsWith('the-core-imports-no-node-builtin'))).toHaveLength(
    2,
  );
});

test('a cycle is found, unless it is one of types only', async () => {
  const types = { 'runner/a.ts': know('./b.ts'), 'runner/b.ts': inline('./a.ts') };
  expect(await violations(types)).toEqual([]);
  const found = await violations({ 'runner/a.ts': use('./b.ts'), 'runner/b.ts': use('./a.ts') });
  expect(found.length).toBeGreaterThan(0);
  expect(found[0]).toMatch(/^no-cycle: runner\/a\.ts → runner\/b\.ts → runner\/a\.ts$/);
});

test('an import of nothing is found', async () => {
  const found = await violations({ 'runner/a.ts': use('./none.ts') });
  expect(found).toEqual([expect.stringContaining('every-import-resolves')]);
});

function byName(a: string, b: string): number {
  return a < b ? -1 : 1;
}
