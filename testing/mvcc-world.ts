import { type Bugs, NO_BUGS } from '../cluster/bugs.ts';
import { type Key, keySpace, makeKey, type Stored } from '../cluster/key.ts';
import {
  acquirePessimisticLock,
  batchRollback,
  blockingLock,
  type CommandResult,
  checkTxnStatus,
  commit,
  type Lock,
  type Modify,
  type Mutation,
  pessimisticRollback,
  prewrite,
  resolveLock,
  visibleValue,
  WRITE_ROLLBACK,
} from '../cluster/mvcc/index.ts';
import { composeTs, physicalMs } from '../cluster/timestamp.ts';
import { MemoryEngine } from './memory-engine.ts';

const SPACE = keySpace({
  tableId: 1,
  indexId: 0,
  name: 't',
  keyKinds: ['string'],
  valueKinds: ['int'],
});

/** The key called `name`. */
export function keyOf(name: string): Key {
  return makeKey(SPACE, [name]);
}

/** The name of a key made by {@link keyOf}. */
export function nameOf(key: Key): string {
  return String(key.values[0]);
}

/** What one transaction changed, as it told the model. */
export type Changes = ReadonlyMap<string, readonly Stored[] | null>;

interface Observation {
  readonly key: string;
  readonly readTs: number;
  readonly value: readonly Stored[] | undefined;
}

/**
 * One store, one oracle, and beside them a model that knows only which transactions had their
 * primary committed. Whatever breaks an invariant is noted in `violations`.
 */
export class MvccWorld {
  readonly engine = new MemoryEngine();
  readonly violations: string[] = [];
  /** Requests already sent; each may reach the store again. */
  readonly sent: (() => void)[] = [];
  readonly bugs: Bugs;
  private readonly committed = new Map<number, { commitTs: number; changes: Changes }>();
  private readonly observations: Observation[] = [];
  private ms = 1;
  private logical = 0;

  constructor(bugs: Bugs = NO_BUGS) {
    this.bugs = bugs;
  }

  /** A timestamp from the oracle. */
  tso(): number {
    this.logical++;
    return composeTs(this.ms, this.logical);
  }

  /** Lets time pass. */
  advance(ms: number): void {
    this.ms += ms;
  }

  /** Milliseconds by the oracle's clock. */
  nowMs(): number {
    return this.ms;
  }

  /** Sends a command that answers with errors, and remembers it for redelivery. */
  send<R extends Pick<CommandResult, 'modifies'>>(command: () => R): R {
    this.sent.push(() => this.apply(command().modifies));
    const result = command();
    this.apply(result.modifies);
    return result;
  }

  /** The primary was committed: from here on the changes are in every later snapshot. */
  decided(startTs: number, commitTs: number, changes: Changes): void {
    if (this.committed.has(startTs)) this.violations.push(`${startTs} decided twice`);
    this.committed.set(startTs, { commitTs, changes });
  }

  /**
   * Names of the keys changed by decided transactions, in order of commitTs, one for each change.
   */
  changedKeys(): string[] {
    const decided = [...this.committed.values()].sort((a, b) => a.commitTs - b.commitTs);
    return decided.flatMap(({ changes }) => [...changes.keys()]);
  }

  /**
   * Reads a key in a snapshot. Answers with the lock in the way, if there is one; what was read is
   * judged at the end.
   */
  observe(key: string, readTs: number, bypass: readonly number[]): Lock | undefined {
    const blocked = blockingLock(this.engine, keyOf(key), readTs, bypass);
    if (blocked !== undefined) return blocked;
    const value = visibleValue(this.engine, keyOf(key), readTs);
    this.observations.push({ key, readTs, value });
    return undefined;
  }

  /** Checks what must hold once nothing more happens. */
  judge(): readonly string[] {
    for (const seen of this.observations) {
      const expected = this.modelValue(seen.key, seen.readTs);
      if (`${seen.value}` === `${expected}`) continue;
      this.violations.push(`${seen.key} at ${seen.readTs}: ${seen.value}, model: ${expected}`);
    }
    for (const { key, writes } of this.engine.keys()) {
      for (const { type, startTs, commitTs } of writes) {
        const outcome = type === WRITE_ROLLBACK ? undefined : commitTs;
        if (this.committed.get(startTs)?.commitTs === outcome) continue;
        this.violations.push(`${nameOf(key)}: ${startTs} ends at ${outcome}`);
      }
    }
    this.checkComplete();
    return this.violations;
  }

  /** A decided transaction has on each of its keys a record, or a lock that will become one. */
  private checkComplete(): void {
    const states = new Map(this.engine.keys().map((state) => [nameOf(state.key), state]));
    for (const [startTs, { commitTs, changes }] of this.committed) {
      for (const name of changes.keys()) {
        const state = states.get(name);
        const written = state?.writes.some((write) => write.commitTs === commitTs) === true;
        const locked = state?.lock?.startTs === startTs && state.lock.type !== 'pessimistic';
        if (!written && !locked) this.violations.push(`${name}: ${startTs} left no trace`);
      }
    }
  }

  private modelValue(key: string, readTs: number): readonly Stored[] | undefined {
    let newest = -1;
    let value: readonly Stored[] | undefined;
    for (const { commitTs, changes } of this.committed.values()) {
      if (commitTs > readTs || commitTs < newest || !changes.has(key)) continue;
      newest = commitTs;
      value = changes.get(key) ?? undefined;
    }
    return value;
  }

  private apply(modifies: readonly Modify[]): void {
    for (const modify of modifies) this.checkModify(modify);
    this.engine.apply(modifies);
  }

  /** A key has one lock, and a place among its records belongs to one transaction. */
  private checkModify(modify: Modify): void {
    if (modify.kind === 'put-lock') {
      const standing = this.engine.lock(modify.lock.key);
      if (standing === undefined || standing.startTs === modify.lock.startTs) return;
      this.violations.push(`${nameOf(modify.lock.key)}: a lock buried another's`);
    } else if (modify.kind === 'put-write') {
      const there = this.engine.writes(modify.key, modify.write.commitTs);
      if (!there.valid || there.commitTs !== modify.write.commitTs) return;
      if (there.startTs === modify.write.startTs) return;
      this.violations.push(`${nameOf(modify.key)}: a record buried another's`);
    }
  }

  /** Requests of one transaction. */
  client(startTs: number, primary: string, ttlMs: number): MvccClient {
    return new MvccClient(this, startTs, primary, ttlMs);
  }
}

/** The requests a TiDB session sends, with what never changes during a transaction filled in. */
export class MvccClient {
  readonly startTs: number;
  readonly primary: string;
  private readonly world: MvccWorld;
  private readonly ttlMs: number;

  constructor(world: MvccWorld, startTs: number, primary: string, ttlMs: number) {
    this.world = world;
    this.startTs = startTs;
    this.primary = primary;
    this.ttlMs = ttlMs;
  }

  /** Locks one key and reads it. */
  lock(
    name: string,
    forUpdateTs: number,
    retry: boolean,
  ): ReturnType<typeof acquirePessimisticLock> {
    const { engine, bugs } = this.world;
    const request = {
      kind: 'pessimistic-lock',
      keys: [keyOf(name)],
      primary: keyOf(this.primary),
      startTs: this.startTs,
      forUpdateTs,
      ttlMs: this.liveTtlMs(),
      isFirstLock: name === this.primary,
      waitTimeoutMs: 0,
      shouldNotExist: [false],
      returnValues: true,
      retry,
    } as const;
    return this.world.send(() => acquirePessimisticLock(engine, request, { bugs }));
  }

  /** Prewrites one key. */
  prewrite(mutation: Mutation, forUpdateTs: number): CommandResult {
    const { engine } = this.world;
    const request = {
      kind: 'prewrite',
      mutations: [mutation],
      primary: keyOf(this.primary),
      startTs: this.startTs,
      forUpdateTs,
      ttlMs: this.liveTtlMs(),
      txnSize: 1,
      minCommitTs: Math.max(this.startTs, forUpdateTs) + 1,
      isRetry: false,
    } as const;
    return this.world.send(() => prewrite(engine, request, 0));
  }

  /** Commits one key. */
  commit(name: string, commitTs: number): CommandResult {
    const { engine, bugs } = this.world;
    const { startTs } = this;
    const request = { kind: 'commit', keys: [keyOf(name)], startTs, commitTs } as const;
    return this.world.send(() => commit(engine, request, { bugs }));
  }

  /** Gives one key up. */
  rollback(name: string): CommandResult {
    const { engine } = this.world;
    const { startTs } = this;
    const request = { kind: 'batch-rollback', keys: [keyOf(name)], startTs } as const;
    return this.world.send(() => batchRollback(engine, request));
  }

  private liveTtlMs(): number {
    return this.world.nowMs() - physicalMs(this.startTs) + this.ttlMs;
  }
}

/** What a lock resolver learnt: read past the lock, or try again. */
export type Resolved = 'bypass' | 'retry';

/**
 * Client-go's lock resolver, one request between two yields: asks the primary, then settles the
 * lock. `callerStartTs` is 0 for a writer.
 */
export function* resolve(
  world: MvccWorld,
  lock: Lock,
  callerStartTs: number,
): Generator<void, Resolved> {
  const { engine, bugs } = world;
  const { key, startTs } = lock;
  const pessimistic = lock.type === 'pessimistic';
  const expired = physicalMs(startTs) + lock.ttlMs < world.nowMs();
  const request = {
    kind: 'check-txn-status',
    primary: lock.primary,
    lockTs: startTs,
    callerStartTs,
    currentTs: world.tso(),
    rollbackIfNotExist: expired,
    forceSyncCommit: false,
    resolvingPessimisticLock: pessimistic,
  } as const;
  const { status } = world.send(() => checkTxnStatus(engine, request));
  yield;
  if (status === undefined) return 'retry';
  if (status.lockTtlMs > 0) return status.action === 'MinCommitTSPushed' ? 'bypass' : 'retry';
  if (pessimistic) {
    const release = {
      kind: 'pessimistic-rollback',
      keys: [key],
      startTs,
      forUpdateTs: lock.forUpdateTs,
    } as const;
    world.send(() => pessimisticRollback(engine, release));
  } else {
    const { commitTs } = status;
    const settle = { kind: 'resolve-lock', keys: [key], startTs, commitTs } as const;
    world.send(() => resolveLock(engine, settle, { bugs }));
  }
  return 'retry';
}
