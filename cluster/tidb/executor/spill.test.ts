/**
 * Spilling changes no answer: operators are run once without a quota and once with one that is a
 * part of what they then held, on generated rows of every kind, by all versions.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnAt, type OperatorRun, runOperator } from '../../../testing/operator-world.ts';
import {
  ROW_TYPES,
  rowsOf,
  SPILL_TRIALS,
  type SpillTrial,
  sourceOf,
} from '../../../testing/spill-arbitrary.ts';
import { NO_BUGS } from '../../bugs.ts';
import { BIGINT, type SqlType } from '../sql/catalog-type.ts';
import { type Aggregate, aggregateType } from './aggregate.ts';
import { CteFullScan, CteTable, RecursiveCte } from './cte.ts';
import { constant } from './expression-constant.ts';
import { HashAgg } from './hash-agg.ts';
import { HashJoin } from './hash-join.ts';
import type { Plan } from './plan.ts';
import { Sort } from './sort.ts';

const RUNS = 40;

function column(at: number) {
  return columnAt(at, ROW_TYPES[at] as SqlType);
}

function aggregate(name: Aggregate['name'], at: number, distinct = false): Aggregate {
  const args = [column(at)];
  return { name, distinct, args, separator: '|', type: aggregateType(name, args) };
}

const EVERY_FUNCTION: readonly Aggregate[] = [
  { ...aggregate('COUNT', 0), args: [] },
  ...[0, 1, 2].map((at) => aggregate('COUNT', at)),
  ...[0, 2, 3, 4].flatMap((at) => [aggregate('SUM', at), aggregate('AVG', at)]),
  ...[0, 1, 2, 3, 4].flatMap((at) => [aggregate('MIN', at), aggregate('MAX', at)]),
];

/** Runs a plan without and with a quota; both must succeed unless nothing can be spilled. */
function compared(plan: Plan, trial: SpillTrial): { free: OperatorRun; tight: OperatorRun } {
  const { profile, concurrency, quotaPart } = trial;
  const settings = { profile, concurrency, bugs: NO_BUGS, cancels: false };
  const free = runOperator(plan, settings);
  const held = free.peak(plan.id).memory ?? 0;
  const quota = Math.max(1000, Math.floor((held * quotaPart) / 100));
  const tight = runOperator(plan, { ...settings, quota });
  for (const run of [free, tight]) {
    expect(run.error).toBeUndefined();
    expect(run.left).toEqual([0, 0, 0]);
  }
  return { free, tight };
}

function property(check: (trial: SpillTrial) => boolean): number {
  let spilled = 0;
  const body = (trial: SpillTrial): void => {
    if (check(trial)) spilled++;
  };
  fc.assert(fc.property(SPILL_TRIALS, body), { seed: 32624, numRuns: RUNS });
  return spilled;
}

function spills({ actions }: OperatorRun): boolean {
  return actions.some((action) => action !== 'log');
}

test('an aggregation that spills gives the same groups', () => {
  const spilled = property((trial) => {
    const keys = [column(trial.seed % 3), column((trial.seed + 1) % 2)];
    const source = sourceOf(rowsOf(trial), trial.chunkRows);
    const { free, tight } = compared(new HashAgg(source, keys, EVERY_FUNCTION, ''), trial);
    expect([...tight.rows].sort()).toEqual([...free.rows].sort());
    return spills(tight);
  });
  expect(spilled).toBeGreaterThan(RUNS / 4);
});

test('DISTINCT, GROUP_CONCAT and FIRST_ROW survive spilling too', () => {
  const functions = [
    aggregate('COUNT', 0, true),
    aggregate('SUM', 2, true),
    aggregate('FIRST_ROW', 1),
  ];
  const spilled = property((trial) => {
    const source = sourceOf(rowsOf(trial), trial.chunkRows);
    const concat = { ...aggregate('GROUP_CONCAT', 1), args: [column(1)] };
    const plan = new HashAgg(source, [column(1)], [...functions, concat], '');
    const { free, tight } = compared(plan, trial);
    expect([...tight.rows].sort()).toEqual([...free.rows].sort());
    return spills(tight);
  });
  expect(spilled).toBeGreaterThan(RUNS / 4);
});

test('a join whose build side spills gives the same rows in the same order', () => {
  const spilled = property((trial) => {
    const left = sourceOf(rowsOf(trial), trial.chunkRows);
    const right = sourceOf(rowsOf({ ...trial, seed: trial.seed + 1, rows: 1500 }), 700);
    const at = trial.seed % 2;
    const type = (['inner', 'left', 'right'] as const)[trial.seed % 3] ?? 'inner';
    const equal = [{ left: column(at), right: column(at) }];
    // Few keys would make millions of pairs.
    if (trial.keys < 500) equal.push({ left: column(2), right: column(2) });
    const plan = new HashJoin({ type, left, right, equal, other: [], info: '' });
    const { free, tight } = compared(plan, trial);
    expect(tight.rows).toEqual(free.rows);
    return spills(tight);
  });
  expect(spilled).toBeGreaterThan(RUNS / 4);
});

test('a sort that spills gives the same order', () => {
  const spilled = property((trial) => {
    const source = sourceOf(rowsOf(trial), trial.chunkRows);
    const keys = [0, 1].map((step) => ({
      compiled: column((trial.seed + step) % 5),
      descending: (trial.seed >> step) % 2 === 0,
    }));
    const { free, tight } = compared(new Sort(source, keys, ''), trial);
    expect(tight.rows).toEqual(free.rows);
    return spills(tight);
  });
  expect(spilled).toBeGreaterThan(RUNS / 4);
});

test('a recursive table that spills, in the middle of a step even, gives the same rows', () => {
  const spilled = property((trial) => {
    const cte = new RecursiveCte(0, sourceOf(rowsOf(trial), trial.chunkRows), false);
    const steps = 1 + (trial.seed % 4);
    const count = constant(BIGINT, () => steps * trial.rows + 7);
    cte.complete({ plan: new CteTable(cte), window: { count, offset: undefined } });
    const { free, tight } = compared(new CteFullScan(cte, 'CTE:t'), trial);
    expect(free.rows).toHaveLength(steps * trial.rows + 7);
    expect(tight.rows).toEqual(free.rows);
    return spills(tight);
  });
  expect(spilled).toBeGreaterThan(RUNS / 4);
});
