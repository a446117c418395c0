import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunRecord } from '../runner/run-folder.ts';

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');
const SMALL = ['--no-config', '--preset', 'hot', '--accounts', '10', '--concurrency', '1'];
const CALM = [...SMALL, '--nemesis', 'none', '--seed', '7', '--quiet'];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wavetank-ends-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function wavetank(args: readonly string[], preloads: readonly string[] = []) {
  const imports = [TSX, ...preloads].flatMap((url) => ['--import', url]);
  return execa(process.execPath, [...imports, CLI, ...args], { cwd: folder, reject: false });
}

/**
 * A module that has no space left for files whose path matches: a stand-in for a disk that fills up
 * at that very write, which needs no rights and no luck.
 */
function diskFullFor(pattern: string): string {
  const code = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { openSync, writeSync, writeFileSync } = fs;
    const paths = new Map();
    const demandSpace = (path) => {
      if (!new RegExp(${JSON.stringify(pattern)}).test(path)) return;
      const error = new Error('ENOSPC: no space left on device, write');
      throw Object.assign(error, { code: 'ENOSPC', errno: -28, syscall: 'write' });
    };
    fs.openSync = (path, ...rest) => {
      const descriptor = openSync(path, ...rest);
      paths.set(descriptor, String(path));
      return descriptor;
    };
    fs.writeSync = (descriptor, ...rest) => {
      demandSpace(paths.get(descriptor) ?? '');
      return writeSync(descriptor, ...rest);
    };
    fs.writeFileSync = (path, ...rest) => {
      demandSpace(String(path));
      return writeFileSync(path, ...rest);
    };
    syncBuiltinESMExports();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** The folder of the one run there is, or undefined. */
function runFolder(): string | undefined {
  const runs = join(folder, 'store', 'ledger');
  const [name] = existsSync(runs) ? readdirSync(runs) : [];
  return name === undefined ? undefined : join(runs, name);
}

function recordIn(run: string): RunRecord {
  return JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as RunRecord;
}

describe('a full disk is told in one line, with exit code 5 and no verdict on the terminal', () => {
  const brief = ['run', 'ledger', ...CALM, '--run-time', '1s'];

  test('before the run', async () => {
    const { exitCode, stdout, stderr } = await wavetank(brief, [diskFullFor('run\\.json$')]);
    expect([exitCode, stdout]).toEqual([5, '']);
    expect(stderr).toMatch(
      /^wavetank: cannot write store\/ledger\/\S+\/run\.json: no space left on the device$/,
    );
  });

  test('in the middle of it: no later command takes such a run for a result', async () => {
    const { exitCode, stdout, stderr } = await wavetank(brief, [diskFullFor('history-000')]);
    expect([exitCode, stdout]).toEqual([5, '']);
    expect(stderr).toMatch(/^wavetank: cannot write store\/\S+\.ndjson: no space left on the dev/);
    expect(recordIn(runFolder() ?? '').summary).toBeUndefined();
    const again = await wavetank(['replay', 'last', '--quiet']);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toMatch(/the run was killed before its end: there is no hash$/);
  });

  test('after it: the verdict is on disk already', async () => {
    const { exitCode, stdout, stderr } = await wavetank(brief, [diskFullFor('report\\.html$')]);
    expect([exitCode, stdout]).toEqual([5, '']);
    expect(stderr).toMatch(/^wavetank: cannot write \S+\/report\.html: no space left on the/);
    expect(recordIn(runFolder() ?? '').summary).toMatchObject({ verdict: 'valid', exitCode: 0 });
  });
});

test('Ctrl-C ends a run at its next step, and leaves a report that can be replayed', async () => {
  const running = wavetank(['run', 'ledger', ...CALM, '--run-time', '300h']);
  const isUnderWay = (): boolean => {
    const history = join(runFolder() ?? folder, 'history-000.ndjson');
    return existsSync(history) && statSync(history).size > 0;
  };
  while (!isUnderWay()) await new Promise((go) => setTimeout(go, 50));
  running.kill('SIGINT');
  const { exitCode, stdout } = await running;
  expect(exitCode).toBe(3);
  expect(stdout).toMatch(/interrupted in the \w+ phase, at /);
  const run = runFolder() ?? '';
  expect(readdirSync(run)).toEqual(
    expect.arrayContaining(['run.json', 'plan.yaml', 'report.json', 'report.html', 'junit.xml']),
  );
  expect(recordIn(run).summary).toMatchObject({ verdict: 'unknown', exitCode: 3 });
  const again = await wavetank(['replay', 'last', '--quiet']);
  expect([again.exitCode, again.stdout.split(':')[0]]).toEqual([0, 'same']);
});
