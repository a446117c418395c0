import { expect, test } from 'vitest';
import { memoryNode } from '../../../testing/memory-node.ts';
import type { SqlError } from '../../errors.ts';
import { formatLogLine } from '../../log.ts';
import { type Process, sleep, type Wait, World } from '../../sim/index.ts';
import { RateLimitAction } from '../copr/rate-limit-action.ts';
import { recoverPanic } from './panic.ts';
import { COP_WORKER } from './recover-sites.ts';
import { SessionMemory } from './session-memory.ts';
import { SpillDiskAction } from './spill-disk-action.ts';
import type { StatementMemory } from './statement-memory.ts';
import type { Tracker } from './tracker.ts';

/**
 * Issue #32624 in round numbers. A hash join probes with reader B, whose answers lie there from the
 * beginning; its build side is a HashAgg over reader A, which B's rate limit shields from the quota
 * until the probe begins.
 */
const QUOTA = 2 ** 30;
const TOKENS = 15;
const PROBE_ANSWER = 21_100_000;
const LAST_PROBE_ANSWER = PROBE_ANSWER + 900_000;
const BUILD_ANSWER = 16_000_000;
const BUILD_ANSWERS = 17;
const PARTIAL = Math.floor(790_000_000 / BUILD_ANSWERS);
const FINAL = 262_000_000;
const BUILD_ROWS = 29_000_000;

/** A reader as far as memory goes: answers wait in a channel, one is held while it is consumed. */
class Reader {
  readonly tracker: Tracker;
  readonly action: RateLimitAction;
  private held = 0;

  constructor(memory: StatementMemory, planId: number) {
    this.tracker = memory.newExecutorTracker(planId);
    this.action = new RateLimitAction(memory, true);
    this.action.setTokens(TOKENS);
    memory.addAction(this.action, 'hard');
  }

  arrive(bytes: number): Wait<void> {
    return this.tracker.consume(bytes);
  }

  *read(bytes: number): Wait<void> {
    this.tracker.release(bytes);
    this.tracker.release(this.held);
    this.held = bytes;
    yield* this.tracker.consume(bytes);
  }

  close(): void {
    this.tracker.release(this.tracker.consumed);
    this.action.close();
  }
}

interface Outcome {
  readonly lines: readonly string[];
  readonly peak: number;
  readonly error: SqlError;
  readonly left: number;
}

function play(): Outcome {
  const world = new World('1', { minUs: 1, tailUs: 0 });
  const process = world.start(1, 'tidb-0');
  const lines: string[] = [];
  const node = memoryNode({
    process,
    profile: 'v5.5.0-nightly',
    log: (level, source, message, fields) =>
      lines.push(formatLogLine(0, level, source, message, fields).slice(33)),
  });
  const session = new SessionMemory(node, 921, {
    ...{ quota: QUOTA, oomAction: 'cancel', spillAllowed: true, sql: 'select …' },
    ...{ bufferedBytes: 0, inTransaction: false },
    exceeded: () => lines.push(`[expensive_query] ${session.statement.peakConsumed}`),
  });
  session.begin(undefined);
  const memory = session.statement;
  let thrown: unknown;
  process.spawn(statement(process, memory), (error) => {
    thrown = error;
  });
  world.scheduler.runUntil(10_000_000);
  const error = recoverPanic(thrown, COP_WORKER, memory, []) as SqlError;
  const peak = memory.peakConsumed;
  for (const child of memory.tracker.children) child.release(child.consumed);
  session.end(error);
  return { lines, peak, error, left: node.tracker.consumed };
}

function* statement(process: Process, memory: StatementMemory): Wait<void> {
  const probe = new Reader(memory, 25);
  const build = new Reader(memory, 22);
  const agg = memory.newExecutorTracker(23);
  const join = memory.newExecutorTracker(24);
  for (let i = 0; i < TOKENS; i++) yield* probe.arrive(PROBE_ANSWER);
  yield* probe.read(PROBE_ANSWER);
  for (let i = 0; i < BUILD_ANSWERS; i++) {
    yield* build.arrive(BUILD_ANSWER);
    yield* build.read(BUILD_ANSWER);
    yield* agg.consume(PARTIAL);
  }
  build.close();
  const options = {
    name: 'spill' as const,
    spill: (): Wait<void> => spill(process, join, rows),
    held: () => join.consumed,
    worthwhile: () => true,
    logLine: 367,
    frame: {
      ...{ package: 'util/chunk', method: '(*SpillDiskAction).Action' },
      ...{ file: 'row_container.go', line: 393 },
    },
  };
  const rows: SpillDiskAction = new SpillDiskAction(memory, options);
  memory.addAction(rows, 'hard');
  yield* agg.consume(FINAL);
  yield* join.consume(BUILD_ROWS);
  probe.action.taskRead();
  for (let i = 1; i < TOKENS; i++) {
    yield* probe.read(PROBE_ANSWER);
    probe.action.taskRead();
  }
  yield* sleep(process, 2_000_000);
  yield* probe.arrive(LAST_PROBE_ANSWER);
}

function* spill(process: Process, rows: Tracker, action: SpillDiskAction): Wait<void> {
  action.spillBegins();
  yield* sleep(process, 1_000_000);
  rows.release(rows.consumed);
  action.spillEnds();
}

test('a rate limit whose reader is not read shields all others until it is', () => {
  const { lines, peak, error, left } = play();
  const destroyed = (consumed: number, remaining: number): string =>
    '[INFO] [coprocessor.go:1250] ["memory exceeds quota, destroy one token now."] ' +
    `[consumed=${consumed}] [quota=1073741824] ["total token count"=15] ` +
    `["remaining token count"=${remaining}]`;
  const countdown = Array.from({ length: 13 }, (_, i) =>
    destroyed(1_376_399_996 - i * PROBE_ANSWER, 14 - i),
  );
  expect(lines.slice(0, -1)).toEqual([
    destroyed(1_076_029_408, 15),
    ...countdown,
    '[INFO] [coprocessor.go:1236] ' +
      '["memory exceeds quota, rateLimitAction delegate to fallback action"] ' +
      '["total token count"=15]',
    '[INFO] [row_container.go:367] ["memory exceeds quota, spill to disk now."] ' +
      '[consumed=1102099996] [quota=1073741824]',
    '[expensive_query] 1397499996',
  ]);
  expect(lines.at(-1)).toMatch(
    /^\[ERROR\] \[coprocessor.go:660\] \["copIteratorWork meet panic"\] /,
  );
  expect(peak).toBe(1_397_499_996);
  expect([error.code, error.sqlState]).toEqual([1105, 'HY000']);
  expect(error.message).toBe('Out Of Memory Quota![conn_id=921]');
  expect(left).toBe(0);
});

test('the stack of the panic shows the actions that were walked', () => {
  const line = play().lines.at(-1) ?? '';
  expect(line).toContain('[r="\\"Out Of Memory Quota![conn_id=921]\\""] ["stack trace"="');
  const stack = line.slice(line.indexOf('"stack trace"="') + 15, -2).split('\\n');
  const calls = stack.flatMap((method, i) => {
    const place = stack[i + 1];
    if (i % 2 === 1 || place === undefined) return [];
    return [`${method.split('/').at(-1)} ${place.split('/').at(-1)}`];
  });
  expect(calls).toEqual([
    'copr.(*copIteratorWorker).handleTask.func1 coprocessor.go:662',
    'runtime.gopanic panic.go:965',
    'memory.(*PanicOnExceed).Action action.go:129',
    'chunk.(*SpillDiskAction).Action row_container.go:393',
    'copr.(*rateLimitAction).Action coprocessor.go:1227',
    'copr.(*rateLimitAction).Action coprocessor.go:1227',
    'memory.(*Tracker).Consume.func1 tracker.go:336',
    'memory.(*Tracker).Consume tracker.go:344',
  ]);
});
