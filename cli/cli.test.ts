import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wavetank-cli-'));
  writeFileSync(join(folder, 'typo.yaml'), 'cluster:\n  tikv: four\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function wavetank(...args: string[]) {
  const options = { cwd: folder, reject: false } as const;
  return execa(process.execPath, ['--import', TSX, CLI, ...args], options);
}

describe('bad input is answered with one clear line and exit code 2', () => {
  test.concurrent.each([
    [
      'an unknown flag',
      'run ledger --tikv-replica 4',
      /unknown option '--tikv-replica' \(Did you mean --tikv-replicas\?\)/,
    ],
    ['an unknown command', 'rum ledger', /unknown command 'rum' \(Did you mean run\?\)/],
    ['an unknown case', 'run ledgr', /unknown case "ledgr": did you mean ledger\?/],
    [
      'an unknown nemesis',
      'run ledger -nemesis=random-kil',
      /unknown nemesis "random-kil": did you mean random_kill\?/,
    ],
    [
      'a nemesis that this cluster has nobody for',
      'run ledger --pd-replicas 1 -nemesis=kill_pd_nonleader_5min',
      /nemesis kill_pd_nonleader_5min needs 2 members of PD, got 1/,
    ],
    ['an unknown issue', 'reproduce 32642', /unknown issue "32642": did you mean 32624\?/],
    ['an unknown defect', 'run ledger --bug lock', /unknown defect "lock": expected one of txn\./],
    [
      'a scale of nothing',
      'run ledger --scale 0',
      /--scale: expected 1 or 1\/N with N a power of two, such as 1\/64, got "0"/,
    ],
    [
      'a configuration with a wrong type',
      'run ledger --config typo.yaml',
      /typo\.yaml:2:3 cluster\.tikv: expected a whole number from 1 to 64, got "four"/,
    ],
    [
      'a configuration that is not there',
      'run ledger --config none.yaml',
      /--config: no file none\.yaml/,
    ],
    ['a plan that is not there', 'run ledger --plan none.yaml', /--plan: no file none\.yaml/],
    [
      'a DSN with a typo',
      'run ledger --target mysql//root@127.0.0.1:4000/test',
      /--target: expected sim, mysql:\/\/user/,
    ],
    [
      'a DSN, which is for later',
      'run ledger --target mysql://root@127.0.0.1:4000/test',
      /this version runs the simulated cluster only/,
    ],
    [
      'a run that is not there',
      'replay last',
      /no run "last": expected a run folder, its name, or last \(no runs in store\/\)/,
    ],
    ['a list that is not there', 'list cats', /unknown list "cats": did you mean cases\?/],
    ['a missing value', 'run ledger --seed', /option '--seed <number>' argument missing/],
  ])('%s', async (_, line, expected) => {
    const { exitCode, stdout, stderr } = await wavetank(...line.split(' '));
    expect(stderr).toMatch(expected);
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
});

describe('what needs no run', () => {
  test.concurrent('help is printed, and every flag says what it is when left out', async () => {
    const { exitCode, stdout } = await wavetank('run', '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--run-time <duration>');
    expect(stdout.replace(/\s+/g, ' ')).toContain('(default: 1h2m)');
  });

  test.concurrent('the version is printed', async () => {
    const { exitCode, stdout } = await wavetank('--version');
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
  });

  test.concurrent('a plan is the same for the same seed and is accepted back', async () => {
    const { stdout } = await wavetank('plan', 'ledger', '--seed', '7', '-run-time=10m');
    const again = await wavetank('plan', 'ledger', '--seed', '7', '-run-time=10m');
    expect(again.stdout).toBe(stdout);
    writeFileSync(join(folder, 'plan.yaml'), stdout);
    const back = ['plan', '--seed', '7', '--run-time', '10m', '--plan', 'plan.yaml'];
    expect((await wavetank(...back)).stdout).toBe(stdout);
  });

  test.concurrent('a plan as JSON is one object', async () => {
    const { stdout } = await wavetank('plan', '--seed', '7', '--run-time', '1m', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'wavetank.plan/1', seed: '7' });
  });

  test.concurrent('nemeses are listed', async () => {
    const { stdout } = await wavetank('list', 'nemeses');
    expect(stdout).toMatch(/^random_kill +kill one node/);
  });
});
