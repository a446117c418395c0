import { expect, test } from 'vitest';
import { Channel, type Process, type Wait, World } from './index.ts';

/** A process, and a list of what its tasks have noted. */
function setting(): { process: Process; notes: string[] } {
  const world = new World('1', { minUs: 80, tailUs: 20 });
  return { process: world.start(1, 'a'), notes: [] };
}

function* sendAll(channel: Channel<number>, values: number[], notes: string[]): Wait<void> {
  for (const value of values) {
    notes.push(`${value} ${(yield* channel.send(value)) ? 'sent' : 'dropped'}`);
  }
}

function* receiveAll(channel: Channel<number>, notes: string[]): Wait<void> {
  for (;;) {
    const value = yield* channel.receive();
    notes.push(`got ${value}`);
    if (value === undefined) return;
  }
}

test('who sends waits when the channel is full, and goes on as values are taken', () => {
  const { process, notes } = setting();
  const channel = new Channel<number>(process, 2);
  process.spawn(sendAll(channel, [1, 2, 3, 4], notes));
  expect(notes).toEqual(['1 sent', '2 sent']);
  expect([channel.length, channel.blocked]).toEqual([2, 1]);
  process.spawn(receiveAll(channel, notes));
  expect(notes.filter((note) => note.startsWith('got'))).toEqual([
    'got 1',
    'got 2',
    'got 3',
    'got 4',
  ]);
  expect(notes).toContain('4 sent');
});

test('without room a value goes from hand to hand', () => {
  const { process, notes } = setting();
  const channel = new Channel<number>(process, 0);
  process.spawn(sendAll(channel, [1], notes));
  expect(notes).toEqual([]);
  process.spawn(receiveAll(channel, notes));
  expect(notes).toEqual(['1 sent', 'got 1']);
});

test('values are taken in the order in which they were sent, by whoever came first', () => {
  const { process, notes } = setting();
  const channel = new Channel<number>(process, 1);
  for (let i = 0; i < 3; i++) {
    process.spawn(channel.receive(), (_, value) => notes.push(`${i}: ${value}`));
  }
  process.spawn(sendAll(channel, [7, 8, 9], []));
  expect(notes).toEqual(['0: 7', '1: 8', '2: 9']);
});

test('a closed channel gives what it holds, then nothing', () => {
  const { process, notes } = setting();
  const channel = new Channel<number>(process, 2);
  process.spawn(sendAll(channel, [1, 2], []));
  channel.close();
  process.spawn(receiveAll(channel, notes));
  expect(notes).toEqual(['got 1', 'got 2', 'got undefined']);
});

test('nobody waits at an abandoned channel', () => {
  const { process, notes } = setting();
  const channel = new Channel<number>(process, 1);
  process.spawn(sendAll(channel, [1, 2], notes));
  channel.abandon();
  process.spawn(sendAll(channel, [3], notes));
  process.spawn(receiveAll(channel, notes));
  expect(notes).toEqual(['1 sent', '2 dropped', '3 dropped', 'got undefined']);
});

test('who waits can be given something out of turn, once', () => {
  const { process, notes } = setting();
  const channel = new Channel<number>(process, 1);
  expect(channel.interrupt(0)).toBe(false);
  process.spawn(channel.receive(), (_, value) => notes.push(String(value)));
  expect([channel.interrupt(9), channel.interrupt(9)]).toEqual([true, false]);
  expect(notes).toEqual(['9']);
});

test('a cancelled task ends where it is parked, and whoever resumes it does so in vain', () => {
  const { process, notes } = setting();
  function* body(channel: Channel<number>): Wait<void> {
    try {
      notes.push(`got ${yield* channel.receive()}`);
    } finally {
      notes.push('left');
    }
  }
  const channel = new Channel<number>(process, 0);
  const task = process.spawn(body(channel), () => notes.push('ended'));
  task.cancel();
  process.spawn(sendAll(channel, [1], []));
  task.cancel();
  expect(notes).toEqual(['left', 'ended']);
});
