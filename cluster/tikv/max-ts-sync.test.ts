import { expect, test } from 'vitest';
import { NO_BUGS } from '../bugs.ts';
import { sleep, type Wait, World } from '../sim/index.ts';
import { ConcurrencyManager } from './concurrency-manager.ts';
import { MaxTsSync } from './max-ts-sync.ts';

const ANSWER_US = 1000;

/** An oracle that answers after a millisecond with 100, 200, …; 0 in `answers` is an outage. */
function makeSync(answers: readonly number[]) {
  const world = new World('1', { minUs: 80, tailUs: 20 });
  const process = world.start(1, 'tikv-0');
  const concurrency = new ConcurrencyManager(NO_BUGS);
  let asked = 0;
  function* timestamp(): Wait<number | undefined> {
    const answer = answers[asked++] ?? 0;
    yield* sleep(process, ANSWER_US);
    if (answer === 0) return undefined;
    return answer;
  }
  const sync = new MaxTsSync(process, timestamp, concurrency, NO_BUGS);
  const pass = (us: number): unknown => world.scheduler.runUntil(world.nowUs + us);
  return { sync, concurrency, pass, asked: () => asked };
}

test('a new leader calculates nothing before it has a timestamp of PD', () => {
  const { sync, concurrency, pass } = makeSync([100]);
  expect(sync.isSynced(1)).toBe(false);
  sync.becameLeader(1);
  expect(sync.isSynced(1)).toBe(false);
  pass(ANSWER_US);
  expect([sync.isSynced(1), concurrency.maxTs]).toEqual([true, 100]);
});

test('a timestamp asked for before the leadership began does not count', () => {
  const { sync, concurrency, pass, asked } = makeSync([100, 200]);
  sync.becameLeader(1);
  pass(ANSWER_US / 2);
  sync.becameLeader(2);
  sync.lostLeadership(1);
  sync.becameLeader(1);
  pass(ANSWER_US / 2);
  expect([sync.isSynced(1), sync.isSynced(2)]).toEqual([false, false]);
  pass(ANSWER_US);
  expect([sync.isSynced(1), sync.isSynced(2)]).toEqual([true, true]);
  expect([concurrency.maxTs, asked()]).toEqual([200, 2]);
});

test('an outage of PD is waited out', () => {
  const { sync, pass, asked } = makeSync([0, 0, 300]);
  sync.becameLeader(1);
  pass(150_000);
  expect([sync.isSynced(1), asked()]).toEqual([false, 2]);
  pass(150_000);
  expect([sync.isSynced(1), asked()]).toEqual([true, 3]);
});

test('leadership lost is trust lost', () => {
  const { sync, pass } = makeSync([100, 200]);
  sync.becameLeader(1);
  pass(ANSWER_US);
  sync.lostLeadership(1);
  expect(sync.isSynced(1)).toBe(false);
  sync.becameLeader(1);
  expect(sync.isSynced(1)).toBe(false);
  pass(ANSWER_US);
  expect(sync.isSynced(1)).toBe(true);
});
