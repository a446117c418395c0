import { describe, expect, test } from 'vitest';
import { ANSWER_BYTES, rowsOf, ScriptedStores } from '../../../testing/scripted-store.ts';
import { SqlError } from '../../errors.ts';
import type { Wait } from '../../sim/index.ts';
import { interrupt } from '../transaction.ts';
import type { SelectResult } from './index.ts';

const SECOND = 1_000_000;
const KILLED = new SqlError(1317, 'Query execution was interrupted');
/** The key of a task and what is known of its execution. */
const ENVELOPE = { least: 112, most: 200 };

describe('what a reader holds', () => {
  test('is charged before it is read, and until the answer after it has come', () => {
    const stores = new ScriptedStores({ regions: 3, concurrency: 1 });
    const scan = stores.open();
    stores.cluster.pass(SECOND);
    // One token: one answer waits.
    expect(stores.tracker.consumed - ANSWER_BYTES).toBeGreaterThan(ENVELOPE.least);
    expect(stores.tracker.consumed - ANSWER_BYTES).toBeLessThan(ENVELOPE.most);
    stores.cluster.run(scan.next());
    expect(stores.tracker.consumed).toBe(ANSWER_BYTES);
    stores.cluster.pass(SECOND);
    // The end of the task has not been read, so there is no token for another.
    expect(stores.tracker.consumed).toBe(ANSWER_BYTES);
    stores.cluster.run(scan.next());
    expect(stores.tracker.consumed).toBe(ANSWER_BYTES);
    expect(stores.tracker.maxConsumed).toBeLessThan(2 * ANSWER_BYTES + 2 * ENVELOPE.most);
    scan.close();
    expect(stores.tracker.consumed).toBe(0);
  });

  test('is as many answers as it has workers, and no more are asked for', () => {
    const stores = new ScriptedStores({ regions: 24 });
    const scan = stores.open();
    stores.cluster.pass(10 * SECOND);
    expect(stores.asked).toHaveLength(15);
    expect(Math.round(stores.tracker.consumed / ANSWER_BYTES)).toBe(15);
    expect(stores.cluster.run(stores.read(scan))).toBe(rowsOf(24));
  });

  test('is four answers in order from v6.2 on, where there were thirty', () => {
    const held = (profile: 'v5.5.0-nightly' | 'v6.5.0'): number => {
      const stores = new ScriptedStores({ regions: 24, profile, rateLimitAction: false });
      stores.open({ keepOrder: true });
      stores.cluster.pass(10 * SECOND);
      return stores.asked.length;
    };
    expect([held('v5.5.0-nightly'), held('v6.5.0')]).toEqual([24, 4]);
  });

  test('is what its limit lets it ask for one by one', () => {
    const stores = new ScriptedStores({ regions: 10 });
    stores.open({ serial: true });
    stores.cluster.pass(SECOND);
    expect(stores.asked).toHaveLength(1);
  });
});

test('a reader works before anybody reads from it', () => {
  const stores = new ScriptedStores({ regions: 3 });
  stores.open();
  stores.cluster.pass(1);
  expect(stores.cluster.client.copWorkers).toBe(3);
  stores.cluster.pass(SECOND);
  expect([stores.asked.length, stores.cluster.client.copWorkers]).toEqual([3, 0]);
});

test('a quota that ends a worker is logged where it is recovered, with the way it took', () => {
  const stores = new ScriptedStores({ regions: 3, quota: 1, concurrency: 1 });
  const reading = stores.cluster.start(stores.read(stores.open()));
  stores.cluster.pass(SECOND);
  expect(reading.error).toMatchObject({ code: 1105 });
  const line = stores.log.find((each) => each.includes('copIteratorWork meet panic')) ?? '';
  expect(line).toMatch(/^ERROR coprocessor\.go:660 .* r="Out Of Memory Quota!\[conn_id=7\]"/);
  const calls = [...line.matchAll(/(\w+\.go:\d+)/g)].map(([place]) => place);
  expect(calls.slice(1)).toEqual([
    ...['coprocessor.go:662', 'panic.go:965', 'action.go:129', 'coprocessor.go:1239'],
    ...['tracker.go:336', 'tracker.go:344', 'coprocessor.go:550', 'coprocessor.go:1016'],
    ...['coprocessor.go:789', 'coprocessor.go:673', 'coprocessor.go:414'],
  ]);
  // The statement goes on living: its tracker is empty, its workers are gone.
  expect([stores.tracker.consumed, stores.cluster.client.copWorkers]).toEqual([0, 0]);
});

describe('KILL', () => {
  /** A reader whose stores never answer, killed after a while; when it was told, in seconds. */
  function toldAfter(killedAt: number): number {
    const stores = new ScriptedStores({ answerUs: () => undefined });
    const reading = stores.cluster.start(stores.read(stores.open()));
    const beganUs = stores.cluster.world.nowUs;
    stores.cluster.pass(killedAt * SECOND);
    interrupt(stores.interruption, KILLED);
    while (!reading.done) stores.cluster.pass(SECOND / 10);
    expect(reading.error).toBe(KILLED);
    expect(stores.cluster.client.copWorkers).toBe(0);
    return Math.round((stores.cluster.world.nowUs - beganUs) / SECOND);
  }

  test('is noticed by a waiting reader at its next tick of three seconds', () => {
    expect([0.5, 2.9, 3.5, 10].map(toldAfter)).toEqual([3, 3, 6, 12]);
  });

  test('that came before is noticed three seconds after a reader began to wait', () => {
    const stores = new ScriptedStores({ answerUs: () => undefined });
    interrupt(stores.interruption, KILLED);
    const reading = stores.cluster.start(stores.read(stores.open()));
    stores.cluster.pass(2 * SECOND);
    expect(reading.done).toBe(false);
    stores.cluster.pass(2 * SECOND);
    expect(reading.error).toBe(KILLED);
  });

  test('does nothing to a reader that has come to its end', () => {
    const stores = new ScriptedStores();
    expect(stores.cluster.run(stores.read(stores.open()))).toBe(rowsOf(10));
    interrupt(stores.interruption, KILLED);
    stores.cluster.pass(10 * SECOND);
    expect(stores.interruption.listeners?.length).toBe(0);
  });
});

describe('a slow task', () => {
  function lineOf(answerUs: number): string | undefined {
    const stores = new ScriptedStores({ regions: 2, answerUs: () => answerUs });
    stores.cluster.run(stores.read(stores.open()));
    return stores.log.find((line) => line.includes('TIME_COP'));
  }

  test('is logged when it took more than 300 ms', () => {
    expect(lineOf(290_000)).toBeUndefined();
    expect(lineOf(400_000)).toMatch(
      /^INFO coprocessor\.go:849 \[TIME_COP_PROCESS\] resp_time:400\.\d+ms txnStartTS:\d+ region_id:\d+ store_addr:tikv-\d:20160 kv_process_ms:400 kv_wait_ms:0 kv_read_ms:0 processed_versions:12900000 total_versions:12900005 .* conn=7$/,
    );
  });

  test('tells what it waited for in vain', () => {
    let refused = 0;
    const stores = new ScriptedStores({
      regions: 2,
      answerUs: () => (refused++ === 0 ? undefined : 1000),
    });
    stores.cluster.run(stores.read(stores.open()), 200 * SECOND);
    const line = stores.log.find((each) => each.includes('TIME_COP')) ?? '';
    expect(line).toMatch(/TIME_COP_WAIT\] resp_time:1m0\.\d+s .*kv_process_ms:1 /);
    const [first] = stores.consumed.filter(({ details }) => details.rpcs > 1);
    expect(first?.details.backoffs.has('tikvRPC')).toBe(true);
  });
});

test('each answer that was taken in is told with its costs', () => {
  const stores = new ScriptedStores({ regions: 3, answerUs: (_, nth) => nth * 10_000 });
  stores.cluster.run(stores.read(stores.open()));
  expect(stores.consumed.map(({ details }) => details.processUs)).toEqual([10_000, 20_000, 30_000]);
  const [{ copUs, details }] = stores.consumed as [(typeof stores.consumed)[0]];
  expect(copUs).toBeGreaterThan(10_000);
  expect(details).toMatchObject({
    rpcs: 1,
    backoffUs: 0,
    address: expect.stringMatching(/:20160$/),
  });
});

test('a node that dies takes its readers with it, and the stores do not mind', () => {
  const stores = new ScriptedStores();
  const { world } = stores.cluster;
  const reading = stores.cluster.start(stores.read(stores.open()));
  stores.cluster.pass(500);
  world.kill(stores.process.node);
  stores.cluster.pass(100 * SECOND);
  expect(reading.done).toBe(false);
});

test('reading from a closed reader gives nothing', () => {
  const stores = new ScriptedStores();
  const scan = stores.open();
  scan.close();
  scan.close();
  expect(stores.cluster.run(first(scan))).toBeUndefined();
});

function* first(scan: SelectResult): Wait<unknown> {
  return yield* scan.next();
}
