import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { NEMESES } from '../nemesis/index.ts';
import { resolveOptions } from '../runner/options.ts';
import { replayCommand } from '../runner/replay-command.ts';
import type { SoakReport } from '../runner/soak-report.ts';
import { drawSettings } from '../runner/swarm.ts';
import { SHORT_RUNS } from '../runner/swarm-run-time.ts';
import { parseSettings } from './parse-settings.ts';
import { buildProgram } from './program.ts';
import { type ResolvedSoak, resolveSoak } from './resolve-soak.ts';
import type { SoakFlags } from './soak-options.ts';

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wavetank-cli-soak-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function pause(): Promise<void> {
  return new Promise((go) => setTimeout(go, 50));
}

function wavetank(...args: string[]) {
  const options = { cwd: folder, reject: false } as const;
  return execa(process.execPath, ['--import', TSX, CLI, ...args], options);
}

/** What a command line comes to, read by the program's own grammar. */
function resolved(line: string): ResolvedSoak {
  let given: [string | undefined, SoakFlags] | undefined;
  const never = () => Promise.resolve(0);
  const soak = (name: string | undefined, flags: SoakFlags) => {
    given = [name, flags];
    return never();
  };
  const actions = {
    ...{
      run: never,
      plan: never,
      replay: never,
      mutants: never,
      reproduce: never,
      serve: never,
      list: never,
    },
    soak,
  };
  const args = line.split(' ').filter((word) => word !== '');
  buildProgram(actions, () => {}).parse(['soak', ...args], { from: 'user' });
  if (given === undefined) throw new Error(`no soak: ${line}`);
  return resolveSoak(...given);
}

/** The same, away from the configuration of this repository. */
function here(line: string): ResolvedSoak {
  const config = /--(resume|config)/.test(line) ? '' : '--no-config';
  return resolved(`${line} --out ${folder} ${config}`);
}

describe('bad input is answered with one clear line', () => {
  test.each([
    ['--seeds 9..1', /--seeds: expected seeds such as 7, 1\.\.1000 or 1\.\.10,42, .* got "9\.\.1"/],
    ['--jobs 0', /--jobs: expected a whole number from 1 to 1024, got "0"/],
    ['--for ever', /--for: expected a duration such as 90s, 1h30m or 250ms, got "ever"/],
    ['--timeout 5', /--timeout: expected a duration/],
    [
      '--run-time 5m..1m',
      /--run-time: expected a duration such as 5m, or a range such as 30s\.\.5m/,
    ],
    ['--exclude-nemesis random-kil', /unknown nemesis "random-kil": did you mean random_kill\?/],
    ['--nemesis random_kill --exclude-nemesis random_kill', /--nemesis has already said which/],
    ['--nemesis nothing', /unknown nemesis "nothing"/],
    ['--tikv-replicas none', /--tikv-replicas: expected a whole number from 1 to 64/],
    ['ledgr', /unknown case "ledgr": did you mean ledger\?/],
    ['--resume last', /no soak "last": expected a soak folder, its name, or last \(no soaks in/],
    [
      '--resume x --tikv-replicas 3',
      /--resume goes on with the plan of the soak: leave out --tikv-/,
    ],
    ['--resume x --run-time 3m', /leave out --run-time/],
    ['ledger --resume x', /leave out case ledger/],
    ['--config none.yaml', /--config: no file none\.yaml/],
  ])('%s', (line, message) => {
    expect(() => here(line)).toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('and with exit code 2, on standard error', async () => {
    const { exitCode, stdout, stderr } = await wavetank('soak', '--seed', '7');
    expect(stderr).toMatch(/unknown option '--seed' \(Did you mean --seeds\?\)/);
    expect([exitCode, stdout]).toEqual([2, '']);
  });
});

describe('the plan of a soak', () => {
  test('without flags draws everything, from every nemesis', () => {
    const { folder: soak, seeds, timeoutMs, forMs } = here('');
    expect(soak.record.plan).toEqual({
      case: 'ledger',
      checkDeterminism: false,
      swarm: { pins: {}, nemeses: NEMESES.map(({ name }) => name), runTime: SHORT_RUNS },
    });
    expect([seeds.length, timeoutMs, forMs]).toEqual([100, 900_000, undefined]);
    expect(soak.path.startsWith(join(folder, 'soak'))).toBe(true);
  });

  test('has what flags pin, and leaves out what they exclude', () => {
    const line = 'ledger --seeds 3..4 --tikv-replicas 4 --txn-mode optimistic --run-time 5m..10m';
    const [first] = NEMESES;
    const { folder: soak, seeds } = here(`${line} --exclude-nemesis ${first?.name}`);
    expect(soak.record.plan.swarm).toEqual({
      pins: { tikv: 4, txnMode: 'optimistic' },
      nemeses: NEMESES.slice(1).map(({ name }) => name),
      runTime: { fromUs: 300_000_000, toUs: 600_000_000 },
    });
    expect(seeds).toEqual(['3', '4']);
  });

  test('is pinned by a file that a flag names', () => {
    const file = join(folder, 'mine.yaml');
    writeFileSync(file, 'run-time: 5m\ncluster:\n  tikv: 5\n  tidb-version: v6.5.0\n');
    const { swarm } = here(`--config ${file} --tikv-replicas 4`).folder.record.plan;
    expect(swarm.pins).toEqual({ tikv: 4, profile: 'v6.5.0' });
    expect(swarm.runTime).toEqual({ fromUs: 300_000_000, toUs: 300_000_000 });
  });

  test('goes on in the same folder with the same flags, and is refused with others', () => {
    const place = join(folder, 'mine');
    here(`--folder ${place} --tikv-replicas 4 --seeds 1..3`);
    const again = here(`--folder ${place} --tikv-replicas 4 --seeds 1..9`);
    expect(again.folder.record.seeds).toBe('1..3');
    expect(again.seeds).toHaveLength(9);
    expect(() => here(`--folder ${place} --tikv-replicas 5`)).toThrow(
      `--folder: ${place} holds a soak whose pins is {"tikv":4}, not {"tikv":5}: go on with it`,
    );
  });

  test('is found again by path, by name, and as the last, with its seeds', () => {
    const { path } = here('--seeds 5..7 --check-determinism').folder;
    const name = path.split('/').at(-1);
    for (const soak of [path, name, 'last']) {
      const again = here(`--resume ${soak} --jobs 1`);
      expect(again.folder.path).toBe(path);
      expect(again.folder.record.plan.checkDeterminism).toBe(true);
      expect(again.seeds).toEqual(['5', '6', '7']);
    }
    expect(resolved(`--resume ${path}`).out).toBe(folder);
  });
});

test('the nightly workflow gives a command line that is understood', () => {
  const file = new URL('../.github/workflows/nightly.yml', import.meta.url);
  const { jobs } = parse(readFileSync(file, 'utf8'));
  const steps: readonly { readonly run?: string }[] = jobs.soak.steps;
  const lines = steps.map(({ run = '' }) => run).filter((run) => run.includes('wavetank soak'));
  expect(lines).toHaveLength(1);
  const line = lines.map((run) => run.replace(/^npx wavetank soak/, '')).join('');
  const [seeds, place] = ['100000..149999', join(folder, 'nightly')];
  const filled = line
    .replace('"$SEEDS"', seeds)
    .replace('"$TIME"', '4h')
    .replace(/store\S+/, place);
  const nightly = here(filled.replaceAll('\n', ' '));
  expect(nightly).toMatchObject({ range: seeds, forMs: 4 * 3600 * 1000 });
  expect(nightly.folder.record.plan).toMatchObject({ case: 'ledger', checkDeterminism: true });
});

test('the command printed for a seed runs the very configuration that it drew', () => {
  const swarm = { pins: {}, nemeses: NEMESES.map(({ name }) => name), runTime: SHORT_RUNS };
  const seeds = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String);
  fc.assert(
    fc.property(seeds, (seed) => {
      const options = resolveOptions('ledger', drawSettings(seed, swarm), () => 'none');
      const [, , , name = '', ...flags] = replayCommand(options, '').split(' ');
      const given = Object.fromEntries(flags.map(flagValue));
      expect(resolveOptions(name, parseSettings(given), () => 'none')).toEqual(options);
    }),
    { seed: 5 },
  );
});

/** `--run-time=5m` as commander hands it over. */
function flagValue(flag: string): [name: string, value: string] {
  const [, name = '', value = ''] = /^--([^=]*)=?(.*)$/.exec(flag) ?? [];
  return [name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()), value];
}

/** Each process compiles the sources anew, and a busy machine takes its time. */
const PATIENCE_MS = 240_000;

describe('a soak from the command line', { timeout: PATIENCE_MS }, () => {
  const SHORT = ['--run-time', '5s', '--nemesis', 'none', '--preset', 'oom', '--scale', '1/1024'];
  const SMALL = ['--accounts', '3', '--concurrency', '2', '--interval', '1s', '--jobs', '2'];

  test('leaves a ledger, a summary, a JUnit file and an index; prints one object', async () => {
    const args = ['--seeds', '7', '--check-determinism', '--json', '--quiet'];
    const { stdout, stderr, exitCode } = await wavetank('soak', ...args, ...SHORT, ...SMALL);
    const report = JSON.parse(stdout) as SoakReport;
    expect(report).toMatchObject({
      schema: 'wavetank.soak/1',
      verdict: 'valid',
      seeds: { asked: 1, done: 1, outcomes: { valid: 1 } },
      determinism: { compared: 1, mismatches: 0 },
    });
    expect([exitCode, stdout.split('\n').length]).toEqual([0, 1]);
    expect(stderr).not.toMatch(/seeds/);
    const files = readdirSync(join(folder, report.folder)).sort();
    expect(files).toEqual([
      ...['junit.xml', 'ledger.ndjson', 'runs', 'soak.json', 'summary.json', 'summary.txt'],
    ]);
    expect(readdirSync(join(folder, report.folder, 'runs'))).toEqual([]);
    const text = readFileSync(join(folder, report.folder, 'summary.txt'), 'utf8');
    expect(text).toMatch(/✓ valid\neach seed with a result is valid, 1 in all\n/);
  });

  test('has workers that end when it is gone, whatever the reason', async () => {
    const args = ['--tied', '--no-config', '--json', '--run-time', '300h', ...SHORT.slice(2)];
    const worker = wavetank('run', ...args, ...SMALL.slice(0, -2));
    while (!existsSync(join(folder, 'store', 'ledger'))) await pause();
    worker.stdin?.end();
    const { exitCode, stdout } = await worker;
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'unknown',
      cause: expect.stringMatching(/^interrupted in/),
    });
    expect(exitCode).toBe(3);
  });

  test('on Ctrl-C ends its workers, keeps the ledger and says how to go on', async () => {
    const args = ['--seeds', '1..9', '--jobs', '1', '--run-time', '300h', ...SHORT.slice(2)];
    const running = wavetank('soak', ...args, ...SMALL.slice(0, -2));
    const runs = (): string[] => {
      const soaks = join(folder, 'store', 'soak');
      if (!existsSync(soaks)) return [];
      const [name = ''] = readdirSync(soaks);
      const kept = join(soaks, name, 'runs', '1', 'ledger');
      return existsSync(kept) ? readdirSync(kept) : [];
    };
    while (runs().length === 0) await pause();
    running.kill('SIGINT');
    const { exitCode, stdout, stderr } = await running;
    expect(stderr).toMatch(/ending the workers; the ledger stays/);
    expect(stdout).toMatch(/\? unknown\nno seed has a result, then it was stopped\n/);
    expect(stdout).toMatch(/\nresume: npx wavetank soak --resume store\/soak\/\w+$/);
    expect(exitCode).toBe(3);
    expect(runs()).toEqual([]);
  });
});
