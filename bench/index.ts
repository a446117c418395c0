/**
 * `npm run bench`: figures, each measured several times in a process of its own and printed as the
 * median with its spread. Absolute figures say little about another machine, so each stands beside
 * one of the bare loop in the same run: the ratio is what to compare.
 *
 *     node dist/bench/index.js            everything
 *     node dist/bench/index.js verify-1m  one scenario
 *
 * The scenarios `verify-…` compare with other databases. What of those npm has is installed by
 * `npm install --prefix bench/peers`; MariaDB is the system's. Those that are missing are left out.
 */
import { writeFileSync } from 'node:fs';
import Table from 'cli-table3';
import { type EngineName, runEngine } from './analytic.ts';
import { inOwnProcess } from './own-process.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';

/** Each scenario is measured so often. */
const REPEATS = 3;

/** What one measurement says: figures by name. */
type Figures = Readonly<Record<string, number>>;

async function measure(name: string): Promise<Figures> {
  return JSON.parse(await inOwnProcess('--measure', name)) as Figures;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

async function main(wanted: readonly string[]): Promise<void> {
  const names = Object.keys(SCENARIOS).filter(
    (name) => wanted.length === 0 || wanted.includes(name),
  );
  const all: Record<string, Record<string, number>> = {};
  const table = new Table({
    head: ['scenario', 'figure', 'median', 'least', 'most'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'right'],
  });
  for (const name of names) {
    const runs: Figures[] = [];
    // These repeat the query themselves, after loading tables that take minutes to load.
    const repeats = name.startsWith('verify-') ? 1 : REPEATS;
    for (let i = 0; i < repeats; i++) runs.push(await measure(name));
    all[name] = {};
    for (const figure of Object.keys(runs[0] as Figures)) {
      const values = runs.map((run) => run[figure] as number);
      all[name][figure] = median(values);
      table.push([
        name,
        figure,
        ...[median(values), Math.min(...values), Math.max(...values)].map(show),
      ]);
    }
  }
  console.log(table.toString());
  const bare = all['bare-loop']?.['events per second'];
  const ledger = all['ledger-unpaced']?.['events per second'];
  if (bare !== undefined && ledger !== undefined) {
    console.log(
      `an event of the unpaced ledger costs ${show(bare / ledger)} events of the bare loop`,
    );
  }
  writeFileSync('bench.json', `${JSON.stringify(all, null, 2)}\n`);
  console.log('written to bench.json');
}

function show(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}

const [flag, name, rows] = process.argv.slice(2);
if (flag === '--measure') {
  const figures = await SCENARIOS[name as ScenarioName]();
  process.stdout.write(JSON.stringify(figures));
} else if (flag === '--engine') {
  const result = await runEngine(name as EngineName, Number(rows));
  if (result !== undefined) process.stdout.write(JSON.stringify(result));
} else await main(process.argv.slice(2));
