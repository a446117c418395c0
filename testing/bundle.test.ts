import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { bundleForBrowser } from './bundle.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Bundles `entry.ts` out of a folder of these files. */
async function bundle(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wavetank-bundle-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return await bundleForBrowser(join(folder, 'entry.ts'));
}

/** The exports of a bundle, which is given no chance to find a file beside it. */
async function load(text: string): Promise<unknown> {
  return { ...(await import(`data:text/javascript,${encodeURIComponent(text)}`)) };
}

test('a bundle holds what it imports and exports what its entry does', async () => {
  const text = await bundle({
    'entry.ts': "import { one } from './one.ts';\nexport const two: number = one + 1;\n",
    'one.ts': 'export const one = 1;\n',
  });
  expect(text).not.toMatch(/\bimport\b/);
  expect(await load(text)).toEqual({ two: 2 });
});

test('a type of a builtin is no need of it', async () => {
  const text = await bundle({
    'entry.ts': "import type { Stats } from 'node:fs';\nexport const a: Stats | 1 = 1;\n",
  });
  expect(await load(text)).toEqual({ a: 1 });
});

test.each([
  [
    'by its prefixed name',
    "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;",
  ],
  ['by its plain name', "import { join } from 'path';\nexport const a = join;"],
  ['by the name of a part', "import { readFile } from 'fs/promises';\nexport const a = readFile;"],
  ['by a prefix only', "import { test } from 'node:test';\nexport const a = test;"],
  ['at run time', "export const a = () => import('node:os');"],
  ['for its effects', "import 'node:process';"],
])('a builtin of Node that a module imports %s is refused, deep down too', async (_, text) => {
  const files = { 'entry.ts': "export * from './deep.ts';\n", 'deep.ts': text };
  await expect(bundle(files)).rejects.toThrow(/deep\.ts:1:\d+: .* is a builtin of Node/);
});

test('an import that leads nowhere is refused', async () => {
  await expect(bundle({ 'entry.ts': "import './none.ts';\n" })).rejects.toThrow('./none.ts');
});
