import { describe, expect, test } from 'vitest';
import {
  ANSWER_BYTES,
  rowsOf,
  ScriptedStores,
  type StatementSettings,
} from '../../../testing/scripted-store.ts';
import { sleep, type Wait } from '../../sim/index.ts';
import { errorOf } from '../memory/panic.ts';
import type { SelectResult } from './index.ts';

const SECOND = 1_000_000;
/** Room for four answers and most of a fifth. */
const QUOTA = 5 * ANSWER_BYTES - 100;

/** Reads after all that can arrive has arrived. */
function* readLate(stores: ScriptedStores, scan: SelectResult): Wait<number> {
  yield* sleep(stores.process, SECOND);
  return yield* stores.read(scan);
}

/** Tokens that each destroy line names, and `delegate`. */
function actions(stores: ScriptedStores): (number | string | undefined)[] {
  return stores.acted.map(({ action, tokensLeft }) =>
    action === 'rate-limit' ? tokensLeft : action,
  );
}

function errorIn(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return errorOf(error);
  }
  return undefined;
}

describe.each([
  ['in any order', false],
  ['in order', true],
])('a reader of ten regions %s, with room for five answers', (_, keepOrder) => {
  const open = (settings: Partial<StatementSettings>): [ScriptedStores, SelectResult] => {
    const stores = new ScriptedStores({ quota: QUOTA, ...settings });
    return [stores, stores.open({ keepOrder })];
  };

  test('gives way token by token, and comes to its end over the quota', () => {
    const [stores, scan] = open({ concurrency: keepOrder ? 5 : 15 });
    expect(stores.cluster.run(readLate(stores, scan))).toBe(rowsOf(10));
    expect(stores.peak).toBeGreaterThan(QUOTA);
    const tokens = actions(stores);
    expect(tokens.length).toBeGreaterThan(1);
    expect(tokens).toEqual(tokens.map((_each, i) => 10 - i));
    expect(stores.tracker.consumed).toBe(0);
  });

  test('ends in an error where it may not give way', () => {
    const [stores, scan] = open({ concurrency: keepOrder ? 5 : 15, rateLimitAction: false });
    const error = errorIn(() => stores.cluster.run(readLate(stores, scan)));
    expect(error).toMatchObject({ code: 1105, message: 'Out Of Memory Quota![conn_id=7]' });
    expect(actions(stores)).toEqual(['cancel']);
    expect([stores.tracker.consumed, stores.cluster.client.copWorkers]).toEqual([0, 0]);
  });

  test('asks its fallback at once with one task at a time and no room at all', () => {
    const [stores, scan] = open({ concurrency: 1, quota: 1 });
    const error = errorIn(() => stores.cluster.run(readLate(stores, scan)));
    expect(error).toMatchObject({ code: 1105 });
    // Where order matters there are twice as many tokens as workers.
    expect(actions(stores).slice(-2)).toEqual(['delegate', 'cancel']);
  });

  test('is not held up by a trigger before any answer, and loses no row', () => {
    const [stores, scan] = open({ oomAction: 'log', quota: 2 * ANSWER_BYTES - 100 });
    stores.cluster.run(exceedTwice(stores));
    expect(stores.cluster.run(stores.read(scan))).toBe(rowsOf(10));
    expect(stores.peak).toBeGreaterThan(2 * ANSWER_BYTES);
  });

  test('is not held up by a trigger after its workers have ended', () => {
    const [stores, scan] = open({ oomAction: 'log', quota: 2 * ANSWER_BYTES - 100 });
    stores.cluster.pass(SECOND);
    stores.cluster.run(exceedTwice(stores));
    expect(stores.cluster.run(stores.read(scan))).toBe(rowsOf(10));
  });

  test('is not held up by a trigger after its last answer', () => {
    const [stores, scan] = open({ oomAction: 'log', quota: 2 * ANSWER_BYTES - 100 });
    let rows = 0;
    for (let chunk = stores.cluster.run(scan.next()); chunk !== undefined; ) {
      rows += chunk.length;
      if (rows === rowsOf(10)) stores.cluster.run(exceedTwice(stores));
      chunk = stores.cluster.run(scan.next());
    }
    expect(rows).toBe(rowsOf(10));
    // It has come to its end, and shields nobody any more.
    stores.cluster.run(exceedTwice(stores));
    expect(actions(stores).at(-1)).toBe('log');
  });
});

/** Somebody else of the statement grows far beyond the quota, twice. */
function* exceedTwice({ session }: ScriptedStores): Wait<void> {
  const other = session.statement.newExecutorTracker(99);
  yield* other.consume(10 * ANSWER_BYTES);
  yield* other.consume(10 * ANSWER_BYTES);
  other.release(20 * ANSWER_BYTES);
}

describe('of fifteen tokens', () => {
  const settings = { regions: 24, quota: 3 * ANSWER_BYTES };

  test('all but one are destroyed, one for each task read; then the fallback is asked', () => {
    const stores = new ScriptedStores(settings);
    const scan = stores.open();
    const error = errorIn(() => stores.cluster.run(readLate(stores, hold(stores, scan))));
    expect(error).toMatchObject({ code: 1105 });
    const tokens = actions(stores);
    const countdown = Array.from({ length: 14 }, (_, i) => 15 - i);
    expect(tokens).toEqual([...countdown, 'delegate', 'cancel']);
    expect(stores.log.slice(0, 1).concat(stores.log.slice(13, 15))).toEqual([
      expect.stringMatching(
        /^INFO coprocessor.go:1250 memory exceeds quota, destroy one token now\. consumed=\d+ quota=\d+ total token count=15 remaining token count=15$/,
      ),
      expect.stringMatching(/destroy one token now.* remaining token count=2$/),
      'INFO coprocessor.go:1236 memory exceeds quota, rateLimitAction delegate to fallback action total token count=15',
    ]);
  });

  test('none is destroyed while nobody reads, however far the quota is exceeded', () => {
    const stores = new ScriptedStores(settings);
    const scan = stores.open();
    stores.cluster.pass(SECOND);
    for (let i = 0; i < 20; i++) stores.cluster.run(exceedTwice(stores));
    expect(actions(stores)).toEqual([15]);
    expect(stores.asked).toHaveLength(15);
    scan.close();
    expect(stores.tracker.consumed).toBe(0);
  });

  test('those that are left decide how many more tasks are asked for', () => {
    const stores = new ScriptedStores({ ...settings, quota: 14 * ANSWER_BYTES });
    const scan = stores.open();
    stores.cluster.pass(SECOND);
    // Three answers read, their tasks done; with the second the quota is kept.
    for (let i = 0; i < 4; i++) stores.cluster.run(scan.next());
    stores.cluster.pass(SECOND);
    const destroyed = actions(stores).length;
    expect(destroyed).toBeGreaterThan(0);
    expect(stores.asked).toHaveLength(15 + 3 - destroyed);
    scan.close();
  });
});

/** The reader, with bytes beside it that no token gives back. */
function hold(stores: ScriptedStores, scan: SelectResult): SelectResult {
  stores.session.statement.newExecutorTracker(98).charge(4 * ANSWER_BYTES);
  return scan;
}

test('two readers: the one opened first gives way, then the other, then the statement ends', () => {
  const stores = new ScriptedStores({ regions: 4, concurrency: 3, quota: 5 * ANSWER_BYTES });
  const [first, second] = [stores.open(), stores.open()];
  stores.cluster.pass(SECOND);
  stores.session.statement.newExecutorTracker(98).charge(9 * ANSWER_BYTES);
  const reading = [first, second].map((scan) => stores.cluster.start(stores.read(scan)));
  stores.cluster.pass(SECOND);
  expect(actions(stores)).toEqual([3, 2, 'delegate', 3, 2, 'delegate', 'cancel']);
  expect(reading.some(({ error }) => error !== undefined)).toBe(true);
});

test('from v6.3 on the newest reader is asked first, and one that is closed not at all', () => {
  const settings = { profile: 'v6.5.0', regions: 4, concurrency: 3 } as const;
  const stores = new ScriptedStores({ ...settings, quota: 100 * ANSWER_BYTES });
  const [first, second] = [stores.open(), stores.open()];
  stores.cluster.pass(SECOND);
  expect(stores.cluster.run(stores.read(second))).toBe(rowsOf(4));
  stores.cluster.run(grow(stores));
  // Three tokens of the first reader; the second, which would be asked before it, has ended.
  expect(stores.acted.map(({ action, tokensLeft }) => [action, tokensLeft])).toEqual([
    ['rate-limit', 3],
  ]);
  first.close();
  const error = errorIn(() => stores.cluster.run(grow(stores)));
  expect(error).toMatchObject({ code: 1105 });
});

function* grow({ session }: ScriptedStores): Wait<void> {
  yield* session.statement.newExecutorTracker(99).consume(100 * ANSWER_BYTES);
}
