import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryEngine } from '../../testing/memory-engine.ts';
import { keyOf } from '../../testing/mvcc-world.ts';
import { NO_BUGS } from '../bugs.ts';
import { Dictionary } from '../dictionary.ts';
import { MAX_TS, type Modify, WRITE_DELETE, WRITE_PUT, type WriteType } from '../mvcc/index.ts';
import { composeTs } from '../timestamp.ts';
import { ConcurrencyManager } from './concurrency-manager.ts';
import { collectGarbage } from './gc.ts';
import { Engine } from './index.ts';
import type { RegionInfo } from './request.ts';
import { scanLocks } from './scan-lock.ts';

const NAMES = ['a', 'b', 'm', 'z'];
const REGION: RegionInfo = {
  ...{ id: 1, startKey: '', endKey: keyOf('m').encoded, peers: [] },
  epoch: { version: 1, confVer: 1 },
};

interface Step {
  readonly name: string;
  readonly ts: number;
  readonly type: WriteType;
}

const step: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom(...NAMES),
  ts: fc.integer({ min: 1, max: 40 }),
  type: fc.constantFrom<WriteType>(0, 1, 2, 3),
});

function modifyOf({ name, ts, type }: Step): Modify {
  const flags = { overlappedRollback: false, protectedRollback: false };
  const write = { type, startTs: ts, commitTs: ts, ...flags };
  return { kind: 'put-write', key: keyOf(name), write, value: type === WRITE_PUT ? [ts] : null };
}

/** The rule, key by key: all above the safe point, and below it the newest value if it is a put. */
function remaining(engine: MemoryEngine, name: string, safePoint: number): number[] {
  const left: number[] = [];
  let settled = false;
  for (const cursor = engine.writes(keyOf(name), MAX_TS); cursor.valid; cursor.next()) {
    const { commitTs, type } = cursor;
    if (commitTs > safePoint) left.push(commitTs);
    else if (!settled && (type === WRITE_PUT || type === WRITE_DELETE)) {
      settled = true;
      if (type === WRITE_PUT) left.push(commitTs);
    }
  }
  return left;
}

function recordsOf(engine: Engine, name: string): number[] {
  const found: number[] = [];
  for (const cursor = engine.writes(keyOf(name), MAX_TS); cursor.valid; cursor.next()) {
    found.push(cursor.commitTs);
  }
  return found;
}

test('exactly the garbage of one region is dropped, and nothing of its neighbour', () => {
  const steps = fc.array(step, { maxLength: 120 });
  const law = fc.property(steps, fc.integer({ min: 0, max: 41 }), (all, safePoint) => {
    const engine = new Engine(new Dictionary());
    const model = new MemoryEngine();
    const modifies = all.map(modifyOf);
    engine.apply(modifies);
    model.apply(modifies);
    const before = NAMES.map((name) => recordsOf(engine, name).length);
    const dropped = collectGarbage(engine, REGION, safePoint);
    const after = NAMES.map((name) => recordsOf(engine, name));
    const bound = (name: string): number => (name < 'm' ? safePoint : 0);
    expect(after).toEqual(NAMES.map((name) => remaining(model, name, bound(name))));
    const lost = before.map((count, i) => count - (after[i] as number[]).length);
    expect(dropped).toBe(lost.reduce((a, b) => a + b, 0));
  });
  fc.assert(law, { seed: 7, numRuns: 300 });
});

function lockModify(name: string, startTs: number): Extract<Modify, { kind: 'put-lock' }> {
  const lock = { key: keyOf(name), type: 'put', primary: keyOf(name), startTs, ttlMs: 1 } as const;
  const rest = { forUpdateTs: 0, minCommitTs: 0, txnSize: 1, value: [1] };
  return { kind: 'put-lock', lock: { ...lock, ...rest } };
}

test('a scan for locks finds old ones, in memory or not, and bars new timestamps', () => {
  const engine = new Engine(new Dictionary());
  const concurrency = new ConcurrencyManager(NO_BUGS);
  const at = (ms: number): number => composeTs(ms, 0);
  engine.apply([lockModify('d', at(10)), lockModify('b', at(30)), lockModify('z', at(10))]);
  concurrency.publish([lockModify('c', at(20)).lock]);
  const scan = (maxVersion: number, startKey = '', limit = 10): unknown[] =>
    scanLocks(engine, concurrency, REGION, {
      kind: 'scan-lock',
      maxVersion,
      startKey,
      limit,
    }).locks.map(({ key }) => key.values[0]);
  expect(scan(at(20))).toEqual(['c', 'd']);
  expect(concurrency.maxTs).toBe(at(20));
  expect(scan(at(30))).toEqual(['b', 'c', 'd']);
  expect(scan(at(30), keyOf('c').encoded, 1)).toEqual(['c']);
  expect(scan(at(5))).toEqual([]);
});
