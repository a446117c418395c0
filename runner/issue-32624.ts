import { SECOND_US } from './duration.ts';
import type { MemoryLineKind } from './memory-lines.ts';
import type { Settings } from './settings.ts';

/**
 * TiDB issue 32624, "session panic due to Out Of Memory Quota": how it was run, and what its log
 * said. Nothing in the cluster knows of this; it is what a reproduction is held against.
 */

/** The run of the issue: `tipocket case:ledger` with its flags. */
export const ISSUE_RUN: Settings = {
  runTimeUs: 6 * 3600 * SECOND_US,
  tikv: 4,
  nemeses: [
    'random_kill',
    'kill_tikv_1node_5min',
    'shuffle-leader-scheduler',
    'shuffle-region-scheduler',
    'random-merge-scheduler',
    'subcritical_skews',
  ],
};

/** The statement's end in the issue's log: kinds of lines in order, and their figures. */
export const ISSUE_LOG: readonly (readonly [kind: MemoryLineKind, detail: string])[] = [
  ['destroy-token', '14 … 2 of 15 left'],
  ['delegate', ''],
  ['spill-rows', 'at 1.03 × quota'],
  ['cop-process', ''],
  ['expensive', 'mem_max 1.29 GB'],
  ['panic', 'Out Of Memory Quota![conn_id=921]'],
  ['failed', ''],
];

/** One column of the comparison. */
export interface Column {
  readonly title: string;
  readonly settings: Settings;
  /** How it must end for the issue to count as reproduced. */
  readonly expected: 'invalid' | 'valid';
}

/**
 * The version with the bug; today's memory control on the same table; today's version as it ships,
 * whose clustered key lets the statement do without the memory.
 */
export const COLUMNS: readonly Column[] = [
  {
    title: 'v5.5.0-nightly',
    settings: { profile: 'v5.5.0-nightly', primaryKey: 'nonclustered' },
    expected: 'invalid',
  },
  {
    title: 'v8.5.0, the same table',
    settings: { profile: 'v8.5.0', primaryKey: 'nonclustered' },
    expected: 'valid',
  },
  { title: 'v8.5.0 as it ships', settings: { profile: 'v8.5.0' }, expected: 'valid' },
];
