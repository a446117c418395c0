import { type Bugs, NO_BUGS } from '../cluster/bugs.ts';
import { type Key, keySpace, makeKey, type Stored } from '../cluster/key.ts';
import {
  acquirePessimisticLock,
  batchRollback,
  blockingLock,
  type CommandResult,
  commit,
  type KeyError,
  type Lock,
  MAX_TS,
  type Modify,
  type Mutation,
  type PrewriteResult,
  prewrite,
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

/** What one transaction changes, as it told the model. */
export type Changes = ReadonlyMap<string, readonly Stored[] | null>;

/** A transaction as the model knows it. */
interface Known {
  readonly primary: string;
  /** Keys that get locks. */
  readonly names: readonly string[];
  readonly changes: Changes;
  /** Undefined until it is decided. */
  commitTs: number | undefined;
  /** What its client was told; undefined if it died before. */
  told: 'committed' | 'failed' | undefined;
}

interface Observation {
  readonly key: string;
  readonly readTs: number;
  readonly value: readonly Stored[] | undefined;
}

/** What every command answers with. */
interface Answer {
  readonly modifies: readonly Modify[];
  readonly errors?: readonly KeyError[];
}

/**
 * One store, one oracle, and beside them a model that knows only when each transaction was decided:
 * when its primary was committed, or when the last key of an async commit was locked. Whatever
 * breaks an invariant is noted in `violations`.
 */
export class MvccWorld {
  readonly engine = new MemoryEngine();
  readonly violations: string[] = [];
  /** Requests already sent; each may reach the store again. */
  readonly sent: (() => void)[] = [];
  readonly bugs: Bugs;
  /** How far the store has been read. */
  maxTs = 0;
  private readonly transactions = new Map<number, Known>();
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

  /**
   * Sends a command, and remembers it for redelivery. A prewrite that was refused for good is not
   * repeated: its client had the answer, so the request cannot still be on its way.
   */
  send<R extends Answer>(command: () => R): R {
    const result = command();
    this.apply(result.modifies);
    const [error] = result.errors ?? [];
    if (error === undefined || error.kind === 'KeyIsLocked') {
      this.sent.push(() => this.apply(command().modifies));
    }
    return result;
  }

  /** A client is about to prewrite these keys. */
  register(startTs: number, known: Pick<Known, 'primary' | 'names' | 'changes'>): void {
    this.transactions.set(startTs, { ...known, commitTs: undefined, told: undefined });
  }

  /** A client was told what became of its transaction. */
  tell(startTs: number, told: 'committed' | 'failed'): void {
    const known = this.transactions.get(startTs);
    if (known !== undefined) known.told = told;
  }

  /** Notes a read or a look at a timestamp. */
  advanceMaxTs(ts: number): void {
    if (ts !== MAX_TS) this.maxTs = Math.max(this.maxTs, ts);
  }

  /**
   * Names of the keys changed by decided transactions, in order of commitTs, one for each change.
   */
  changedKeys(): string[] {
    const decided = [...this.decided()].sort((a, b) => a.commitTs - b.commitTs);
    return decided.flatMap(({ changes }) => [...changes.keys()]);
  }

  /**
   * Reads a key in a snapshot. Answers with the lock in the way, if there is one; what was read is
   * judged at the end.
   */
  observe(key: string, readTs: number, bypass: readonly number[]): Lock | undefined {
    if (!this.bugs.has('txn.maxTsIgnoresReads')) this.advanceMaxTs(readTs);
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
        if (this.transactions.get(startTs)?.commitTs === outcome) continue;
        this.violations.push(`${nameOf(key)}: ${startTs} ends at ${outcome}`);
      }
    }
    this.checkComplete();
    for (const [startTs, { told, commitTs }] of this.transactions) {
      if (told === undefined || (told === 'committed') === (commitTs !== undefined)) continue;
      this.violations.push(`${startTs} ends at ${commitTs}, its client was told: ${told}`);
    }
    return this.violations;
  }

  /** A decided transaction has on each of its keys a record, or a lock that will become one. */
  private checkComplete(): void {
    const states = new Map(this.engine.keys().map((state) => [nameOf(state.key), state]));
    for (const { startTs, commitTs, changes } of this.decided()) {
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
    for (const { commitTs, changes } of this.decided()) {
      if (commitTs > readTs || commitTs < newest || !changes.has(key)) continue;
      newest = commitTs;
      value = changes.get(key) ?? undefined;
    }
    return value;
  }

  private *decided(): Generator<{ startTs: number; commitTs: number; changes: Changes }> {
    for (const [startTs, { commitTs, changes }] of this.transactions) {
      if (commitTs !== undefined) yield { startTs, commitTs, changes };
    }
  }

  private apply(modifies: readonly Modify[]): void {
    for (const modify of modifies) this.checkModify(modify);
    this.engine.apply(modifies);
    for (const modify of modifies) this.noteDecision(modify);
  }

  /** Whether this change was the one that decided its transaction. */
  private noteDecision(modify: Modify): void {
    if (modify.kind === 'put-lock') {
      const { startTs } = modify.lock;
      const known = this.transactions.get(startTs);
      if (known !== undefined) known.commitTs ??= this.asyncCommitTs(startTs, known.names);
    } else if (modify.kind === 'put-write' && modify.write.type !== WRITE_ROLLBACK) {
      const known = this.transactions.get(modify.write.startTs);
      if (known?.primary === nameOf(modify.key)) known.commitTs ??= modify.write.commitTs;
    }
  }

  /** Where an async commit is committed, if all of its locks are there. */
  private asyncCommitTs(startTs: number, names: readonly string[]): number | undefined {
    let commitTs = 0;
    for (const name of names) {
      const lock = this.engine.lock(keyOf(name));
      if (lock?.startTs !== startTs || lock.secondaries === undefined) return undefined;
      commitTs = Math.max(commitTs, lock.minCommitTs);
    }
    return commitTs;
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
      // A rollback that nobody needs may be buried; a protected one must be remembered.
      if (there.type === WRITE_ROLLBACK && !there.protectedRollback) return;
      if (modify.write.overlappedRollback) return;
      this.violations.push(`${nameOf(modify.key)}: a record buried another's`);
    }
  }

  /** Requests of one transaction. */
  client(startTs: number, primary: string, ttlMs: number): MvccClient {
    return new MvccClient(this, startTs, primary, ttlMs);
  }
}

/** How keys are to be prewritten. */
export interface PrewriteWish {
  readonly forUpdateTs: number;
  readonly minCommitTs?: number;
  readonly secondaries?: readonly Key[] | undefined;
  readonly tryOnePc?: boolean;
  readonly maxCommitTs?: number;
  readonly isRetry?: boolean;
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

  /** Prewrites some keys. */
  prewrite(mutations: readonly Mutation[], wish: PrewriteWish): PrewriteResult {
    const { engine, bugs } = this.world;
    const { forUpdateTs, isRetry = false, ...calculated } = wish;
    const request = {
      kind: 'prewrite',
      mutations,
      primary: keyOf(this.primary),
      startTs: this.startTs,
      forUpdateTs,
      ttlMs: this.liveTtlMs(),
      txnSize: mutations.length,
      minCommitTs: Math.max(this.startTs, forUpdateTs, (wish.minCommitTs ?? 0) - 1) + 1,
      ...calculated,
      isRetry,
    } as const;
    return this.world.send(() => prewrite(engine, request, this.world.maxTs, { bugs }));
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
    const { engine, bugs } = this.world;
    const { startTs } = this;
    const request = { kind: 'batch-rollback', keys: [keyOf(name)], startTs } as const;
    this.world.advanceMaxTs(startTs);
    return this.world.send(() => batchRollback(engine, request, { bugs }));
  }

  private liveTtlMs(): number {
    return this.world.nowMs() - physicalMs(this.startTs) + this.ttlMs;
  }
}
