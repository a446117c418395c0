import { expect, test } from 'vitest';
import { type Process, sleep, type Wait, World } from '../../sim/index.ts';
import { type LimitKind, MemoryAction } from './action.ts';
import type { ActionSetting } from './action-setting.ts';
import { Tracker } from './tracker.ts';

const FRAME = { package: 'test', method: 'Action', file: 'test.go', line: 1 };

/** An action that writes its name down. */
class Mark extends MemoryAction {
  readonly priority: number;
  readonly frame = FRAME;
  readonly name: string;
  private readonly seen: string[];
  private readonly passes: boolean;

  constructor(seen: string[], name: string, priority: number, passes = false) {
    super();
    this.seen = seen;
    this.name = name;
    this.priority = priority;
    this.passes = passes;
  }

  *act(tracker: Tracker): Wait<void> {
    this.seen.push(this.name);
    if (this.passes) yield* this.passOn(tracker);
  }
}

function world(): { process: Process; world: World } {
  const world = new World('1', { minUs: 1, tailUs: 0 });
  return { world, process: world.start(1, 'tidb-0') };
}

function setting(process: Process, changes: Partial<ActionSetting> = {}): ActionSetting {
  return { process, equals: 'newer-first', first: 'hard', dropsFinished: true, ...changes };
}

/** Runs a computation to its end at once; it must not wait. */
function now<T>(process: Process, body: Wait<T>): T {
  let result: { value: T } | undefined;
  process.spawn(body, (error, value) => {
    if (error !== undefined) throw error;
    result = { value: value as T };
  });
  if (result === undefined) throw new Error('it waits');
  return result.value;
}

test('what a tracker consumes, its parents consume too', () => {
  const root = new Tracker(1);
  const child = new Tracker(2);
  const grandchild = new Tracker(3);
  child.attachTo(root);
  grandchild.attachTo(child);
  grandchild.charge(100);
  child.charge(10);
  expect([root.consumed, child.consumed, grandchild.consumed]).toEqual([110, 110, 100]);
  grandchild.release(40);
  expect([root.consumed, child.consumed, grandchild.consumed]).toEqual([70, 70, 60]);
  expect(root.maxConsumed).toBe(110);
});

test('negative amounts are an error of the caller', () => {
  expect(() => new Tracker(1).charge(-1)).toThrow('cannot be charged');
  expect(() => new Tracker(1).release(-1)).toThrow('cannot be released');
});

test('attaching moves consumption to the new parent, detaching takes it away', () => {
  const [old, fresh, child] = [new Tracker(1), new Tracker(2), new Tracker(3)];
  child.charge(100);
  child.attachTo(old);
  expect(old.consumed).toBe(100);
  child.attachTo(fresh);
  expect([old.consumed, fresh.consumed]).toEqual([0, 100]);
  expect([old.children, fresh.children]).toEqual([[], [child]]);
  child.detach();
  expect([fresh.consumed, child.consumed, fresh.children]).toEqual([0, 100, []]);
});

test('replacing gives up what was held before it consumes', () => {
  const { process } = world();
  const [root, child] = [new Tracker(1), new Tracker(2)];
  child.attachTo(root);
  child.charge(100);
  now(process, child.replaceBytesUsed(70));
  expect([root.consumed, child.consumed, root.maxConsumed]).toEqual([70, 70, 100]);
});

test('the dump nests trackers in order of their labels', () => {
  const root = new Tracker(1, 2048);
  for (const [label, bytes] of [
    [4, 400],
    [-3, 300],
    [2, 1200],
  ] as const) {
    const child = new Tracker(label);
    child.attachTo(root);
    child.charge(bytes);
  }
  expect(root.toString()).toBe(`
"1"{
  "quota": 2 KB
  "consumed": 1.86 KB
  "-3"{
    "consumed": 300 Bytes
  }
  "2"{
    "consumed": 1.17 KB
  }
  "4"{
    "consumed": 400 Bytes
  }
}
`);
});

test.each([
  ['hard', ['soft', 'hard', 'soft']],
  ['soft', ['soft', 'soft', 'hard']],
] as const)(
  'soft actions act from 80 of 100, hard ones from 100; with %s first',
  (first: LimitKind, marks) => {
    const { process } = world();
    const seen: string[] = [];
    const tracker = new Tracker(1, 100, setting(process, { first }));
    tracker.addAction(new Mark(seen, 'hard', 1), 'hard');
    tracker.addAction(new Mark(seen, 'soft', 1), 'soft');
    now(process, tracker.consume(79));
    expect(seen).toEqual([]);
    now(process, tracker.consume(1));
    expect(seen).toEqual(['soft']);
    now(process, tracker.consume(20));
    expect(seen).toEqual(marks);
  },
);

test('of several exceeded trackers the outermost acts, and growth below a limit is calm', () => {
  const { process } = world();
  const seen: string[] = [];
  const root = new Tracker(1, 200, setting(process));
  const child = new Tracker(2, 100, setting(process));
  child.attachTo(root);
  root.addAction(new Mark(seen, 'root', 1), 'hard');
  child.addAction(new Mark(seen, 'child', 1), 'hard');
  expect(child.charge(99)).toBe(true);
  now(process, child.consume(1));
  now(process, child.consume(100));
  expect(seen).toEqual(['child', 'root']);
});

test('a hundred shuffled priorities are walked in descending order', () => {
  const { process } = world();
  const seen: string[] = [];
  const tracker = new Tracker(1, 1, setting(process));
  const priorities = Array.from({ length: 100 }, (_, i) => (i * 37) % 100);
  for (const priority of priorities) {
    tracker.addAction(new Mark(seen, String(priority), priority, true), 'hard');
  }
  now(process, tracker.consume(1));
  expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => String(99 - i)));
});

test.each([
  ['older-first', ['a', 'b', 'c']],
  ['newer-first', ['c', 'b', 'a']],
] as const)('of equal priorities the %s is asked', (equals, order) => {
  const { process } = world();
  const seen: string[] = [];
  const tracker = new Tracker(1, 1, setting(process, { equals }));
  for (const name of ['a', 'b', 'c']) tracker.addAction(new Mark(seen, name, 2, true), 'hard');
  tracker.addAction(new Mark(seen, 'last', 0), 'hard');
  tracker.addAction(new Mark(seen, 'first', 3, true), 'hard');
  now(process, tracker.consume(1));
  expect(seen).toEqual(['first', ...order, 'last']);
});

test.each([
  [true, ['b']],
  [false, ['a', 'b']],
])('a finished action is dropped: %s', (dropsFinished, order) => {
  const { process } = world();
  const seen: string[] = [];
  const tracker = new Tracker(1, 1, setting(process, { dropsFinished }));
  const first = new Mark(seen, 'a', 2, true);
  tracker.addAction(first, 'hard');
  tracker.addAction(new Mark(seen, 'b', 1, true), 'hard');
  first.finished = true;
  now(process, tracker.consume(1));
  expect(seen).toEqual(order);
});

/** Takes its time. */
class Slow extends MemoryAction {
  readonly priority = 1;
  readonly frame = FRAME;
  private readonly process: Process;
  private readonly seen: string[];

  constructor(process: Process, seen: string[]) {
    super();
    this.process = process;
    this.seen = seen;
  }

  *act(tracker: Tracker): Wait<void> {
    this.seen.push(`begin ${this.process.world.nowUs}`);
    yield* sleep(this.process, 10);
    this.seen.push(`end ${this.process.world.nowUs}`);
    if (tracker.consumed === 3) throw new Error('enough');
  }
}

test('tasks over the limit act one at a time, in order, also behind one that was ended', () => {
  const { process, world: at } = world();
  const seen: string[] = [];
  const tracker = new Tracker(1, 1, setting(process));
  tracker.addAction(new Slow(process, seen), 'hard');
  const ended = (name: string) => (error: unknown) => {
    seen.push(`${name} ${error instanceof Error ? error.message : 'goes on'} ${at.nowUs}`);
    tracker.release(1);
  };
  process.spawn(tracker.consume(1), ended('a'));
  process.spawn(tracker.consume(1), ended('b'));
  process.spawn(tracker.consume(1), ended('c'));
  at.scheduler.runUntil(100);
  expect(seen).toEqual([
    ...['begin 0', 'end 10', 'begin 10', 'a enough 10'],
    ...['end 20', 'begin 20', 'b goes on 20', 'end 30', 'c goes on 30'],
  ]);
});

test('whoever only releases never waits for an action', () => {
  const { process, world: at } = world();
  const tracker = new Tracker(1, 1, setting(process));
  tracker.addAction(new Slow(process, []), 'hard');
  process.spawn(tracker.consume(5));
  tracker.release(4);
  expect(tracker.consumed).toBe(1);
  at.scheduler.runUntil(100);
});
