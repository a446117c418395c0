import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf, type MvccClient, MvccWorld, resolve } from '../../testing/mvcc-world.ts';
import { type BugName, NO_BUGS } from '../bugs.ts';
import type { Lock, Mutation } from './index.ts';
import { visibleValue } from './index.ts';

const TTL_MS = 20;
const KEYS = ['a', 'b', 'c'];

/** What a random transaction does to one key. `index` puts without a pessimistic lock. */
type Intent = 'put' | 'delete' | 'lock' | 'index';

interface Plan {
  readonly pessimistic: boolean;
  readonly intents: readonly (readonly [key: string, intent: Intent])[];
}

type Running = Generator<void, void>;

/** Waits for a lock's transaction, or ends it if it is dead. */
function* settle(world: MvccWorld, lock: Lock): Running {
  yield* resolve(world, lock, 0);
  yield;
}

function* lockAll(world: MvccWorld, client: MvccClient, keys: readonly string[]) {
  let forUpdateTs = client.startTs;
  for (const key of keys) {
    for (;;) {
      yield;
      const [error] = client.lock(key, forUpdateTs, false).errors;
      if (error === undefined) break;
      if (error.kind === 'KeyIsLocked') yield* settle(world, error.lock);
      else if (error.kind === 'WriteConflict') forUpdateTs = world.tso();
      else return undefined;
    }
  }
  return forUpdateTs;
}

function* prewriteAll(
  world: MvccWorld,
  client: MvccClient,
  mutations: readonly Mutation[],
  forUpdateTs: number,
) {
  for (const mutation of mutations) {
    for (;;) {
      yield;
      const [error] = client.prewrite(mutation, forUpdateTs).errors;
      if (error === undefined) break;
      if (error.kind !== 'KeyIsLocked') return false;
      yield* settle(world, error.lock);
    }
  }
  return true;
}

/** Commits the primary; undefined if the transaction was rolled back meanwhile. */
function* commitPrimary(world: MvccWorld, client: MvccClient, mutations: readonly Mutation[]) {
  for (;;) {
    const commitTs = world.tso();
    yield;
    const [error] = client.commit(client.primary, commitTs).errors;
    if (error === undefined) {
      const changed = mutations.filter(({ op }) => op !== 'lock');
      const entries = changed.map(({ key, value }) => [`${key.values[0]}`, value] as const);
      world.decided(client.startTs, commitTs, new Map(entries));
      return commitTs;
    }
    if (error.kind !== 'CommitTsExpired') return undefined;
  }
}

/** Two-phase commit as client-go runs it, one request between two yields. */
function* twoPhaseCommit(
  world: MvccWorld,
  client: MvccClient,
  mutations: readonly Mutation[],
  forUpdateTs: number,
) {
  const prewritten = yield* prewriteAll(world, client, mutations, forUpdateTs);
  const commitTs = prewritten ? yield* commitPrimary(world, client, mutations) : undefined;
  for (const { key } of mutations) {
    yield;
    const name = `${key.values[0]}`;
    if (commitTs === undefined) client.rollback(name);
    else if (name !== client.primary) client.commit(name, commitTs);
  }
}

function* runTransaction(world: MvccWorld, plan: Plan): Running {
  const [first] = plan.intents;
  if (first === undefined) return;
  const client = world.client(world.tso(), first[0], TTL_MS);
  const isLocked = (intent: Intent): boolean => plan.pessimistic && intent !== 'index';
  const locked = plan.intents.filter(([, intent]) => isLocked(intent)).map(([key]) => key);
  const forUpdateTs = plan.pessimistic ? yield* lockAll(world, client, locked) : 0;
  if (forUpdateTs === undefined) return;
  const mutations = plan.intents.map(([key, intent], i): Mutation => {
    const op = intent === 'index' ? 'put' : intent;
    const value = op === 'put' ? [client.startTs * 10 + i] : null;
    return { op, key: keyOf(key), value, pessimisticLock: isLocked(intent) };
  });
  yield* twoPhaseCommit(world, client, mutations, forUpdateTs);
}

function* runReader(world: MvccWorld, key: string, readTs: number): Running {
  const bypass: number[] = [];
  for (;;) {
    yield;
    const lock = world.observe(key, readTs, bypass);
    if (lock === undefined) return;
    if ((yield* resolve(world, lock, readTs)) === 'bypass') bypass.push(lock.startTs);
  }
}

/**
 * Lets the choices decide who takes the next step, which old request arrives once more, and when a
 * lock's time to live runs out. Whoever has not finished by then never will: its client has died.
 */
function interleave(world: MvccWorld, running: Running[], choices: readonly number[]): void {
  for (const choice of choices) {
    const action = choice % 16;
    const pick = Math.floor(choice / 16);
    if (action === 0) world.advance(TTL_MS + 1);
    else if (action === 1) world.sent[pick % Math.max(1, world.sent.length)]?.();
    else if (action === 2) {
      running.push(runReader(world, KEYS[pick % KEYS.length] as string, world.tso()));
    } else running[pick % running.length]?.next();
  }
}

const intent = fc.constantFrom<Intent>('put', 'delete', 'lock', 'index');
const plan: fc.Arbitrary<Plan> = fc
  .tuple(
    fc.boolean(),
    fc.shuffledSubarray(KEYS, { minLength: 1 }),
    fc.array(intent, { minLength: 3 }),
  )
  .map(([pessimistic, keys, intents]) => ({
    pessimistic,
    // The primary of a pessimistic transaction is the first key it locked.
    intents: keys.map((key, i) => {
      const wanted = intents[i] as Intent;
      return [key, i === 0 && wanted === 'index' ? 'put' : wanted] as const;
    }),
  }));
const choices = fc.array(fc.nat(0xffff), { minLength: 20, maxLength: 400 });

describe('transactions interleaved in any order, with repeated requests and dead clients', () => {
  it('keep one lock a key, one outcome a transaction, and every snapshot as it was', () => {
    const property = fc.property(
      fc.array(plan, { minLength: 2, maxLength: 5 }),
      choices,
      (plans, order) => {
        const world = new MvccWorld();
        interleave(
          world,
          plans.map((each) => runTransaction(world, each)),
          order,
        );
        expect(world.judge()).toEqual([]);
      },
    );
    fc.assert(property, { seed: 20221, numRuns: 2000 });
  });
});

/** Reads the number of the last row at `readTs`, row by row, as an index scan would. */
function* lastRow(world: MvccWorld, readTs: number) {
  const bypass: number[] = [];
  for (let n = 1; ; ) {
    yield;
    const lock = world.observe(`r${n + 1}`, readTs, bypass);
    if (lock !== undefined) {
      if ((yield* resolve(world, lock, readTs)) === 'bypass') bypass.push(lock.startTs);
    } else if (visibleValue(world.engine, keyOf(`r${n + 1}`), readTs) === undefined) return n;
    else n++;
  }
}

/** One posting: locks the last row and inserts its successor, which nothing else protects. */
function* runPosting(world: MvccWorld): Running {
  const startTs = world.tso();
  let forUpdateTs = startTs;
  for (let attempt = 0; ; attempt++) {
    const stale = attempt > 0 && world.bugs.has('txn.staleForUpdateTs');
    if (attempt > 0 && !stale) forUpdateTs = world.tso();
    const last = yield* lastRow(world, forUpdateTs);
    const client = world.client(startTs, `r${last}`, TTL_MS);
    yield;
    let [error] = client.lock(`r${last}`, forUpdateTs, attempt > 0).errors;
    while (error?.kind === 'KeyIsLocked') {
      yield* settle(world, error.lock);
      [error] = client.lock(`r${last}`, forUpdateTs, attempt > 0).errors;
    }
    if (error?.kind === 'WriteConflict') continue;
    if (error !== undefined) return;
    const mutations: Mutation[] = [
      { op: 'lock', key: keyOf(`r${last}`), value: null, pessimisticLock: true },
      { op: 'put', key: keyOf(`r${last + 1}`), value: [startTs], pessimisticLock: false },
    ];
    yield* twoPhaseCommit(world, client, mutations, forUpdateTs);
    return;
  }
}

/** Postings on one account must number their rows without a gap and without a double. */
function chainProperty(bug: BugName | undefined) {
  return fc.property(fc.integer({ min: 2, max: 4 }), choices, (postings, order) => {
    const world = new MvccWorld(bug === undefined ? NO_BUGS : new Set([bug]));
    const running = Array.from({ length: postings }, () => runPosting(world));
    interleave(world, running, order);
    const rows = world.changedKeys();
    return world.judge().length === 0 && rows.every((row, i) => row === `r${i + 2}`);
  });
}

describe('the ledger chain', () => {
  it('numbers the rows of an account without gap or double', () => {
    fc.assert(chainProperty(undefined), { seed: 32624, numRuns: 2000 });
  });

  it.each<BugName>([
    'txn.lockRecordDropped',
    'txn.conflictCheckIgnoresLockType',
    'txn.staleForUpdateTs',
  ])('is broken by %s', (bug) => {
    const verdict = fc.check(chainProperty(bug), { seed: 32624, numRuns: 2000 });
    expect(verdict.failed).toBe(true);
  });
});
