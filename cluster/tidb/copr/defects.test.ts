/**
 * Seeded defects of the coprocessor's client: each is shown to break what the same course of events
 * leaves whole without it.
 */
import { describe, expect, test } from 'vitest';
import type { DefectCase } from '../../../testing/defect-case.ts';
import {
  ANSWER_BYTES,
  rowsOf,
  ScriptedStores,
  type StatementSettings,
} from '../../../testing/scripted-store.ts';
import { NO_BUGS } from '../../bugs.ts';
import { errorOf } from '../memory/panic.ts';
import type { SelectResult } from './index.ts';

const SECOND = 1_000_000;

/** A reader of a table, some time after it was opened. */
function reader(changes: Partial<StatementSettings>): [ScriptedStores, SelectResult] {
  const stores = new ScriptedStores(changes);
  const scan = stores.open();
  stores.cluster.pass(SECOND);
  return [stores, scan];
}

/** What became of reading it to its end within a minute: rows, the error's code, or a hang. */
function outcome(stores: ScriptedStores, scan: SelectResult): unknown {
  const reading = stores.cluster.start(stores.read(scan));
  stores.cluster.pass(60 * SECOND);
  if (!reading.done) return 'hangs';
  if (reading.error === undefined) return reading.value;
  return (errorOf(reading.error) as { code: number }).code;
}

const CASES: readonly DefectCase[] = [
  {
    bug: 'mem.rateLimitMasksQuota',
    title: 'a reader that has given away all tokens but one no longer shields the statement',
    act: (bugs) => {
      const [stores, scan] = reader({ bugs, regions: 6, concurrency: 3, quota: ANSWER_BYTES });
      return outcome(stores, scan);
    },
    sound: 1105,
    broken: rowsOf(6),
  },
  {
    bug: 'mem.rateLimit.suspendAll',
    title: 'a trigger before the first answer holds nobody up',
    act: (bugs) => {
      const stores = new ScriptedStores({ bugs, oomAction: 'log', quota: 50 * ANSWER_BYTES });
      const scan = stores.open();
      stores.cluster.run(stores.tracker.consume(50 * ANSWER_BYTES));
      stores.tracker.release(50 * ANSWER_BYTES);
      return outcome(stores, scan);
    },
    sound: rowsOf(10),
    broken: 'hangs',
  },
  {
    bug: 'mem.rateLimit.tokenNotReturned',
    title: 'after one token was destroyed, the others still let the last task be asked for',
    act: (bugs) => {
      const [stores, scan] = reader({ bugs, concurrency: 3, quota: 3 * ANSWER_BYTES });
      return outcome(stores, scan);
    },
    sound: rowsOf(10),
    broken: 'hangs',
  },
  {
    bug: 'mem.fallbackCycle',
    title: 'a reader that was closed passes every trigger on',
    act: (bugs) => {
      const [stores, scan] = reader({ bugs, oomAction: 'log', quota: 100 * ANSWER_BYTES });
      scan.close();
      stores.cluster.run(stores.tracker.consume(100 * ANSWER_BYTES));
      return stores.acted.map(({ action }) => action);
    },
    sound: ['log'],
    broken: ['rate-limit'],
  },
  {
    bug: 'mem.goroutineStuckInSend',
    title: 'no worker is left when a reader is closed that has taken nothing',
    act: (bugs) => {
      const [stores, scan] = reader({ bugs, profile: 'v8.5.0' });
      scan.close();
      stores.cluster.pass(SECOND);
      return stores.cluster.client.copWorkers;
    },
    sound: 0,
    // Ten workers with an answer each, and the sender has nothing more to do.
    broken: 10,
  },
  {
    bug: 'mem.cancelNotPropagated',
    title: 'a reader that is closed asks for nothing more',
    act: (bugs) => {
      const stores = new ScriptedStores({ bugs, concurrency: 2, answerUs: () => SECOND });
      const scan = stores.open();
      stores.cluster.pass(SECOND / 2);
      scan.close();
      const workers = stores.cluster.client.copWorkers;
      stores.cluster.pass(10 * SECOND);
      return [workers, stores.tracker.consumed > 0];
    },
    sound: [0, false],
    broken: [3, true],
  },
  {
    bug: 'mem.trackerLeak',
    title: 'nothing stays charged for a reader that is closed before its end',
    act: (bugs) => {
      const [stores, scan] = reader({ bugs });
      stores.cluster.run(scan.next());
      scan.close();
      return stores.tracker.consumed > 0;
    },
    sound: false,
    broken: true,
  },
];

describe.each(CASES)('$bug', ({ bug, title, act, sound, broken }) => {
  test(`${title}; with the defect it is not so`, () => {
    expect(act(NO_BUGS)).toEqual(sound);
    expect(act(new Set([bug]))).toEqual(broken);
  });
});
