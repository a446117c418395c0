import { describe, expect, test } from 'vitest';
import { memoryNode, QUIET_HOST } from '../../../testing/memory-node.ts';
import { costsAtScale } from '../../costs.ts';
import type { ProfileName } from '../../profiles.ts';
import { World } from '../../sim/index.ts';
import type { SessionActivity } from '../processlist.ts';
import type { LimitSettings } from './limit-settings.ts';
import type { MemoryObserver, PickEvent, UnattendedEvent } from './observer.ts';
import { QuotaPanic } from './panic.ts';
import { RecordFiles } from './record-files.ts';
import { SessionMemory } from './session-memory.ts';
import { UnattendedWatch } from './unattended-watch.ts';

const MB = 2 ** 20;
const SECOND = 1_000_000;

/** A session with one statement, as far as memory goes. */
class FakeSession implements SessionActivity {
  readonly connectionId: number;
  readonly database = 'test';
  running: string | undefined;
  sinceUs = 0;
  readonly autocommits = true;
  readonly inTransaction = false;
  readonly memory: SessionMemory;

  constructor(connectionId: number, memory: SessionMemory, tree: unknown) {
    this.connectionId = connectionId;
    this.memory = memory;
    this.running = `select ${connectionId}`;
    memory.begin(tree);
  }

  kill(): void {}

  /** Grows; what that threw. */
  grow(bytes: number): unknown {
    const { process } = this.memory.node.parts;
    let thrown: unknown;
    process.spawn(this.memory.statement.tracker.consume(bytes), (error) => {
      thrown = error;
    });
    return thrown;
  }

  /** The statement ends, with everything given back. */
  end(): void {
    const { tracker } = this.memory.statement;
    tracker.release(tracker.consumed);
    this.memory.end(undefined);
    this.running = undefined;
  }
}

class LimitWorld {
  readonly world = new World('1', { minUs: 1, tailUs: 0 });
  readonly log: string[] = [];
  readonly files = new RecordFiles();
  settings: LimitSettings = {
    ...{ version: 1, limitBytes: 600 * MB, sessMinBytes: 128 * MB, gcTrigger: 0.7 },
    ...{ alarmRatio: 0, keepRecords: 5 },
  };
  private readonly sessions = new Map<number, FakeSession>();
  readonly node;

  constructor(profile: ProfileName, observer: Partial<MemoryObserver> = {}) {
    const limits = this;
    this.node = memoryNode({
      process: this.world.start(1, 'tidb-0'),
      profile,
      observer,
      costs: { ...costsAtScale(1), idleHeapBytes: 0, memoryBytes: 1000 * MB },
      files: this.files,
      log: (_level, _source, message) => this.log.push(message),
      host: {
        ...QUIET_HOST,
        get settings() {
          return limits.settings;
        },
        session: (id) => this.sessions.get(id),
        running: () => [],
      },
    });
  }

  session(id: number, tree: unknown = { kind: 'select' }): FakeSession {
    const memory = new SessionMemory(this.node, id, {
      ...{ quota: 0, oomAction: 'cancel', spillAllowed: true, sql: '', bufferedBytes: 0 },
      ...{ inTransaction: false, exceeded: () => {} },
    });
    const session = new FakeSession(id, memory, tree);
    this.sessions.set(id, session);
    return session;
  }

  pass(us: number): void {
    this.world.scheduler.runUntil(this.world.nowUs + us);
  }
}

function codeOf(thrown: unknown): number | undefined {
  return thrown instanceof QuotaPanic ? thrown.error.code : undefined;
}

describe.each([
  ['v6.5.0', 1105],
  ['v8.5.0', 8176],
] as const)('in %s', (profile, code) => {
  test('the largest session is ended at its next growth, and only then the next one', () => {
    const at = new LimitWorld(profile);
    const [small, middle, large] = [at.session(1), at.session(2), at.session(3)];
    small.grow(130 * MB);
    middle.grow(210 * MB);
    large.grow(310 * MB);
    at.pass(SECOND);
    expect(small.grow(1)).toBeUndefined();
    expect(middle.grow(1)).toBeUndefined();
    expect(codeOf(large.grow(1))).toBe(code);
    // The victim has been told; until it is gone nobody else is.
    at.pass(SECOND);
    expect(middle.grow(300 * MB)).toBeUndefined();
    large.end();
    at.pass(SECOND);
    middle.grow(1);
    at.pass(SECOND);
    expect(codeOf(middle.grow(1))).toBe(code);
    middle.end();
    at.pass(SECOND);
    expect(small.grow(1)).toBeUndefined();
    const { history, usage } = at.node.limit;
    expect(history.map(({ connection, sql }) => [connection, sql])).toEqual([
      [3, 'select 3'],
      [2, 'select 2'],
    ]);
    expect(usage).toMatchObject({ limit: 600 * MB, total: 1000 * MB, killTotal: 2 });
    expect(at.log.filter((line) => line.includes('successfully'))).toContain(
      'global memory controller killed the top1 memory consumer successfully',
    );
  });

  test('the next statement of a session that was ended is not to suffer for it', () => {
    const at = new LimitWorld(profile);
    const victim = at.session(1);
    victim.grow(700 * MB);
    at.pass(SECOND);
    expect(codeOf(victim.grow(1))).toBe(code);
    victim.end();
    victim.memory.begin(undefined);
    expect(victim.grow(MB)).toBeUndefined();
  });

  test('small sessions are spared, and so are statements that change rows', () => {
    const at = new LimitWorld(profile);
    const sessions = Array.from({ length: 7 }, (_, i) => at.session(i));
    for (const session of sessions) session.grow(100 * MB);
    const insert = at.session(9, { kind: 'insert' });
    insert.grow(500 * MB);
    at.pass(10 * SECOND);
    for (const session of [...sessions, insert]) expect(session.grow(1)).toBeUndefined();
    expect(at.node.limit.usage.killTotal).toBe(0);
  });

  test.each([
    ['an UPDATE', { kind: 'update' }],
    ['a DELETE', { kind: 'delete' }],
    ['DDL', { kind: 'create-table' }],
    ['a common table expression', { kind: 'select', with: { tables: [] } }],
    ['a window function', { kind: 'select', items: [{ kind: 'window' }] }],
    ['EXPLAIN ANALYZE of one', { kind: 'explain', statement: { kind: 'window' } }],
  ])('%s is spared, however much it holds, and the next largest is not', (_what, tree) => {
    const at = new LimitWorld(profile);
    const [spared, other] = [at.session(1, tree), at.session(2)];
    spared.grow(700 * MB);
    other.grow(130 * MB);
    at.pass(SECOND);
    expect(spared.grow(1)).toBeUndefined();
    expect(codeOf(other.grow(1))).toBe(code);
    expect(at.node.limit.history).toMatchObject([
      { connection: 2, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });

  test('a collection that the limit causes happens once a minute', () => {
    const at = new LimitWorld(profile);
    const session = at.session(1);
    session.grow(450 * MB);
    at.pass(59 * SECOND);
    expect(at.node.limit.usage).toMatchObject({ gcTotal: 1, shrinking: true });
    at.pass(2 * SECOND);
    expect(at.node.limit.usage.gcTotal).toBe(2);
    session.end();
    at.pass(120 * SECOND);
    expect(at.node.limit.usage).toMatchObject({ gcTotal: 2, shrinking: false, current: 0 });
  });
});

test('history keeps fifty', () => {
  const at = new LimitWorld('v8.5.0');
  for (let i = 0; i < 60; i++) {
    const victim = at.session(i);
    victim.grow(700 * MB);
    at.pass(SECOND);
    victim.grow(1);
    victim.end();
    at.pass(SECOND);
  }
  const { history } = at.node.limit;
  expect([history.length, history[0]?.connection, history[49]?.connection]).toEqual([50, 10, 59]);
});

test('v8 gives up a victim that does not die within a minute', () => {
  const at = new LimitWorld('v8.5.0');
  const [stuck, other] = [at.session(1), at.session(2)];
  stuck.grow(400 * MB);
  other.grow(300 * MB);
  at.pass(58 * SECOND);
  expect(other.grow(1)).toBeUndefined();
  at.pass(4 * SECOND);
  other.grow(1);
  at.pass(SECOND);
  expect(codeOf(other.grow(1))).toBe(8176);
  expect(at.log).toContain('global memory controller failed to kill the top-consumer in 55s');
});

test('nobody looks at a node that stays below its thresholds', () => {
  const at = new LimitWorld('v8.5.0');
  at.session(1).grow(300 * MB);
  const { events } = at.world.scheduler.trace;
  at.pass(3600 * SECOND);
  expect(at.world.scheduler.trace.events).toBe(events);
});

describe('the alarm', () => {
  function alarmed(profile: ProfileName): LimitWorld {
    const at = new LimitWorld(profile);
    at.settings = { ...at.settings, version: 2, alarmRatio: 0.7, limitBytes: 0, keepRecords: 2 };
    return at;
  }
  const records = (at: LimitWorld): number =>
    at.log.filter((line) => line.startsWith('tidb-server has the risk of OOM')).length;

  test('since v6.4 goes off above its ratio, again when memory grows, or after a minute', () => {
    const at = alarmed('v8.5.0');
    const session = at.session(1);
    session.grow(690 * MB);
    at.pass(SECOND);
    expect(records(at)).toBe(0);
    session.grow(20 * MB);
    at.pass(SECOND);
    expect(records(at)).toBe(1);
    session.grow(90 * MB);
    at.pass(30 * SECOND);
    expect(records(at)).toBe(1);
    session.grow(20 * MB);
    at.pass(SECOND);
    expect(at.log.at(-1)).toContain('because of memory usage grows too fast');
    at.pass(61 * SECOND);
    expect(at.log.at(-1)).toContain('because of memory usage exceeds alarm ratio');
    expect(records(at)).toBe(3);
  });

  test('in v5.5 is silent until memory was below the ratio for ten seconds', () => {
    const at = alarmed('v5.5.0-nightly');
    const session = at.session(1);
    session.grow(800 * MB);
    at.pass(120 * SECOND);
    expect(records(at)).toBe(1);
    session.end();
    at.pass(5 * SECOND);
    session.memory.begin(undefined);
    session.grow(800 * MB);
    at.pass(SECOND);
    expect(records(at)).toBe(1);
    session.end();
    at.pass(11 * SECOND);
    session.memory.begin(undefined);
    session.grow(800 * MB);
    at.pass(SECOND);
    expect(records(at)).toBe(2);
  });

  test('leaves records, of which the newest are kept', () => {
    const at = alarmed('v8.5.0');
    at.session(1).grow(800 * MB);
    at.pass(200 * SECOND);
    const folders = at.files.all().map(([path]) => path);
    expect(folders).toEqual([
      'oom_record/record2022-02-22T20:02:00Z/goroutine',
      'oom_record/record2022-02-22T20:02:00Z/heap',
      'oom_record/record2022-02-22T20:02:00Z/running_sql',
      'oom_record/record2022-02-22T20:03:00Z/goroutine',
      'oom_record/record2022-02-22T20:03:00Z/heap',
      'oom_record/record2022-02-22T20:03:00Z/running_sql',
    ]);
  });
});

test('an observer is told whom the limit picked, and who was larger', () => {
  const picks: PickEvent[] = [];
  const at = new LimitWorld('v8.5.0', { picked: (pick) => picks.push(pick) });
  const [first, second] = [at.session(1), at.session(2)];
  first.grow(300 * MB);
  second.grow(310 * MB);
  at.pass(SECOND / 100);
  first.grow(5 * MB);
  at.pass(SECOND);
  expect(picks).toMatchObject([
    { connection: 2, consumed: 310 * MB, peak: 310 * MB, rival: 305 * MB, exempt: false },
  ]);
});

test('an observer is told how long sessions grew above the limit while nobody was ended', () => {
  const stretches: UnattendedEvent[] = [];
  const at = new LimitWorld('v8.5.0', { unattended: (stretch) => stretches.push(stretch) });
  const watch = new UnattendedWatch(at.node);
  at.settings = { ...at.settings, limitBytes: 0 };
  const session = at.session(1);
  session.grow(150 * MB);
  for (const attended of [false, false, true]) {
    at.pass(SECOND);
    session.grow(MB);
    watch.look(100 * MB, attended);
  }
  expect(stretches).toEqual([
    { node: 'tidb-0', fromUs: SECOND, untilUs: 3 * SECOND, limit: 100 * MB, heap: 152 * MB },
  ]);
});
