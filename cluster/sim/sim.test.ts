import { expect, test } from 'vitest';
import {
  type Call,
  Disk,
  isRpcError,
  type Process,
  Rng,
  settleAll,
  sleep,
  type Wait,
  World,
} from './index.ts';

const LINK = { minUs: 100, tailUs: 0 };

function world(seed = '1'): World {
  return new World(seed, LINK);
}

/** A server that answers after `us`, and counts what it did. */
function echo(process: Process, us: number): { served: number } {
  const state = { served: 0 };
  process.handle({
    onCall(call: Call): void {
      process.after(us, () => {
        state.served++;
        call.respond(call.request, 0);
      });
    },
  });
  return state;
}

function run(process: Process, body: Wait<unknown>): { value?: unknown; error?: unknown } {
  const end: { value?: unknown; error?: unknown } = {};
  process.spawn(body, (error, value) => {
    if (error === undefined) end.value = value;
    else end.error = error;
  });
  return end;
}

function* ask(client: Process, request: string, timeoutUs: number): Wait<unknown> {
  client.request(1, request, 0, timeoutUs);
  return yield;
}

test('a request takes a round trip and the time of the server', () => {
  const w = world();
  const client = w.start(0, 'client');
  echo(w.start(1, 'server'), 50);
  const end = run(client, ask(client, 'ping', 1e6));
  w.scheduler.runUntil(249);
  expect(end).toEqual({});
  w.scheduler.runUntil(250);
  expect(end).toEqual({ value: 'ping' });
});

test('a killed server resets its connections: the call fails, though it may be served', () => {
  const w = world();
  const client = w.start(0, 'client');
  echo(w.start(1, 'server'), 1_000_000);
  const end = run(client, ask(client, 'ping', 1e9));
  w.scheduler.runUntil(500);
  w.kill(1);
  w.scheduler.runUntil(10_000);
  expect(end.value).toEqual({ kind: 'rpc-error', reason: 'Unavailable' });
});

test('a node that is down refuses at once, and serves again after its restart', () => {
  const w = world();
  const client = w.start(0, 'client');
  w.start(1, 'server');
  w.kill(1);
  const refused = run(client, ask(client, 'ping', 1e9));
  w.scheduler.runUntil(1_000);
  expect(isRpcError(refused.value)).toBe(true);
  echo(w.start(1, 'server'), 0);
  const served = run(client, ask(client, 'again', 1e9));
  w.scheduler.runUntil(2_000);
  expect(served.value).toBe('again');
});

test('a blocked link lets a call hang until keep-alive notices', () => {
  const w = world();
  const client = w.start(0, 'client');
  const server = echo(w.start(1, 'server'), 0);
  w.network.link(1, 0).impose('cut', { kind: 'block' });
  const end = run(client, ask(client, 'ping', 60e6));
  w.scheduler.runUntil(12e6);
  expect([end, server.served]).toEqual([{}, 1]);
  w.scheduler.runUntil(14e6);
  expect(isRpcError(end.value)).toBe(true);
});

test('calls expire at their deadline, oldest first', () => {
  const w = world();
  const client = w.start(0, 'client');
  w.start(1, 'silent').handle({ onCall: () => {} });
  const first = run(client, ask(client, 'a', 1000));
  w.scheduler.runUntil(400);
  const second = run(client, ask(client, 'b', 1000));
  w.scheduler.runUntil(1000);
  expect([isRpcError(first.value), second]).toEqual([true, {}]);
  w.scheduler.runUntil(1400);
  expect(second.value).toEqual({ kind: 'rpc-error', reason: 'DeadlineExceeded' });
});

test('a kill drops the frames: no finally runs, no timer fires', () => {
  const w = world();
  const process = w.start(1, 'node');
  const seen: string[] = [];
  function* body(): Wait<void> {
    try {
      seen.push('began');
      yield* sleep(process, 1000);
      seen.push('woke');
    } finally {
      seen.push('finally');
    }
  }
  process.spawn(body());
  process.after(1000, () => seen.push('timer'));
  w.scheduler.runUntil(500);
  w.kill(1);
  w.scheduler.runUntil(5000);
  expect(seen).toEqual(['began']);
});

test('several computations run at once, and an error of one does not stop the others', () => {
  const w = world();
  const process = w.start(1, 'node');
  function* work(us: number): Wait<number> {
    yield* sleep(process, us);
    if (us === 20) throw new Error('twenty');
    return us;
  }
  const end = run(process, settleAll(process, [work(30), work(20), work(10)]));
  w.scheduler.runUntil(30);
  expect(end.value).toEqual([
    { ok: true, value: 30 },
    { ok: false, error: new Error('twenty') },
    { ok: true, value: 10 },
  ]);
});

test('a write is durable when its sync has ended; a kill spares a prefix of the others', () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const w = world(String(seed));
    const process = w.start(1, 'node');
    const disk = new Disk(w, 1, { minUs: 300, tailUs: 0 });
    const durable: string[] = [];
    const told: string[] = [];
    const write = (name: string): void =>
      disk.write(
        process,
        () => durable.push(name),
        () => told.push(name),
      );
    write('a');
    w.scheduler.runUntil(310);
    write('b');
    write('c');
    w.scheduler.runUntil(320);
    w.kill(1);
    disk.lostPower();
    w.scheduler.runUntil(5000);
    expect(told).toEqual(['a']);
    outcomes.add(durable.join(''));
  }
  expect([...outcomes].sort()).toEqual(['a', 'ab', 'abc']);
});

test('streams of one seed are independent: drawing from one shifts no other', () => {
  const a = new Rng('7', 'net/1/2');
  const b = new Rng('7', 'net/1/3');
  const before = Array.from({ length: 5 }, () => b.nextU32());
  for (let i = 0; i < 100; i++) a.nextU32();
  const again = new Rng('7', 'net/1/3');
  expect(Array.from({ length: 5 }, () => again.nextU32())).toEqual(before);
  expect(new Rng('8', 'net/1/3').nextU32()).not.toBe(before[0]);
});

test('draws of seed 42 never change between versions', () => {
  const rng = new Rng('42', 'frozen');
  expect([
    rng.nextU32(),
    rng.nextInt(1000),
    rng.nextInt63(),
    rng.nextExponential(100),
  ]).toMatchInlineSnapshot(`
    [
      106662284,
      866,
      2620117902991611979n,
      220,
    ]
  `);
});
