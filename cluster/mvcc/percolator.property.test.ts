import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolve } from '../../testing/mvcc-resolver.ts';
import { keyOf, type MvccClient, MvccWorld, type PrewriteWish } from '../../testing/mvcc-world.ts';
import { type BugName, type Bugs, NO_BUGS } from '../bugs.ts';
import { composeTs } from '../timestamp.ts';
import type { KeyError, Lock, Mutation } from './index.ts';
import { visibleValue } from './index.ts';

const TTL_MS = 20;
const KEYS = ['a', 'b', 'c'];
const READ = ['a', 'b', 'c', 'ia', 'ib', 'ic'];

/**
 * What a random transaction does to one key. `index` locks it and puts an entry beside it, which
 * nothing but that lock protects.
 */
type Intent = 'put' | 'delete' | 'lock' | 'index';

/** How it means to be decided. */
type Protocol = 'two-phase' | 'async' | 'one-phase';

interface Plan {
  readonly pessimistic: boolean;
  readonly protocol: Protocol;
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

/** Sends one prewrite until no lock is in its way. Answers with the error that ended it. */
function* prewriteSome(
  world: MvccWorld,
  client: MvccClient,
  mutations: readonly Mutation[],
  wish: PrewriteWish,
): Generator<void, { error?: KeyError; minCommitTs: number; onePcCommitTs: number }> {
  for (let isRetry = false; ; isRetry = true) {
    yield;
    const { errors, ...result } = client.prewrite(mutations, { ...wish, isRetry });
    const [error] = errors;
    if (error === undefined) return result;
    if (error.kind !== 'KeyIsLocked') return { ...result, error };
    yield* settle(world, error.lock);
  }
}

/** Commits the primary; undefined if the transaction was rolled back meanwhile. */
function* commitPrimary(world: MvccWorld, client: MvccClient): Generator<void, number | undefined> {
  for (;;) {
    const commitTs = world.tso();
    yield;
    const [error] = client.commit(client.primary, commitTs).errors;
    if (error === undefined) return commitTs;
    if (error.kind !== 'CommitTsExpired') return undefined;
  }
}

/** What the first phase came to: a commit timestamp, a refusal, or nothing yet. */
type Prewritten = number | 'refused' | 'locked';

function* prewriteAll(
  world: MvccWorld,
  client: MvccClient,
  { mutations, forUpdateTs, protocol }: Commit,
): Generator<void, Prewritten> {
  let minCommitTs = world.tso() + 1;
  const maxCommitTs = composeTs(world.nowMs() + TTL_MS / 2, 0);
  if (protocol === 'one-phase') {
    const wish = { forUpdateTs, minCommitTs, maxCommitTs, tryOnePc: true };
    const answer = yield* prewriteSome(world, client, mutations, wish);
    if (answer.error !== undefined) return 'refused';
    return answer.onePcCommitTs > 0 ? answer.onePcCommitTs : 'locked';
  }
  let isAsync = protocol === 'async';
  const others = mutations.slice(1).map(({ key }) => key);
  for (const [i, mutation] of mutations.entries()) {
    const secondaries = i === 0 ? others : [];
    const wish = isAsync ? { forUpdateTs, minCommitTs, maxCommitTs, secondaries } : { forUpdateTs };
    const answer = yield* prewriteSome(world, client, [mutation], wish);
    if (answer.error !== undefined) return 'refused';
    if (answer.minCommitTs === 0) isAsync = false;
    minCommitTs = Math.max(minCommitTs, answer.minCommitTs);
  }
  return isAsync ? minCommitTs : 'locked';
}

interface Commit {
  /** The primary's comes first. */
  readonly mutations: readonly Mutation[];
  readonly forUpdateTs: number;
  readonly protocol: Protocol;
}

/** A commit as client-go runs it, one request between two yields. */
function* commitAll(world: MvccWorld, client: MvccClient, commit: Commit): Running {
  const { mutations } = commit;
  const { startTs, primary } = client;
  const names = mutations.map(({ key }) => `${key.values[0]}`);
  const changed = mutations.filter(({ op }) => op !== 'lock');
  const changes = new Map(changed.map(({ key, value }) => [`${key.values[0]}`, value] as const));
  world.register(startTs, { primary, names, changes });
  const prewritten = yield* prewriteAll(world, client, commit);
  let commitTs: number | undefined;
  if (prewritten === 'locked') commitTs = yield* commitPrimary(world, client);
  else if (prewritten !== 'refused') commitTs = prewritten;
  world.tell(startTs, commitTs === undefined ? 'failed' : 'committed');
  for (const name of names) {
    yield;
    if (commitTs === undefined) client.rollback(name);
    else client.commit(name, commitTs);
  }
}

function* runTransaction(world: MvccWorld, plan: Plan): Running {
  const [first] = plan.intents;
  if (first === undefined) return;
  const client = world.client(world.tso(), first[0], TTL_MS);
  const names = plan.intents.map(([key]) => key);
  const forUpdateTs = plan.pessimistic ? yield* lockAll(world, client, names) : 0;
  if (forUpdateTs === undefined) return;
  const mutations = plan.intents.flatMap(([key, intent], i): Mutation[] => {
    const value = [client.startTs * 10 + i];
    const pessimisticLock = plan.pessimistic;
    if (intent === 'put') return [{ op: 'put', key: keyOf(key), value, pessimisticLock }];
    if (intent === 'delete' || intent === 'lock') {
      return [{ op: intent, key: keyOf(key), value: null, pessimisticLock }];
    }
    return [
      { op: 'lock', key: keyOf(key), value: null, pessimisticLock },
      { op: 'put', key: keyOf(`i${key}`), value, pessimisticLock: false },
    ];
  });
  yield* commitAll(world, client, { mutations, forUpdateTs, protocol: plan.protocol });
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
      running.push(runReader(world, READ[pick % READ.length] as string, world.tso()));
    } else running[pick % running.length]?.next();
  }
}

const intent = fc.constantFrom<Intent>('put', 'delete', 'lock', 'index');
const protocol = fc.constantFrom<Protocol>('two-phase', 'async', 'one-phase');
const plan: fc.Arbitrary<Plan> = fc
  .tuple(
    fc.boolean(),
    protocol,
    fc.shuffledSubarray(KEYS, { minLength: 1 }),
    fc.array(intent, { minLength: 3 }),
  )
  .map(([pessimistic, how, keys, intents]) => ({
    pessimistic,
    protocol: how,
    intents: keys.map((key, i) => [key, intents[i] as Intent] as const),
  }));
const choices = fc.array(fc.nat(0xffff), { minLength: 20, maxLength: 400 });

/** A run that is to fail; how small it can be made does not matter. */
const UNSOUND = { seed: 32624, numRuns: 10_000, endOnFailure: true };

function historyProperty(bugs: Bugs) {
  const plans = fc.array(plan, { minLength: 2, maxLength: 5 });
  return fc.property(plans, choices, (all, order) => {
    const world = new MvccWorld(bugs);
    const running = all.map((each) => runTransaction(world, each));
    interleave(world, running, order);
    expect(world.judge()).toEqual([]);
  });
}

describe('transactions interleaved in any order, with repeated requests and dead clients', () => {
  it('keep one lock a key, one outcome a transaction, and every snapshot as it was', () => {
    fc.assert(historyProperty(NO_BUGS), { seed: 20221, numRuns: 4000 });
  });

  it.each<BugName>([
    'txn.amendAlways',
    'txn.asyncFallbackNotIdempotent',
    'txn.commitIgnoresMinCommitTs',
    'txn.commitReportedConflict',
    'txn.maxTsIgnoresReads',
    'txn.onePcMaxTs',
    'txn.retriedPrewriteSkipsCheck',
    'txn.secondaryCheckLeavesNoRollback',
  ])('do not with %s', (bug) => {
    const verdict = fc.check(historyProperty(new Set([bug])), UNSOUND);
    expect(verdict.failed).toBe(true);
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
function* runPosting(world: MvccWorld, protocol: Protocol): Running {
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
    yield* commitAll(world, client, { mutations, forUpdateTs, protocol });
    return;
  }
}

/** Postings on one account must number their rows without a gap and without a double. */
function chainProperty(bug: BugName | undefined) {
  const postings = fc.array(protocol, { minLength: 2, maxLength: 4 });
  return fc.property(postings, choices, (protocols, order) => {
    const world = new MvccWorld(bug === undefined ? NO_BUGS : new Set([bug]));
    const running = protocols.map((each) => runPosting(world, each));
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
    const verdict = fc.check(chainProperty(bug), UNSOUND);
    expect(verdict.failed).toBe(true);
  });
});
