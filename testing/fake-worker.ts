import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerProgram } from '../runner/soak-worker.ts';

/**
 * What a scripted worker does instead of a run:
 * - `valid`, `invalid`, `no-progress`, `unknown`, `case-crash`: it answers so;
 * - `other-trace`: it is valid, but its replay gives another trace;
 * - `replay-crash`: it is valid, but its replay crashes;
 * - `crash`: it throws; `garbage`: it answers something else than was asked;
 * - `memory`: it takes memory until the engine gives up;
 * - `suicide`: SIGKILL, as from a kernel short of memory; `interrupted`: somebody sent SIGTERM;
 * - `hang`: it ends when asked to, as a slow run does; `deaf`: it never looks up from its loop;
 * - `wait`: it is valid, but only after a file `go` has appeared beside the script.
 */
export type FakeRun =
  | 'valid'
  | 'invalid'
  | 'no-progress'
  | 'unknown'
  | 'case-crash'
  | 'other-trace'
  | 'replay-crash'
  | 'crash'
  | 'garbage'
  | 'memory'
  | 'suicide'
  | 'interrupted'
  | 'hang'
  | 'deaf'
  | 'wait';

/** Writes a worker that does what the table says for a seed, and `valid` for every other. */
export function fakeWorker(folder: string, runs: Readonly<Record<string, FakeRun>>): WorkerProgram {
  const script = join(folder, 'worker.mjs');
  writeFileSync(script, `const RUNS = ${JSON.stringify(runs)};\n${SCRIPT}`);
  return { file: process.execPath, before: ['--max-old-space-size=48', script] };
}

/** The command lines that the worker was started with, one string each, in order. */
export const CALLS = 'calls.txt';

const SCRIPT = String.raw`
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const args = process.argv.slice(2);
appendFileSync(join(here, '${CALLS}'), args.join(' ') + '\n');
const valueOf = (flag) => args.find((arg) => arg.startsWith(flag + '='))?.slice(flag.length + 1);
const answer = (value) => process.stdout.write(JSON.stringify(value) + '\n');
if (args[0] === 'replay') replay(args[1]);
else {
  const name = '20260101T000000Z-' + valueOf('--seed');
  run(valueOf('--seed'), join(valueOf('--out'), args[1], name));
}

function replay(folder) {
  const does = RUNS[basename(folder).split('-').at(-1)];
  if (does === 'replay-crash') throw new RangeError('replay went wrong');
  const same = does !== 'other-trace';
  const difference = same ? '' : 'the traces part after event 4096';
  answer({ schema: 'wavetank.replay/1', same, hash: 'b', difference, interrupted: false });
}

function run(seed, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'run.json'), '{}');
  const end = (verdict, exitCode, check, cause) => {
    answer(summary(seed, folder, verdict, exitCode, check, cause));
    process.exitCode = exitCode;
  };
  const interrupted = () => end('unknown', 3, 'run.complete', 'interrupted in the safety phase');
  const valid = () => end('valid', 0, 'ledger.total-zero', '');
  const acts = {
    valid,
    invalid: () => end('invalid', 1, 'ledger.total-zero', 'summed to ' + seed + ', not 0'),
    'no-progress': () => end('invalid', 4, 'progress.after-heal', 'client-3 had no success'),
    unknown: () => end('unknown', 3, 'faults.healed', 'tikv-0 is not alive'),
    'case-crash': () => end('unknown', 5, 'run.complete', 'safety failed: no such table'),
    'other-trace': valid,
    'replay-crash': valid,
    crash: () => { throw new TypeError('x is not a function'); },
    garbage: () => answer({ schema: 'something else' }),
    memory: () => { for (const all = []; ; ) all.push(new Array(100000).fill(seed)); },
    suicide: () => process.kill(process.pid, 'SIGKILL'),
    interrupted,
    hang: () => {
      process.on('SIGTERM', () => { interrupted(); process.exit(); });
      setInterval(() => {}, 1000);
    },
    deaf: () => { process.on('SIGTERM', () => {}); for (;;); },
    wait: () => {
      const timer = setInterval(() => {
        if (existsSync(join(here, 'go'))) { clearInterval(timer); valid(); }
      }, 20);
    },
  };
  acts[RUNS[seed] ?? 'valid']();
}

function summary(seed, runDir, verdict, exitCode, name, cause) {
  return {
    schema: 'wavetank.run/1', verdict, exitCode, cause, seed, runDir, hash: 'abc' + seed,
    simulatedSeconds: 100, wallSeconds: 2, peakMemoryBytes: 1000,
    checks: [{ name, verdict, cause }],
  };
}
`;
