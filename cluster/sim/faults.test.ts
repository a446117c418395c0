import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Call,
  Disk,
  type LinkFault,
  type Process,
  type RpcError,
  sleep,
  type Wait,
  World,
} from './index.ts';

const LINK = { minUs: 100, tailUs: 0 };
const SECOND_US = 1_000_000;
const PATIENCE_US = 3600 * SECOND_US;

/** A client (0) and a server (1) that answers at once and writes down all that reaches it. */
class Pair {
  readonly world: World;
  readonly client: Process;
  server: Process;
  readonly messages: unknown[] = [];
  readonly arrivalsUs: number[] = [];
  readonly calls: unknown[] = [];
  readonly answers: (unknown | RpcError)[] = [];

  constructor(seed = '1', link = LINK) {
    this.world = new World(seed, link);
    this.client = this.world.start(0, 'client');
    this.server = this.start();
  }

  start(): Process {
    this.server = this.world.start(1, 'server');
    this.server.handle({
      onCall: (call: Call) => {
        this.calls.push(call.request);
        call.respond(call.request, 0);
      },
      onMessage: (_from, message) => {
        this.messages.push(message);
        this.arrivalsUs.push(this.world.nowUs);
      },
    });
    return this.server;
  }

  send(...messages: readonly unknown[]): void {
    for (const message of messages) this.client.send(1, message, 0);
  }

  call(request: unknown, timeoutUs = PATIENCE_US): void {
    this.client.call(1, request, 0, timeoutUs, (reply, error) => this.answers.push(error ?? reply));
  }

  /** The link from client to server. */
  get way() {
    return this.world.network.link(0, 1);
  }

  runTo(us: number): void {
    this.world.scheduler.runUntil(us);
  }
}

const LOST: RpcError = { kind: 'rpc-error', reason: 'Unavailable' };

function chance(kind: 'loss' | 'corrupt' | 'duplicate' | 'reorder', percent = 40): LinkFault {
  return { kind, percent, correlation: 25 };
}

describe('a link', () => {
  test('keeps one-way messages in order, whatever their latencies', () => {
    const pair = new Pair('3', { minUs: 100, tailUs: 500 });
    for (let i = 0; i < 200; i++) pair.client.after(i * 10, () => pair.send(i));
    pair.runTo(SECOND_US);
    expect(pair.messages).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test('that is blocked one way lets a call in, but not its answer out', () => {
    const pair = new Pair();
    pair.world.network.link(1, 0).impose('cut', { kind: 'block' });
    pair.call('ping');
    pair.runTo(12 * SECOND_US);
    expect([pair.calls, pair.answers]).toEqual([['ping'], []]);
    pair.runTo(14 * SECOND_US);
    expect(pair.answers).toEqual([LOST]);
  });

  test('that was blocked for a while delivers when TCP next tries again', () => {
    const pair = new Pair();
    pair.way.impose('cut', { kind: 'block' });
    pair.send('early');
    pair.call('early');
    pair.runTo(SECOND_US);
    pair.way.lift('cut');
    pair.runTo(5 * SECOND_US);
    expect([pair.messages, pair.calls, pair.answers]).toEqual([['early'], ['early'], ['early']]);
    // 10 ms, then 210, 610 and 1,410 ms after the packet was sent.
    expect(pair.arrivalsUs).toEqual([1_410_100]);
  });

  test('that was blocked too long has lost what it held', () => {
    const pair = new Pair();
    pair.way.impose('cut', { kind: 'block' });
    pair.send('early');
    pair.call('early');
    pair.runTo(14 * SECOND_US);
    pair.send('late');
    pair.way.lift('cut');
    pair.runTo(60 * SECOND_US);
    expect([pair.messages, pair.calls, pair.answers]).toEqual([['late'], [], [LOST]]);
  });

  test('that is clogged holds everything, and lets go in order', () => {
    const pair = new Pair();
    pair.way.impose('clog', { kind: 'clog' });
    pair.send(1, 2, 3);
    pair.call('held');
    pair.runTo(20 * SECOND_US);
    pair.send(4);
    expect([pair.messages, pair.answers]).toEqual([[], [LOST]]);
    pair.way.lift('clog');
    pair.runTo(21 * SECOND_US);
    // The caller has given up, but its request comes all the same.
    expect([pair.messages, pair.calls]).toEqual([[1, 2, 3, 4], ['held']]);
    expect(pair.answers).toEqual([LOST]);
  });

  test('under two blocks stays blocked until both are lifted', () => {
    const pair = new Pair();
    pair.way.impose('one', { kind: 'block' });
    pair.way.impose('two', { kind: 'block' });
    pair.way.lift('one');
    pair.send('held');
    pair.runTo(SECOND_US);
    expect(pair.messages).toEqual([]);
    pair.way.lift('two');
    pair.runTo(2 * SECOND_US);
    expect(pair.messages).toEqual(['held']);
  });

  test('refuses a second fault of one name, and to lift what does not lie on it', () => {
    const { way } = new Pair();
    way.impose('cut', { kind: 'block' });
    expect(() => way.impose('cut', { kind: 'clog' })).toThrow('fault "cut" is in force already');
    expect(() => way.lift('clog')).toThrow('fault "clog" is not in force');
  });

  test.each(['loss', 'corrupt'] as const)('with %s shows delay, not gaps', (kind) => {
    const pair = new Pair('2');
    pair.way.impose('bad', chance(kind, 25));
    for (let i = 0; i < 400; i++) pair.client.after(i * SECOND_US, () => pair.call(i));
    pair.runTo(500 * SECOND_US);
    expect(pair.answers).toHaveLength(400);
    const hits = pair.way.inForce[0]?.hits as number;
    expect(hits).toBeGreaterThan(40);
    expect(hits).toBeLessThan(200);
  });

  test('that is bad enough breaks a connection now and then', () => {
    const pair = new Pair('1');
    pair.way.impose('bad', chance('corrupt', 60));
    for (let i = 0; i < 2000; i++) pair.client.after(i * SECOND_US, () => pair.call(i));
    pair.runTo(2100 * SECOND_US);
    const broken = pair.answers.filter((answer) => answer !== null && typeof answer === 'object');
    expect(pair.answers).toHaveLength(2000);
    expect(broken.length).toBeGreaterThan(0);
    expect(broken.length).toBeLessThan(400);
  });

  test('with delay is late by latency and jitter, in order all the same', () => {
    const pair = new Pair('1');
    const delay = { kind: 'delay', latencyUs: 90_000, jitterUs: 90_000, correlation: 25 } as const;
    pair.way.impose('slow', delay);
    for (let i = 0; i < 300; i++) pair.client.after(i * SECOND_US, () => pair.send(i));
    pair.runTo(400 * SECOND_US);
    expect(pair.messages).toEqual(Array.from({ length: 300 }, (_, i) => i));
    const late = pair.arrivalsUs.map((us, i) => us - i * SECOND_US - 100);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThan(180_000);
    expect(Math.max(...late) - Math.min(...late)).toBeGreaterThan(90_000);
  });

  test('that duplicates brings every message, some of them twice', () => {
    const pair = new Pair('1');
    pair.way.impose('twice', chance('duplicate'));
    const sent = Array.from({ length: 100 }, (_, i) => i);
    pair.send(...sent);
    pair.runTo(10 * SECOND_US);
    expect(new Set(pair.messages)).toEqual(new Set(sent));
    expect(pair.messages.length).toBe(100 + (pair.way.inForce[0]?.hits as number));
    expect(pair.messages.length).toBeGreaterThan(110);
  });

  test('that reorders brings every message once, some of them late', () => {
    const pair = new Pair('1');
    pair.way.impose('mix', chance('reorder'));
    const sent = Array.from({ length: 100 }, (_, i) => i);
    pair.send(...sent);
    pair.runTo(10 * SECOND_US);
    expect(pair.messages).not.toEqual(sent);
    expect([...(pair.messages as number[])].sort((a, b) => a - b)).toEqual(sent);
  });
});

describe('a paused process', () => {
  test('gets everything late, in order, and its clock went on', () => {
    const pair = new Pair();
    const seen: string[] = [];
    const { server, world } = pair;
    function* body(): Wait<void> {
      yield* sleep(server, 5000);
      seen.push(`slept ${world.nowUs}`);
    }
    server.spawn(body());
    server.after(3000, () => seen.push(`timer ${server.wallUs()}`));
    pair.runTo(1000);
    world.pause(1);
    pair.send('one');
    pair.runTo(4000);
    pair.send('two');
    pair.runTo(SECOND_US);
    expect([seen, pair.messages, world.isPaused(1)]).toEqual([[], [], true]);
    world.resume(1);
    pair.runTo(SECOND_US + 1);
    expect(seen).toEqual(['timer 1000000', 'slept 1000000']);
    expect([pair.messages, pair.arrivalsUs]).toEqual([
      ['one', 'two'],
      [SECOND_US, SECOND_US],
    ]);
  });

  test('answers a call late when it was paused for less than keep-alive takes', () => {
    const pair = new Pair();
    pair.world.pause(1);
    pair.call('ping');
    pair.runTo(10 * SECOND_US);
    pair.world.resume(1);
    pair.runTo(11 * SECOND_US);
    expect(pair.answers).toEqual(['ping']);
  });

  test('is taken for dead by its peers, yet does what reached it before', () => {
    const pair = new Pair();
    pair.world.pause(1);
    pair.call('before');
    pair.send('before');
    pair.runTo(14 * SECOND_US);
    expect(pair.answers).toEqual([LOST]);
    pair.call('after');
    pair.send('after');
    pair.runTo(60 * SECOND_US);
    expect(pair.answers).toEqual([LOST, LOST]);
    pair.world.resume(1);
    pair.call('now');
    pair.runTo(80 * SECOND_US);
    expect([pair.calls, pair.messages]).toEqual([['before', 'now'], ['before']]);
    expect(pair.answers).toEqual([LOST, LOST, 'now']);
    expect(pair.way.inForce).toEqual([]);
  });

  test('that is killed is dead, and its next incarnation is not paused', () => {
    const pair = new Pair();
    pair.world.pause(1);
    pair.call('ping');
    pair.runTo(20 * SECOND_US);
    pair.world.kill(1);
    expect([pair.world.isPaused(1), pair.world.process(1)?.alive]).toEqual([false, false]);
    pair.start();
    pair.call('again');
    pair.runTo(30 * SECOND_US);
    expect(pair.answers).toEqual([LOST, 'again']);
  });

  test('pausing what is paused or dead is nothing', () => {
    const pair = new Pair();
    pair.world.pause(1);
    pair.world.pause(1);
    pair.world.resume(1);
    pair.world.resume(1);
    pair.world.kill(1);
    pair.world.pause(1);
    expect(pair.world.isPaused(1)).toBe(false);
  });
});

describe('a disk', () => {
  const PROFILE = { minUs: 300, tailUs: 0 };

  /** A disk of the server, and what became durable and was acknowledged, with times. */
  function diskOf(pair: Pair) {
    const disk = new Disk(pair.world, 1, PROFILE);
    const durable: string[] = [];
    const told: string[] = [];
    const write = (name: string): void => {
      const done = (): void => void told.push(`${name}@${pair.world.nowUs}`);
      disk.write(pair.server, () => durable.push(name), done);
    };
    return { disk, durable, told, write };
  }

  test('that is slow takes a multiple of its time, and its own time again when healed', () => {
    const pair = new Pair();
    const { disk, told, write } = diskOf(pair);
    disk.impose('slow', { kind: 'slow', factor: 10 });
    write('a');
    pair.runTo(5000);
    expect(disk.inForce[0]?.hits).toBe(1);
    disk.lift('slow');
    write('b');
    pair.runTo(10_000);
    expect(told).toEqual(['a@3000', 'b@5300']);
  });

  test('that stalls ends no sync until it is healed', () => {
    const pair = new Pair();
    const { disk, told, durable, write } = diskOf(pair);
    write('a');
    disk.impose('stuck', { kind: 'stall' });
    pair.runTo(1000);
    write('b');
    pair.runTo(SECOND_US);
    expect([durable, told]).toEqual([[], []]);
    disk.lift('stuck');
    pair.runTo(2 * SECOND_US);
    expect(told).toEqual(['a@1000000', 'b@1000300']);
  });

  test('of a killed process keeps what it was given; a power cut keeps a prefix', () => {
    const outcome = (seed: number, end: 'processDied' | 'lostPower'): string => {
      const pair = new Pair(String(seed));
      const { disk, durable, write } = diskOf(pair);
      for (const name of ['a', 'b', 'c']) write(name);
      pair.world.kill(1);
      disk[end]();
      pair.runTo(SECOND_US);
      return durable.join('');
    };
    const seeds = Array.from({ length: 40 }, (_, seed) => seed);
    expect(new Set(seeds.map((seed) => outcome(seed, 'processDied')))).toEqual(new Set(['abc']));
    const cut = new Set(seeds.map((seed) => outcome(seed, 'lostPower')));
    expect([...cut].sort()).toEqual(['', 'a', 'ab', 'abc']);
  });
});

describe('a wall clock', () => {
  test('is skewed by the sum of its faults, the monotonic clock by none', () => {
    const { world, server } = new Pair();
    const clock = world.clocks.of(1);
    world.scheduler.runUntil(SECOND_US);
    clock.impose('a', { offsetUs: 200_000, strobeUs: 0 });
    clock.impose('b', { offsetUs: -50_000, strobeUs: 0 });
    expect([server.wallUs(), world.nowUs]).toEqual([1_150_000, 1_000_000]);
    clock.lift('a');
    expect(server.wallUs()).toBe(950_000);
    clock.lift('b');
    expect(server.wallUs()).toBe(1_000_000);
  });

  test('strobes: off for a period, right for a period', () => {
    const { world, server } = new Pair();
    world.scheduler.runUntil(500);
    world.clocks.of(1).impose('s', { offsetUs: 7, strobeUs: 100 });
    const ahead = [0, 99, 100, 199, 200, 350].map((after) => {
      world.scheduler.runUntil(500 + after);
      return server.wallUs() - world.nowUs;
    });
    expect(ahead).toEqual([7, 7, 0, 0, 7, 0]);
  });
});

/** A fault, and when it is laid on and lifted, in ms. */
const LINK_FAULT: fc.Arbitrary<LinkFault> = fc.oneof(
  fc.constantFrom<LinkFault>({ kind: 'block' }, { kind: 'clog' }),
  fc.record({
    kind: fc.constantFrom(
      'loss' as const,
      'corrupt' as const,
      'duplicate' as const,
      'reorder' as const,
    ),
    percent: fc.integer({ min: 1, max: 60 }),
    correlation: fc.integer({ min: 0, max: 60 }),
  }),
  fc.record({
    kind: fc.constant('delay' as const),
    latencyUs: fc.integer({ min: 0, max: 200_000 }),
    jitterUs: fc.integer({ min: 0, max: 200_000 }),
    correlation: fc.integer({ min: 0, max: 60 }),
  }),
);
const TROUBLE = fc.record({
  fault: LINK_FAULT,
  back: fc.boolean(),
  atMs: fc.integer({ min: 0, max: 20_000 }),
  forMs: fc.integer({ min: 1, max: 30_000 }),
});
type Trouble = Parameters<Parameters<typeof TROUBLE.map>[0]>[0];

/** A minute of calls and messages, under faults and a pause; everything healed by then. */
function troubled(seed: number, troubles: readonly Trouble[], pauseMs: number): Pair {
  const pair = new Pair(String(seed), { minUs: 100, tailUs: 300 });
  troubles.forEach(({ fault, back, atMs, forMs }, i) => {
    const link = pair.world.network.link(back ? 1 : 0, back ? 0 : 1);
    pair.client.after(atMs * 1000, () => link.impose(`trouble ${i}`, fault));
    pair.client.after((atMs + forMs) * 1000, () => link.lift(`trouble ${i}`));
  });
  if (pauseMs > 0) pair.client.after(5 * SECOND_US, () => pair.world.pause(1));
  pair.client.after(5 * SECOND_US + pauseMs * 1000, () => pair.world.resume(1));
  for (let i = 0; i < 60; i++) {
    pair.client.after(i * SECOND_US, () => {
      pair.call(`call ${i}`, 40 * SECOND_US);
      pair.send(i);
    });
  }
  pair.runTo(200 * SECOND_US);
  return pair;
}

const TROUBLED = [
  fc.nat(1_000_000),
  fc.array(TROUBLE, { maxLength: 4 }),
  fc.constantFrom(0, 0, 3000, 40_000),
] as const;
const PROPERTY = { seed: 32624, numRuns: 150 };

describe('whatever lies on the links', () => {
  test('a call is answered exactly once, and reaches the server at most once', () => {
    fc.assert(
      fc.property(...TROUBLED, (...trouble) => {
        const { answers, calls } = troubled(...trouble);
        expect(answers).toHaveLength(60);
        expect(new Set(calls).size).toBe(calls.length);
      }),
      PROPERTY,
    );
  });

  test('without duplication a message arrives at most once; without reordering, in order', () => {
    fc.assert(
      fc.property(...TROUBLED, (seed, troubles, pauseMs) => {
        const messages = troubled(seed, troubles, pauseMs).messages as number[];
        const kinds = new Set(troubles.map(({ fault }) => fault.kind));
        if (!kinds.has('duplicate')) expect(new Set(messages).size).toBe(messages.length);
        if (kinds.has('duplicate') || kinds.has('reorder')) return;
        expect(messages).toEqual([...messages].sort((a, b) => a - b));
      }),
      PROPERTY,
    );
  });

  test('the same seed gives the same trace', () => {
    fc.assert(
      fc.property(...TROUBLED, (...trouble) => {
        const { trace } = troubled(...trouble).world.scheduler;
        expect(troubled(...trouble).world.scheduler.trace.hash()).toBe(trace.hash());
      }),
      { ...PROPERTY, numRuns: 40 },
    );
  });

  test('a healed link is as it was before, down to its draws', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), LINK_FAULT, (seed, fault) => {
        const arrivals = [true, false].map((faulty) => {
          const pair = new Pair(String(seed), { minUs: 100, tailUs: 300 });
          if (faulty) {
            pair.way.impose('fault', fault);
            pair.way.lift('fault');
          }
          for (let i = 0; i < 20; i++) pair.client.after(i * 1000, () => pair.send(i));
          pair.runTo(SECOND_US);
          return [pair.arrivalsUs, pair.world.scheduler.trace.hash()];
        });
        expect(arrivals[0]).toEqual(arrivals[1]);
      }),
      PROPERTY,
    );
  });
});
