import { expect, test } from 'vitest';
import { memoryNode } from '../../../testing/memory-node.ts';
import { newColumn } from '../../column.ts';
import { costsAtScale } from '../../costs.ts';
import { Dictionary } from '../../dictionary.ts';
import { type Process, type Wait, World } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import { BIGINT } from '../sql/catalog-type.ts';
import type { NodeMemory } from './node-memory.ts';
import type { MemoryObserver } from './observer.ts';
import { RowContainer } from './row-container.ts';
import { SessionMemory } from './session-memory.ts';

/** Bytes of a chunk of 1024 integers in memory, and of its rows on disk. */
const CHUNK = 104 + 128 + 8192 + 8;
const ON_DISK = 16 * 1024;
const dictionary = new Dictionary();

function chunk(first: number): Chunk {
  const column = newColumn('int', dictionary);
  for (let i = 0; i < 1024; i++) column.push(first + i);
  return { columns: [column], length: 1024 };
}

class ContainerWorld {
  readonly world = new World('1', { minUs: 1, tailUs: 0 });
  readonly process: Process = this.world.start(1, 'tidb-0');
  readonly log: string[] = [];
  readonly node: NodeMemory;
  readonly session: SessionMemory;
  readonly container: RowContainer;
  private readonly quota: number;

  constructor(quota: number, tmpStorageQuota = -1, ended: MemoryObserver['ended'] = () => {}) {
    this.quota = quota;
    this.node = memoryNode({
      observer: { ended },
      process: this.process,
      profile: 'v5.5.0-nightly',
      // A chunk takes about 16 ms to be written.
      costs: { ...costsAtScale(1), spillBytesPerUs: 1 },
      tmpStorageQuota,
      log: (_level, _source, message) => this.log.push(message),
    });
    this.session = this.newSession(1);
    const { statement } = this.session;
    this.container = new RowContainer([BIGINT], statement);
    this.container.tracker.attachTo(statement.newExecutorTracker(1));
    this.container.diskTracker.attachTo(statement.newDiskTracker(1));
    statement.addAction(this.container.action(), 'hard');
  }

  /** A session that runs a statement. */
  newSession(connectionId: number): SessionMemory {
    const session = new SessionMemory(this.node, connectionId, {
      ...{ quota: this.quota, oomAction: 'cancel', spillAllowed: true, sql: '' },
      ...{ bufferedBytes: 0, inTransaction: false, exceeded: () => {} },
    });
    session.begin(undefined);
    return session;
  }

  /** Starts something; how it has ended so far. */
  start<T>(body: Wait<T>): { ended: boolean; value?: T; error?: unknown } {
    const outcome: { ended: boolean; value?: T; error?: unknown } = { ended: false };
    this.process.spawn(body, (error, value) => {
      Object.assign(outcome, { ended: true, value, error });
    });
    return outcome;
  }

  pass(us: number): void {
    this.world.scheduler.runUntil(this.world.nowUs + us);
  }

  /** Everything is given back. */
  end(): void {
    this.container.close();
    this.pass(1_000_000);
    this.session.end(undefined);
  }
}

function* values(container: RowContainer): Wait<number[]> {
  const found: number[] = [];
  for (let i = 0; i < container.numChunks; i++) {
    const { columns, length } = yield* container.getChunk(i);
    for (let row = 0; row < length; row++) found.push(columns[0]?.get(row) as number);
  }
  return found;
}

test('rows spill as a whole, later ones go to disk at once, and all are read back', () => {
  const at = new ContainerWorld(3 * CHUNK);
  const { container, session } = at;
  for (let i = 0; i < 2; i++) at.start(container.add(chunk(i * 1024), 1024));
  expect([container.spilled, session.consumed]).toEqual([false, 2 * CHUNK]);
  at.start(container.add(chunk(2048), 1024));
  at.pass(3 * ON_DISK + 10);
  expect([container.spilled, session.consumed, session.diskConsumed]).toEqual([
    true,
    0,
    3 * ON_DISK,
  ]);
  at.start(container.add(chunk(3072), 1024));
  at.pass(ON_DISK + 10);
  expect([session.consumed, session.diskConsumed]).toEqual([0, 4 * ON_DISK]);
  const read = at.start(values(container));
  at.pass(1_000_000);
  expect(read.value).toEqual(Array.from({ length: 4096 }, (_, i) => i));
  expect(at.log).toEqual(['memory exceeds quota, spill to disk now.']);
  at.end();
  expect(at.node.storage.files).toEqual([]);
});

test('whoever exceeds the quota while rows are written waits until they are', () => {
  const at = new ContainerWorld(2 * CHUNK);
  at.start(at.container.add(chunk(0), 1024));
  at.start(at.container.add(chunk(1024), 1024));
  at.pass(1);
  const tracker = at.session.statement.newExecutorTracker(2);
  const other = at.start(tracker.consume(100));
  at.pass(ON_DISK);
  expect(other.ended).toBe(false);
  at.pass(ON_DISK + 10);
  expect([other.ended, other.error]).toEqual([true, undefined]);
  tracker.release(100);
  at.end();
});

test('who adds rows while others are written waits, and its rows follow theirs', () => {
  const at = new ContainerWorld(2 * CHUNK);
  for (let i = 0; i < 2; i++) at.start(at.container.add(chunk(i * 1024), 1024));
  at.pass(1);
  const late = at.start(at.container.add(chunk(2048), 1024));
  expect(late.ended).toBe(false);
  at.pass(1_000_000);
  expect([late.ended, at.container.numRows, at.session.consumed]).toEqual([true, 3072, 0]);
  at.end();
});

test('what does not fit even when all rows are on disk is ended, and once only', () => {
  const at = new ContainerWorld(2 * CHUNK);
  const tracker = at.session.statement.newExecutorTracker(2);
  at.start(tracker.consume(CHUNK));
  at.start(at.container.add(chunk(0), 1024));
  at.pass(1_000_000);
  expect(at.container.spilled).toBe(true);
  const first = at.start(tracker.consume(2 * CHUNK));
  expect(first.error).toMatchObject({ error: { code: 1105 } });
  const second = at.start(tracker.consume(1));
  expect(second).toMatchObject({ ended: true, error: undefined });
  tracker.release(tracker.consumed);
  at.end();
});

test('closing while rows are written lets waiters go on and leaves nothing', () => {
  const at = new ContainerWorld(2 * CHUNK);
  for (let i = 0; i < 2; i++) at.start(at.container.add(chunk(i * 1024), 1024));
  at.pass(1);
  const tracker = at.session.statement.newExecutorTracker(2);
  const waiting = at.start(tracker.consume(100));
  at.pass(ON_DISK / 2);
  at.container.close();
  expect(waiting.ended).toBe(true);
  tracker.release(100);
  at.end();
  expect([at.node.tracker.consumed, at.node.storage.tracker.consumed]).toEqual([0, 0]);
});

test('a full temporary storage is told to whoever wants the rows', () => {
  const at = new ContainerWorld(2 * CHUNK, 2 * ON_DISK);
  for (let i = 0; i < 2; i++) at.start(at.container.add(chunk(i * 1024), 1024));
  at.pass(1_000_000);
  expect(at.log).toEqual(['memory exceeds quota, spill to disk now.', 'spill to disk failed']);
  const read = at.start(at.container.getChunk(0));
  expect(read.error).toMatchObject({ code: 1105, message: 'Out Of Global Storage Quota!' });
  at.end();
  expect(at.node.storage.files).toEqual([]);
});

test('the file that another statement is writing is not what this one leaves', () => {
  const left: number[] = [];
  const at = new ContainerWorld(2 * CHUNK, -1, ({ left: { files } }) => left.push(files));
  for (let i = 0; i < 2; i++) at.start(at.container.add(chunk(i * 1024), 1024));
  // In the middle of the first chunk: there are bytes in the file, and nobody is charged for them.
  at.pass(ON_DISK / 2);
  expect(at.node.storage.files).toMatchObject([{ bytes: ON_DISK }]);
  expect(at.node.storage.tracker.consumed).toBe(0);
  const other = at.newSession(2);
  const tracker = other.statement.newExecutorTracker(1);
  tracker.charge(1);
  tracker.release(1);
  other.end(undefined);
  expect(left).toEqual([0]);
  at.end();
  expect(left).toEqual([0, 0]);
});

test('a file that is not removed is left by the statement that made it', () => {
  const left: number[] = [];
  const at = new ContainerWorld(2 * CHUNK, -1, ({ left: { files } }) => left.push(files));
  at.session.statement.storage.create('forgotten');
  at.start(at.container.add(chunk(0), 1024));
  at.end();
  expect(left).toEqual([1]);
});
