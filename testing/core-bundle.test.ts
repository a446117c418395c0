import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { bundleForBrowser } from './core-bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'wavetank-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes the files and bundles the first of them. */
function bundle(files: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return bundleForBrowser(join(folder, Object.keys(files)[0] ?? ''));
}

test('a module and what it imports become one script that runs without Node', async () => {
  const script = await bundle({
    'good.ts': "import { two } from './two.ts';\nexport const three: number = two + 1;\n",
    'two.ts': 'export const two = 2;\n',
  });
  expect(runInNewContext(`${script}\nwavetank.three`)).toBe(3);
});

test.each(['node:fs', 'fs', 'node:timers/promises'])('an import of %s is refused', async (name) => {
  const asked = bundle({ 'bad.ts': `import * as it from '${name}';\nexport const kept = it;\n` });
  await expect(asked).rejects.toThrow(`${name} is Node's`);
});

test('an import further down is refused, and who asked is told', async () => {
  const asked = bundle({
    'entry.ts': "export * from './deep.ts';\n",
    'deep.ts': "import { join } from 'node:path';\nexport const path = join('a', 'b');\n",
  });
  await expect(asked).rejects.toThrow(/node:path is Node's; .*deep\.ts imports it/);
});

test('a type costs nothing, wherever it comes from', async () => {
  const script = await bundle({
    'types.ts':
      "import type { Stats } from 'node:fs';\nexport const size = (stats: Stats) => stats.size;\n",
  });
  expect(runInNewContext(`${script}\nwavetank.size({ size: 7 })`)).toBe(7);
});
