import { BUGS, type BugName } from '../cluster/bugs.ts';
import type { Key } from '../cluster/key.ts';
import {
  acquirePessimisticLock,
  batchRollback,
  blockingLock,
  type CheckTxnStatusRequest,
  type CommandResult,
  checkSecondaryLocks,
  checkTxnStatus,
  commit,
  type KeyError,
  type Lock,
  MAX_TS,
  type Modify,
  type Mutation,
  type PrewriteRequest,
  type PrewriteResult,
  pessimisticRollback,
  prewrite,
  type Rules,
  resolveLock,
  txnHeartBeat,
  visibleValue,
} from '../cluster/mvcc/index.ts';
import { ConcurrencyManager } from '../cluster/tikv/concurrency-manager.ts';
import { composeTs } from '../cluster/timestamp.ts';
import {
  type Args,
  type Command,
  type CommandRunner,
  ExpectedError,
  unknownCommand,
} from './golden-script.ts';
import { MemoryEngine } from './memory-engine.ts';
import {
  shownError,
  shownLock,
  shownSecondaries,
  shownStatus,
  shownTs,
  shownValue,
  shownWrite,
} from './mvcc-show.ts';
import { keyOf } from './mvcc-world.ts';

interface Session {
  readonly startTs: number;
  readonly pessimistic: boolean;
  forUpdateTs: number;
  primary: string | undefined;
  readonly locked: Set<string>;
  readonly prewritten: Set<string>;
}

const DEFAULT_TTL_MS = 3000;
/**
 * The vocabulary of `cluster/mvcc/testdata`: one command of a script is one request to a store,
 * sent by the session that prefixes it. An answer that is an error is thrown, worded as the script
 * shows it.
 *
 * begin ts=10 [pessimistic] · get a b [at=20|newest] [bypass=10] · lock a [for_update=15] [absent]
 * [retry] [ttl=] [primary=] · prewrite a=1 b=delete c=lock d=insert:4 e=absent primary=a [ttl=]
 * [min_commit=] [for_update=] [retry] [async [secondaries=b,c]|one_pc] [max_commit=] [on_its_way] ·
 * arrives · commit ts=20 [a b] · rollback [a b] · release [a b]
 * [for_update=] [start=] · heartbeat ttl= · check a start=10 [caller=] [rollback_missing]
 * [pessimistic] [force_sync] · secondaries a b start=10 · resolve a b start=10 [commit=20] ·
 * advance 100ms · defect name · dump
 */
export class MvccScript implements CommandRunner {
  private readonly engine = new MemoryEngine();
  private readonly sessions = new Map<string, Session>();
  private readonly bugs = new Set<BugName>();
  private readonly rules: Rules = { bugs: this.bugs };
  private readonly concurrency = new ConcurrencyManager(this.bugs);
  /** What was decided and is not in the store yet. */
  private onItsWay: { modifies: readonly Modify[]; memoryLocks: readonly Lock[] }[] = [];
  private nowMs = 0;
  private readonly commands: Readonly<
    Record<string, (session: string, args: Args) => readonly string[]>
  > = {
    begin: (session, args) => this.begin(session, args),
    get: (session, args) => this.get(session, args),
    lock: (session, args) => this.lock(session, args),
    prewrite: (session, args) => this.prewrite(session, args),
    arrives: () => this.arrives(),
    commit: (session, args) => this.commit(session, args),
    rollback: (session, args) => this.rollback(session, args),
    release: (session, args) => this.release(session, args),
    heartbeat: (session, args) => this.heartbeat(session, args),
    check: (session, args) => this.check(session, args),
    secondaries: (_, args) => this.secondaries(args),
    resolve: (_, args) => this.resolve(args),
    dump: () => this.dump(),
    advance: (_, args) => this.advance(args),
    defect: (_, args) => this.defect(args),
  };

  run(command: Command): readonly string[] {
    const { name, prefix = '', args } = command;
    return this.commands[name]?.(prefix, args) ?? unknownCommand(command);
  }

  private begin(name: string, args: Args): readonly string[] {
    const startTs = timestamp(args.text('ts'));
    const pessimistic = args.flag('pessimistic');
    this.sessions.set(name, {
      startTs,
      pessimistic,
      forUpdateTs: pessimistic ? startTs : 0,
      primary: undefined,
      locked: new Set(),
      prewritten: new Set(),
    });
    return [];
  }

  private get(name: string, args: Args): readonly string[] {
    const readTs = optionalTs(args, 'at') ?? this.session(name).startTs;
    const skip = optionalTs(args, 'bypass');
    const bypass = skip === undefined ? [] : [skip];
    this.concurrency.willRead(readTs);
    return args.rest().map((word) => {
      const key = keyOf(word);
      const lock =
        this.concurrency.blocking(key, readTs, bypass) ??
        blockingLock(this.engine, key, readTs, bypass);
      if (lock !== undefined) throw refusal([{ kind: 'KeyIsLocked', lock }]);
      return shownValue(word, visibleValue(this.engine, key, readTs));
    });
  }

  private lock(name: string, args: Args): readonly string[] {
    const session = this.session(name);
    const forUpdateTs = optionalTs(args, 'for_update') ?? session.forUpdateTs;
    const ttlMs = ttl(args);
    const absent = args.flag('absent');
    const retry = args.flag('retry');
    const words = args.rest();
    const isFirstLock = session.primary === undefined;
    session.primary = args.optionalText('primary') ?? session.primary ?? words[0] ?? '';
    const { values, ...result } = acquirePessimisticLock(
      this.engine,
      {
        kind: 'pessimistic-lock',
        keys: words.map(keyOf),
        primary: keyOf(session.primary),
        startTs: session.startTs,
        forUpdateTs,
        ttlMs,
        isFirstLock,
        waitTimeoutMs: 0,
        shouldNotExist: words.map(() => absent),
        returnValues: true,
        retry,
      },
      this.rules,
    );
    this.apply(result);
    session.forUpdateTs = Math.max(forUpdateTs, session.forUpdateTs);
    for (const word of words) session.locked.add(word);
    return words.map((word, i) => shownValue(word, values[i]));
  }

  private prewrite(name: string, args: Args): readonly string[] {
    const session = this.session(name);
    session.primary = args.optionalText('primary') ?? session.primary ?? '';
    const forUpdateTs = optionalTs(args, 'for_update') ?? session.forUpdateTs;
    const minCommitTs = optionalTs(args, 'min_commit') ?? 0;
    const ttlMs = ttl(args);
    const maxCommitTs = optionalTs(args, 'max_commit') ?? 0;
    const isRetry = args.flag('retry');
    const onePc = args.flag('one_pc');
    const isAsync = args.flag('async');
    const listed = args.optionalText('secondaries')?.split(',');
    const onItsWay = args.flag('on_its_way');
    const pairs = args.pairs();
    const others = listed ?? pairs.map(([key]) => key).filter((key) => key !== session.primary);
    const mutations = pairs.map(([key, text]) => mutation(key, text, session.locked.has(key)));
    const request: PrewriteRequest = {
      kind: 'prewrite',
      mutations,
      primary: keyOf(session.primary),
      startTs: session.startTs,
      forUpdateTs,
      ttlMs,
      txnSize: mutations.length,
      minCommitTs,
      maxCommitTs,
      isRetry,
      ...(isAsync ? { secondaries: others.map(keyOf) } : {}),
      ...(onePc ? { tryOnePc: true } : {}),
    };
    const result = prewrite(this.engine, request, this.concurrency.maxTs, this.rules);
    for (const [key] of pairs) session.prewritten.add(key);
    if (onItsWay && result.errors.length === 0) {
      this.concurrency.publish(result.memoryLocks);
      this.onItsWay.push(result);
    } else this.apply(result);
    return isAsync || onePc ? [shownDecision(result)] : [];
  }

  private arrives(): readonly string[] {
    for (const { modifies, memoryLocks } of this.onItsWay) {
      this.engine.apply(modifies);
      this.concurrency.withdraw(memoryLocks);
    }
    this.onItsWay = [];
    return [];
  }

  private secondaries(args: Args): readonly string[] {
    const startTs = timestamp(args.text('start'));
    const keys = args.rest().map(keyOf);
    this.concurrency.advance(startTs);
    const currentTs = composeTs(this.nowMs, 0);
    this.concurrency.advance(currentTs);
    const request = { kind: 'check-secondary-locks', keys, startTs, currentTs } as const;
    const { modifies, status } = checkSecondaryLocks(this.engine, request, this.rules);
    this.engine.apply(modifies);
    return shownSecondaries(status);
  }

  private commit(name: string, args: Args): readonly string[] {
    const { startTs, prewritten } = this.session(name);
    const commitTs = timestamp(args.text('ts'));
    const keys = keysOr(args.rest(), prewritten);
    return this.apply(commit(this.engine, { kind: 'commit', keys, startTs, commitTs }, this.rules));
  }

  private rollback(name: string, args: Args): readonly string[] {
    const { startTs, prewritten, locked } = this.session(name);
    const keys = keysOr(args.rest(), new Set([...prewritten, ...locked]));
    return this.apply(
      batchRollback(this.engine, { kind: 'batch-rollback', keys, startTs }, this.rules),
    );
  }

  private release(name: string, args: Args): readonly string[] {
    const session = this.sessions.get(name);
    const startTs = optionalTs(args, 'start') ?? this.session(name).startTs;
    const forUpdateTs = optionalTs(args, 'for_update') ?? MAX_TS;
    const keys = keysOr(args.rest(), session?.locked ?? new Set());
    return this.apply(
      pessimisticRollback(this.engine, {
        kind: 'pessimistic-rollback',
        keys,
        startTs,
        forUpdateTs,
      }),
    );
  }

  private heartbeat(name: string, args: Args): readonly string[] {
    const { startTs, primary = '' } = this.session(name);
    const adviseTtlMs = ttl(args);
    const { ttlMs, error, modifies } = txnHeartBeat(this.engine, {
      kind: 'txn-heart-beat',
      primary: keyOf(primary),
      startTs,
      adviseTtlMs,
    });
    this.apply({ modifies, errors: error === undefined ? [] : [error] });
    return [`ttl=${ttlMs}ms`];
  }

  private check(name: string, args: Args): readonly string[] {
    const word = args.next('key');
    const lockTs = timestamp(args.text('start'));
    const request: CheckTxnStatusRequest = {
      kind: 'check-txn-status',
      primary: keyOf(word),
      lockTs,
      callerStartTs: optionalTs(args, 'caller') ?? this.session(name).startTs,
      currentTs: composeTs(this.nowMs, 0),
      rollbackIfNotExist: args.flag('rollback_missing'),
      forceSyncCommit: args.flag('force_sync'),
      resolvingPessimisticLock: args.flag('pessimistic'),
    };
    const { status, error, modifies } = checkTxnStatus(this.engine, request, this.rules);
    this.apply({ modifies, errors: error === undefined ? [] : [error] });
    return status === undefined
      ? []
      : [`${word} start=${shownTs(lockTs)} → ${shownStatus(status)}`];
  }

  private resolve(args: Args): readonly string[] {
    const startTs = timestamp(args.text('start'));
    const commitTs = optionalTs(args, 'commit') ?? 0;
    const keys = args.rest().map(keyOf);
    const request = { kind: 'resolve-lock', keys, startTs, commitTs } as const;
    return this.apply(resolveLock(this.engine, request, this.rules));
  }

  private dump(): readonly string[] {
    const lines: string[] = [];
    for (const { key, lock, writes } of this.engine.keys()) {
      if (lock !== undefined) lines.push(shownLock(lock));
      for (const write of writes) lines.push(shownWrite(key, write));
    }
    return lines;
  }

  private advance(args: Args): readonly string[] {
    this.nowMs += milliseconds(args.next('duration'));
    return [];
  }

  private defect(args: Args): readonly string[] {
    for (const word of args.rest()) {
      if (!(word in BUGS)) throw new Error(`unknown defect ${word}`);
      this.bugs.add(word as BugName);
    }
    return [];
  }

  private session(name: string): Session {
    const session = this.sessions.get(name);
    if (session === undefined) throw new Error(`${name} has not begun`);
    return session;
  }

  private apply({ modifies, errors }: CommandResult): readonly string[] {
    if (errors.length > 0) throw refusal(errors);
    this.engine.apply(modifies);
    return [];
  }
}

/** A store said no. */
function refusal(errors: readonly KeyError[]): ExpectedError {
  return new ExpectedError(errors.map(shownError).join('\n'));
}

/** What a store calculated for an async commit or 1PC. */
function shownDecision({ minCommitTs, onePcCommitTs }: PrewriteResult): string {
  if (onePcCommitTs > 0) return `committed ${shownTs(onePcCommitTs)}`;
  return minCommitTs > 0 ? `min_commit=${shownTs(minCommitTs)}` : 'fell back to two phases';
}

function keysOr(words: readonly string[], otherwise: ReadonlySet<string>): Key[] {
  return (words.length > 0 ? words : [...otherwise]).map(keyOf);
}

function mutation(key: string, text: string, pessimisticLock: boolean): Mutation {
  const [word = '', inserted] = text.split(':');
  const bare = { key: keyOf(key), value: null, pessimisticLock };
  if (word === 'delete' || word === 'lock') return { ...bare, op: word };
  if (word === 'absent') return { ...bare, op: 'check-not-exists' };
  if (word === 'insert') return { ...bare, op: 'insert', value: [Number(inserted)] };
  return { ...bare, op: 'put', value: [Number(word)] };
}

function optionalTs(args: Args, name: string): number | undefined {
  const text = args.optionalText(name);
  return text === undefined ? undefined : timestamp(text);
}

function ttl(args: Args): number {
  const text = args.optionalText('ttl');
  return text === undefined ? DEFAULT_TTL_MS : milliseconds(text);
}

/** A number, `100ms` on the oracle's clock, or `newest`. */
function timestamp(text: string): number {
  if (text === 'newest') return MAX_TS;
  if (text.endsWith('ms')) return composeTs(milliseconds(text), 0);
  const ts = Number(text);
  if (!Number.isSafeInteger(ts)) throw new Error(`${text} is not a timestamp`);
  return ts;
}

function milliseconds(text: string): number {
  const ms = Number(/^(\d+)ms$/.exec(text)?.[1]);
  if (Number.isNaN(ms)) throw new Error(`${text} is no duration such as 100ms`);
  return ms;
}
