import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from '../runner/assemble.ts';
import { resolveOptions } from '../runner/options.ts';
import { drain } from '../runner/run.ts';
import { simulate } from '../runner/simulate.ts';
import { bundle } from './bundle.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SETTINGS = { runTimeUs: 2_000_000, nemeses: ['short_kill_tikv_1node'], accounts: 20 };

let folder = '';
beforeAll(async () => {
  // Inside the package, where the program finds its version and its pages.
  folder = mkdtempSync(join(ROOT, 'node_modules', '.bundle-'));
  await bundle(join(ROOT, 'cli.ts'), join(folder, 'bundle'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function wavetank(...args: string[]) {
  const options = { cwd: folder, reject: false } as const;
  return execa(process.execPath, [join(folder, 'bundle', 'cli.js'), ...args], options);
}

describe('the program as few files', () => {
  test('answers help and mistakes', async () => {
    const help = await wavetank('--help');
    expect(help.stdout).toContain('wavetank reproduce 32624');
    const mistake = await wavetank('rum');
    expect(mistake).toMatchObject({ exitCode: 2 });
    expect(mistake.stderr).toContain('Did you mean run?');
  });

  test('runs a case with the trace that the modules give, and leaves its folder', async () => {
    const flags = ['--run-time=2s', '--nemesis=short_kill_tikv_1node', '--accounts=20'];
    const run = await wavetank('run', 'ledger', ...flags, '--seed=7', '--json', '--no-config');
    const summary = JSON.parse(run.stdout) as { hash: string; runDir: string };
    const options = resolveOptions('ledger', SETTINGS, () => '7');
    const quiet = {
      ...{ operation: () => {}, log: () => {}, say: () => {}, step: () => {} },
      stopping: () => false,
    };
    const result = await simulate(assemble(options, quiet, drain));
    expect(summary.hash).toBe(result.hash);
    expect(existsSync(join(folder, summary.runDir, 'report.json'))).toBe(true);
  });
});
