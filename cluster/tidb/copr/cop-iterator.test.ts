import { expect, test } from 'vitest';
import { KvCluster, keyOf, SPACE } from '../../../testing/kv-cluster.ts';
import { first, KvTap } from '../../../testing/kv-tap.ts';
import { prefixEnd } from '../../key.ts';
import type { Wait } from '../../sim/index.ts';
import type { ScanCursor, ScanSpec } from '../transaction.ts';

const SECOND = 1_000_000;
const ALL = { space: SPACE, start: SPACE.prefix, end: prefixEnd(SPACE.prefix) };
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/** Every letter has a row; `splits` cut the table. */
function table(...splits: string[]): { cluster: KvCluster; tap: KvTap } {
  const cluster = new KvCluster();
  cluster.run(write(cluster, LETTERS));
  for (const split of splits) {
    cluster.split(split);
  }
  cluster.pass(SECOND);
  cluster.run(collect(open(cluster)));
  return { cluster, tap: new KvTap(cluster) };
}

function* write(cluster: KvCluster, names: readonly string[]): Wait<void> {
  const txn = yield* cluster.storage.begin(false);
  for (const name of names) txn.buffer.put(keyOf(name), [1], false);
  yield* txn.commit();
}

function open(cluster: KvCluster, options: Partial<ScanSpec> = {}): ScanCursor {
  const readTs = cluster.run(cluster.storage.currentTs());
  const plain = { ranges: [ALL], readTs, columns: [0], keepOrder: false, descending: false };
  return cluster.storage.snapshot(readTs).scan({ ...plain, limit: undefined, ...options });
}

/** Chunks of a scan, each as the letters in it. */
function* collect(cursor: ScanCursor): Wait<string[]> {
  const chunks: string[] = [];
  for (let chunk = yield* cursor.next(); chunk !== undefined; chunk = yield* cursor.next()) {
    let letters = '';
    for (let row = 0; row < chunk.length; row++) letters += chunk.columns[0]?.get(row);
    chunks.push(letters);
  }
  return chunks;
}

test('there is one task a region, and one chunk a task', () => {
  const { cluster, tap } = table('g', 't');
  const chunks = cluster.run(collect(open(cluster)));
  expect([...chunks].sort()).toEqual(['abcdef', 'ghijkl', 'mnopqrs', 'tuvwxyz']);
  expect(tap.of('cop')).toHaveLength(4);
});

test('regions in order, although the first answers last', () => {
  const { cluster, tap } = table('g', 't');
  tap.rule = first(1, 'cop', { kind: 'refuse', error: { kind: 'StaleCommand' } });
  const ascending = cluster.run(collect(open(cluster, { keepOrder: true })));
  expect(ascending).toEqual(['abcdef', 'ghijkl', 'mnopqrs', 'tuvwxyz']);
  tap.rule = first(1, 'cop', { kind: 'refuse', error: { kind: 'StaleCommand' } });
  const descending = cluster.run(collect(open(cluster, { keepOrder: true, descending: true })));
  expect(descending).toEqual(['zyxwvut', 'srqponm', 'lkjihg', 'fedcba']);
});

test('without order, who answers first is first', () => {
  const { cluster, tap } = table('g');
  const start = keyOf('a').encoded;
  let refused = false;
  tap.rule = (body) => {
    if (refused || body.kind !== 'cop' || (body.ranges[0]?.start ?? '') > start) return undefined;
    refused = true;
    return { kind: 'refuse', error: { kind: 'StaleCommand' } };
  };
  const chunks = cluster.run(collect(open(cluster)));
  expect(chunks.at(-1)).toBe('abcdef');
});

test('a region split unknown to the client: only its part is asked again, in pieces', () => {
  const { cluster, tap } = table('g');
  cluster.split('j');
  cluster.split('k');
  const cursor = open(cluster, { keepOrder: true });
  expect(cluster.run(collect(cursor))).toEqual(['abcdef', 'ghi', 'j', 'kl', 'mnopqrstuvwxyz']);
  expect(tap.of('cop')).toHaveLength(3 + 3);
});

test('ranges are cut at region borders and empty regions are not asked', () => {
  const { cluster, tap } = table('g', 't');
  const part = (start: string, end: string) => ({
    space: SPACE,
    start: keyOf(start).encoded,
    end: keyOf(end).encoded,
  });
  const ranges = [part('b', 'd'), part('e', 'h'), part('u', 'v')];
  expect(cluster.run(collect(open(cluster, { ranges, keepOrder: true })))).toEqual([
    'bcef',
    'g',
    'u',
  ]);
  expect(
    tap
      .of('cop')
      .map(({ ranges: asked }) => asked.length)
      .sort(),
  ).toEqual([1, 1, 2]);
});

test('fifteen tasks are under way at once, and no more', () => {
  const { cluster, tap } = table(...LETTERS.slice(1));
  tap.rule = ({ kind }) => (kind === 'cop' ? { kind: 'break' } : undefined);
  const scanning = cluster.start(collect(open(cluster)));
  cluster.pass(1000);
  expect(tap.of('cop')).toHaveLength(15);
  tap.rule = undefined;
  cluster.pass(SECOND);
  expect(scanning.value?.join('')).toHaveLength(26);
});

test('a scan that meets a lock resolves it and repeats the task alone', () => {
  const { cluster, tap } = table('g');
  tap.rule = ({ kind }) => (kind === 'commit' ? { kind: 'break' } : undefined);
  cluster.start(write(cluster, ['h', 'k']));
  cluster.pass(20_000);
  expect(cluster.run(collect(open(cluster, { keepOrder: true })), SECOND)).toEqual([
    'abcdef',
    'ghijkl',
    'mnopqrstuvwxyz',
  ]);
  expect(tap.of('cop')).toHaveLength(4);
  expect(tap.of('check-txn-status')).toHaveLength(1);
});

test('a scan that cannot be answered ends in the error of its back-off', () => {
  const { cluster, tap } = table('g');
  tap.rule = (body) => (body.kind === 'cop' ? { kind: 'break' } : undefined);
  expect(() => cluster.run(collect(open(cluster)))).toThrow(
    expect.objectContaining({ code: 9002 }),
  );
});

test('a closed scan asks for nothing more', () => {
  const { cluster, tap } = table(...LETTERS.slice(1));
  const cursor = open(cluster);
  const chunk = cluster.start(cursor.next());
  while (!chunk.done) cluster.pass(1);
  cursor.close();
  const asked = tap.of('cop').length;
  cluster.pass(SECOND);
  expect(tap.of('cop').length - asked).toBeLessThanOrEqual(1);
});

test('batch gets keep the order of the keys over regions and locks', () => {
  const { cluster, tap } = table('g');
  tap.rule = ({ kind }) => (kind === 'commit' ? { kind: 'break' } : undefined);
  cluster.start(write(cluster, ['h', 'k']));
  cluster.pass(20_000);
  const readTs = cluster.run(cluster.storage.currentTs());
  const names = ['z', 'h', '0', 'a'];
  const values = cluster.run(
    cluster.storage.snapshot(readTs).batchGet(names.map(keyOf), readTs),
    SECOND,
  );
  expect(values).toEqual([[1], [1], undefined, [1]]);
});
