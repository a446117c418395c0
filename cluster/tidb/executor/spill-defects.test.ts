/**
 * Seeded defects of the operators that hold memory: each is shown to break what the same statement
 * leaves whole without it.
 */
import { describe, expect, test } from 'vitest';
import {
  chunkOf,
  columnAt,
  type OperatorRun,
  type OperatorSettings,
  runOperator,
  Source,
} from '../../../testing/operator-world.ts';
import { type BugName, NO_BUGS } from '../../bugs.ts';
import type { Chunk } from '../chunk.ts';
import { BIGINT } from '../sql/catalog-type.ts';
import type { Aggregate } from './aggregate.ts';
import { HashAgg } from './hash-agg.ts';
import { HashJoin } from './hash-join.ts';
import type { Plan } from './plan.ts';
import { Sort } from './sort.ts';

const ROWS = 20_000;
const FIRST = columnAt(0, BIGINT);
const COUNT: Aggregate = { name: 'COUNT', distinct: false, args: [], separator: ',', type: BIGINT };

/** Chunks of one column: 0, 1, 2, … ; broken off by an error after so many rows. */
function numbers(rows: number, breaksOff = Infinity): Source {
  return new Source([BIGINT], rows, function* (): Iterable<Chunk> {
    for (let at = 0; at < rows; at += 1000) {
      if (at >= breaksOff) throw new Error('the store is gone');
      const values = Array.from({ length: Math.min(1000, rows - at) }, (_, row) => [at + row]);
      yield chunkOf([BIGINT], values);
    }
  });
}

const AGG = new HashAgg(numbers(ROWS), [FIRST], [COUNT], '');
const BROKEN_OFF = new HashAgg(numbers(ROWS, 5000), [FIRST], [COUNT], '');
const SORT = new Sort(numbers(ROWS), [{ compiled: FIRST, descending: true }], '');
const JOIN = new HashJoin({
  type: 'inner',
  left: new Source([BIGINT], 2 * ROWS, () => [chunkOf([BIGINT], [[1], [7777], [19_999]])]),
  right: new Source([BIGINT], ROWS, () => [
    chunkOf(
      [BIGINT],
      Array.from({ length: ROWS }, (_, at) => [at]),
    ),
  ]),
  equal: [{ left: FIRST, right: FIRST }],
  other: [],
  info: '',
});

const UNPARALLEL = { concurrency: 1, quota: 1_400_000 } as const;
const PARALLEL = { profile: 'v8.5.0', quota: 3_000_000 } as const;

interface Case {
  readonly bug: BugName;
  readonly title: string;
  readonly plan: Plan;
  readonly settings: Partial<OperatorSettings>;
  /** What is looked at; `sound` without the defect, anything else with it. */
  readonly seen: (run: OperatorRun) => unknown;
  readonly sound: unknown;
}

/** Whether every number came once, with a count of 1. */
function complete({ rows }: OperatorRun): boolean {
  return new Set(rows).size === ROWS && rows.every((row) => row.endsWith('"1"'));
}

const CASES: readonly Case[] = [
  {
    bug: 'mem.hashAggSpill.wrongResult',
    title: 'what a parallel aggregation has spilled counts as before',
    plan: AGG,
    settings: PARALLEL,
    seen: complete,
    sound: true,
  },
  {
    bug: 'mem.aggPartitionLost',
    title: 'every partition is merged',
    plan: AGG,
    settings: PARALLEL,
    seen: ({ rows }) => rows.length,
    sound: ROWS,
  },
  {
    bug: 'mem.aggKeepsMemory',
    title: 'an aggregation whose input breaks off gives its memory back',
    plan: BROKEN_OFF,
    settings: {},
    seen: ({ left }) => left,
    sound: [0, 0, 0],
  },
  {
    bug: 'mem.mapGrowthNotCharged',
    title: 'buckets are charged as maps double: 2^10 of each map and set in five pairs of workers',
    plan: AGG,
    settings: {},
    seen: ({ peak }) => (peak(0).memory ?? 0) > 5 * (344 + 344 + 152) * 2 ** 10,
    sound: true,
  },
  {
    bug: 'mem.spillModeNeverEnds',
    title: 'a row is written to disk once for each round that it waits, and these are few',
    plan: AGG,
    settings: UNPARALLEL,
    seen: ({ peak }) => (peak(0).disk ?? 0) < 2 * 16 * ROWS,
    sound: true,
  },
  {
    bug: 'mem.spillFileLeak',
    title: 'no file is left behind',
    plan: AGG,
    settings: UNPARALLEL,
    seen: ({ left }) => left,
    sound: [0, 0, 0],
  },
  {
    bug: 'mem.spill.rowContainerRace',
    title: 'rows that come while a join begins to spill are joined too',
    plan: JOIN,
    settings: { quota: 60_000 },
    seen: ({ rows }) => rows,
    sound: ['"1" "1"', '"7777" "7777"', '"19999" "19999"'],
  },
  {
    bug: 'mem.sortPartitionLost',
    title: 'a sort that has spilled gives all of its rows',
    plan: SORT,
    settings: { quota: 60_000 },
    seen: ({ rows }) => [rows.length, rows[0]],
    sound: [ROWS, '"19999"'],
  },
];

describe.each(CASES)('$title', ({ bug, plan, settings, seen, sound }) => {
  test('without the defect', () => {
    expect(seen(runOperator(plan, { ...settings, bugs: NO_BUGS, cancels: false }))).toEqual(sound);
  });

  test(`with ${bug} it is seen`, () => {
    const bugs = new Set([bug]);
    expect(seen(runOperator(plan, { ...settings, bugs, cancels: false }))).not.toEqual(sound);
  });
});
