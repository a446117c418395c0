import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Dictionary } from '../../dictionary.ts';
import { keySpace, makeKey } from '../../key.ts';
import type { Modify } from '../../mvcc/engine.ts';
import type { WriteType } from '../../mvcc/records.ts';
import { collectGarbage } from '../gc.ts';
import { clearRange, installSnapshot, takeSnapshot } from '../snapshot.ts';
import { Engine } from './engine.ts';

const space = keySpace({
  ...{ tableId: 7, indexId: 0, name: 't' },
  ...{ keyKinds: ['string', 'int'], valueKinds: ['int', 'string'] },
});
const WHOLE = {
  ...{ id: 1, startKey: '', endKey: '', peers: [] },
  epoch: { version: 1, confVer: 1 },
};
const REPLICAS = 3;

/** What one entry of the log, or a replica that errs, does to the data. */
type Change =
  | { readonly kind: 'put'; readonly key: number; readonly ts: number; readonly type: WriteType }
  | { readonly kind: 'forget'; readonly key: number; readonly ts: number }
  | { readonly kind: 'gc'; readonly safePoint: number };

/** What happens next: the next entry is applied, or something to one replica alone. */
interface Happening {
  readonly replica: number;
  readonly what: 'apply' | 'apply' | 'err' | 'snapshot' | 'clear';
}

const ts = fc.integer({ min: 1, max: 40 });
const put = fc.record({
  kind: fc.constant('put' as const),
  key: fc.integer({ min: 0, max: 400 }),
  ts,
  type: fc.constantFrom<WriteType>(0, 0, 0, 0, 1, 2, 3),
});
const forget = fc.record({
  kind: fc.constant('forget' as const),
  key: fc.integer({ min: 0, max: 400 }),
  ts,
});
const gc = fc.record({ kind: fc.constant('gc' as const), safePoint: ts });
const log = fc.array(
  fc.oneof(
    { weight: 60, arbitrary: put },
    { weight: 2, arbitrary: forget },
    { weight: 1, arbitrary: gc },
  ),
  { minLength: 200, maxLength: 900, size: 'max' },
);
const happenings = fc.array(
  fc.record({
    replica: fc.nat(REPLICAS - 1),
    what: fc.oneof(
      { weight: 300, arbitrary: fc.constant('apply' as const) },
      { weight: 1, arbitrary: fc.constantFrom('err' as const, 'snapshot' as const, 'clear') },
    ),
  }),
  { minLength: 600, maxLength: 2500, size: 'max' },
) as fc.Arbitrary<readonly Happening[]>;

function modifyOf(change: Exclude<Change, { kind: 'gc' }>): Modify {
  const key = makeKey(space, [`k${change.key % 20}`, change.key]);
  if (change.kind === 'forget') return { kind: 'delete-write', key, commitTs: change.ts };
  const { ts: at, type } = change;
  const flags = { overlappedRollback: false, protectedRollback: false };
  const value = type === 0 ? [at * 3, `v${at}`] : null;
  return { kind: 'put-write', key, write: { type, startTs: at, commitTs: at, ...flags }, value };
}

function apply(engine: Engine, change: Change): void {
  if (change.kind === 'gc') collectGarbage(engine, WHOLE, change.safePoint);
  else engine.apply([modifyOf(change)]);
}

function records(engine: Engine): string[] {
  const found: string[] = [];
  for (const { leaves } of engine.allTrees()) {
    for (const leaf of leaves) {
      for (let at = 0; at < leaf.rows; at++) {
        const key = leaf.valuesAt(at).join();
        found.push(`${leaf.keyAt(at)}@${leaf.commitTs(at)}.${leaf.type(at)}=${key}`);
      }
    }
  }
  return found;
}

/** A store among others, and one that has all to itself and goes through the same. */
class Pair {
  readonly shared: Engine;
  readonly alone = new Engine(new Dictionary());
  applied = 0;

  constructor(dictionary: Dictionary) {
    this.shared = new Engine(dictionary);
  }

  both(act: (engine: Engine) => void): void {
    act(this.shared);
    act(this.alone);
  }
}

test('replicas that share rows hold what each would hold alone, wherever they lag or err', () => {
  const law = fc.property(log, happenings, (entries, steps) => {
    const dictionary = new Dictionary();
    const pairs = Array.from({ length: REPLICAS }, () => new Pair(dictionary));
    for (const [at, { replica, what }] of steps.entries()) {
      const pair = pairs[replica] as Pair;
      const next = entries[pair.applied];
      const other = pairs[(replica + 1) % REPLICAS] as Pair;
      if (what === 'apply' && next !== undefined) {
        pair.both((engine) => apply(engine, next));
        pair.applied++;
      } else if (what === 'err') {
        pair.both((engine) => apply(engine, { kind: 'put', key: at, ts: 41, type: 0 }));
      } else if (what === 'clear') {
        pair.both((engine) => clearRange(engine, WHOLE));
      } else if (what === 'snapshot') {
        installSnapshot(pair.shared, takeSnapshot(other.shared, WHOLE));
        installSnapshot(pair.alone, takeSnapshot(other.alone, WHOLE));
        pair.applied = other.applied;
      }
    }
    for (const { shared, alone } of pairs) expect(records(shared)).toEqual(records(alone));
  });
  fc.assert(law, { seed: 5, numRuns: 60 });
});

/** How many leaves of two stores are made of the same rows. */
function sharedLeaves(a: Engine, b: Engine): number {
  const columns = new Set(a.tree(space).leaves.map((leaf) => leaf.columns));
  return b.tree(space).leaves.filter((leaf) => columns.has(leaf.columns)).length;
}

test('a replica takes over what a faster one has written; what it alone has is its own', () => {
  const dictionary = new Dictionary();
  const [fast, slow] = [new Engine(dictionary), new Engine(dictionary)];
  const entries = Array.from({ length: 1000 }, (_, i): Change => {
    return { kind: 'put', key: (i * 389) % 1009, ts: 1 + (i % 30), type: 0 };
  });
  for (const entry of entries) apply(fast, entry);
  for (const entry of entries) apply(slow, entry);
  const leaves = fast.tree(space).leaves.length;
  expect(leaves).toBeGreaterThan(7);
  expect(sharedLeaves(fast, slow)).toBe(leaves);
  apply(slow, { kind: 'put', key: 2000, ts: 41, type: 0 });
  apply(fast, { kind: 'put', key: 2020, ts: 41, type: 0 });
  expect(sharedLeaves(fast, slow)).toBe(leaves - 1);
  expect(records(slow)).not.toEqual(records(fast));
});
