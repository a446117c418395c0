import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_BUGS } from '../../bugs.ts';
import { Dictionary } from '../../dictionary.ts';
import { type Key, keySpace, makeKey, prefixEnd, type Stored } from '../../key.ts';
import { MAX_TS } from '../../mvcc/engine.ts';
import { WRITE_DELETE, WRITE_PUT, type WriteRecord, type WriteType } from '../../mvcc/records.ts';
import { ConcurrencyManager } from '../concurrency-manager.ts';
import { scan } from '../coprocessor.ts';
import { collectGarbage } from '../gc.ts';
import { decodeBound } from './bound.ts';
import { Engine } from './engine.ts';

const space = keySpace({
  tableId: 7,
  indexId: 0,
  name: 't',
  keyKinds: ['string', 'int'],
  valueKinds: ['int', 'string'],
});

interface Step {
  readonly name: string | null;
  readonly number: number | bigint;
  readonly ts: number;
  readonly type: WriteType;
}

const step: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom(null, null, '', 'a', 'ab', 'b', 'z\u0000y', 'zz'),
  number: fc.oneof(
    fc.integer({ min: -3, max: 40 }),
    fc.constantFrom(2n ** 62n, 2n ** 62n + 1n, -(2n ** 61n)),
  ),
  ts: fc.integer({ min: 1, max: 60 }),
  type: fc.constantFrom<WriteType>(0, 0, 0, 1, 2, 3),
});

function record(type: WriteType, ts: number): WriteRecord {
  return { type, startTs: ts, commitTs: ts, overlappedRollback: false, protectedRollback: false };
}

/** The obviously right one: every record in a list. */
class Model {
  readonly records = new Map<string, { key: Key; write: WriteRecord; value: Stored[] | null }>();

  put(key: Key, write: WriteRecord, value: Stored[] | null): void {
    this.records.set(`${key.encoded}@${write.commitTs}`, { key, write, value });
  }

  visible(start: string, end: string, readTs: number): Stored[][] {
    const newest = new Map<string, { key: Key; write: WriteRecord; value: Stored[] | null }>();
    for (const entry of this.records.values()) {
      const { key, write } = entry;
      if (key.encoded < start || key.encoded >= end) continue;
      if (write.commitTs > readTs || write.type > WRITE_DELETE) continue;
      const known = newest.get(key.encoded);
      if (known === undefined || known.write.commitTs < write.commitTs)
        newest.set(key.encoded, entry);
    }
    return [...newest.values()]
      .filter(({ write }) => write.type === WRITE_PUT)
      .sort((a, b) => (a.key.encoded < b.key.encoded ? -1 : 1))
      .map(({ key, value }) => [...key.values, ...(value ?? [])]);
  }
}

function build(steps: readonly Step[]): { engine: Engine; model: Model } {
  const engine = new Engine(new Dictionary());
  const model = new Model();
  for (const { name, number, ts, type } of steps) {
    const key = makeKey(space, [name, number]);
    const value = type === WRITE_PUT ? [ts * 3, `v${ts}`] : null;
    engine.apply([{ kind: 'put-write', key, write: record(type, ts), value }]);
    model.put(key, record(type, ts), value);
  }
  return { engine, model };
}

function rowsOf(engine: Engine, start: string, end: string, readTs: number, descending: boolean) {
  const result = scan(engine, new ConcurrencyManager(NO_BUGS), {
    kind: 'cop',
    ranges: [{ space, start, end }],
    readTs,
    bypass: [],
    columns: [0, 1, 2, 3],
    descending,
    limit: undefined,
  });
  return Array.from({ length: result.rows }, (_, row) =>
    result.columns.map((column) => column.get(row)),
  );
}

test('a scan sees at any time what a list of all records would show', () => {
  const law = fc.property(
    fc.array(step, { maxLength: 1500, size: 'max' }),
    fc.integer({ min: 0, max: 61 }),
    fc.boolean(),
    (steps, readTs, descending) => {
      const { engine, model } = build(steps);
      const start = space.prefix;
      const end = prefixEnd(space.prefix);
      const expected = model.visible(start, end, readTs);
      if (descending) expected.reverse();
      expect(rowsOf(engine, start, end, readTs, descending)).toEqual(expected);
    },
  );
  fc.assert(law, { seed: 1, numRuns: 60 });
});

test('a scan of a part of the key space finds just the keys in it', () => {
  const law = fc.property(fc.array(step, { maxLength: 300 }), step, step, (steps, low, high) => {
    const { engine, model } = build(steps);
    const start = makeKey(space, [low.name, low.number]).encoded;
    const end = prefixEnd(
      space.prefix + makeKey(space, [high.name]).encoded.slice(space.prefix.length),
    );
    expect(rowsOf(engine, start, end, 99, false)).toEqual(model.visible(start, end, 99));
  });
  fc.assert(law, { seed: 2, numRuns: 200 });
});

test('a cursor walks the records of one key from the newest to the oldest', () => {
  const law = fc.property(fc.array(step, { maxLength: 400 }), step, (steps, target) => {
    const { engine, model } = build(steps);
    const key = makeKey(space, [target.name, target.number]);
    const expected = [...model.records.values()]
      .filter((entry) => entry.key.encoded === key.encoded && entry.write.commitTs <= target.ts)
      .map((entry) => entry.write.commitTs)
      .sort((a, b) => b - a);
    const found: number[] = [];
    for (const cursor = engine.writes(key, target.ts); cursor.valid; cursor.next()) {
      found.push(cursor.commitTs);
    }
    expect(found).toEqual(expected);
  });
  fc.assert(law, { seed: 3, numRuns: 200 });
});

test('garbage collection changes nothing for readers at or after the safe point', () => {
  const law = fc.property(
    fc.array(step, { maxLength: 600 }),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 0, max: 20 }),
    (steps, safePoint, later) => {
      const { engine, model } = build(steps);
      collectGarbage(engine, { startKey: '', endKey: '' }, safePoint);
      const end = prefixEnd(space.prefix);
      const readTs = safePoint + later;
      expect(rowsOf(engine, space.prefix, end, readTs, false)).toEqual(
        model.visible(space.prefix, end, readTs),
      );
    },
  );
  fc.assert(law, { seed: 4, numRuns: 100 });
});

test('a removed record is gone and its neighbours stay', () => {
  const engine = new Engine(new Dictionary());
  const key = makeKey(space, ['a', 1]);
  for (const ts of [5, 6, 7]) {
    engine.apply([{ kind: 'put-write', key, write: record(0, ts), value: [ts, 'x'] }]);
  }
  engine.apply([{ kind: 'delete-write', key, commitTs: 7 }]);
  const cursor = engine.writes(key, MAX_TS);
  expect([cursor.commitTs, cursor.value()]).toEqual([6, [6, 'x']]);
});

test('a bound reads back what a key was made of', () => {
  const values = [null, ''];
  const wide = keySpace({ ...space, keyKinds: ['int', 'string', 'real', 'int'] });
  const full: Stored[] = [-5, 'a\u0000b', -1.5, -(2n ** 62n)];
  expect(decodeBound(wide, makeKey(wide, full).encoded).values).toEqual(full);
  expect(decodeBound(wide, makeKey(wide, values).encoded)).toMatchObject({ values, after: false });
  expect(decodeBound(wide, prefixEnd(makeKey(wide, [3]).encoded))).toMatchObject({
    values: [3],
    after: true,
  });
});

test('keys are found however often the labels of their strings have to be spread anew', () => {
  const engine = new Engine(new Dictionary());
  const key = (i: number) => makeKey(space, [`acc${i}`, 7]);
  const order: number[] = [];
  for (let batch = 0; batch < 40; batch++) {
    for (let i = 99; i >= 0; i--) order.push(((batch * 17) % 40) * 100 + i);
  }
  for (const i of order) {
    engine.apply([{ kind: 'put-write', key: key(i), write: record(0, 5), value: [i, 'x'] }]);
  }
  expect(engine.strings.order.version).toBeGreaterThan(0);
  const lost = order.filter((i) => !engine.writes(key(i), MAX_TS).valid);
  expect(lost).toEqual([]);
  const names = rowsOf(engine, space.prefix, prefixEnd(space.prefix), 9, false).map(
    ([name]) => name,
  );
  expect(names).toEqual([...names].sort());
});
