import type { Key } from '../key.ts';
import type { Modify } from '../mvcc/engine.ts';
import type { Lock } from '../mvcc/records.ts';
import type { KeyError } from '../mvcc/request.ts';
import type { Call } from '../sim/index.ts';
import { execute } from './commands.ts';
import type { Latched } from './latches.ts';
import type { Waiter } from './lock-manager.ts';
import type { Peer, Proposer } from './peer.ts';
import type { KvReplyBody, KvRequest, KvRequestBody, RegionError } from './request.ts';
import type { Store } from './store.ts';

/** Requests that change a store. */
export type WriteRequestBody = Exclude<
  KvRequestBody,
  {
    kind:
      | ('get' | 'batch-get' | 'cop' | 'scan-lock' | 'read-index')
      | ('split-region' | 'gc' | 'ingest');
  }
>;

/** Millisecond budgets of requests, in µs. */
const US_PER_MS = 1000;

/**
 * One write on its way through a store: latched, evaluated against the engine, proposed to its
 * region's Raft, and answered once it is applied here. Source: TiKV `storage::txn::scheduler`.
 */
export class WriteCommand implements Latched, Proposer {
  readonly latchKeys: readonly Key[];
  missing = 0;
  private readonly store: Store;
  private readonly call: Call;
  private readonly request: KvRequest;
  private readonly body: WriteRequestBody;
  private reply: KvReplyBody | undefined = undefined;
  private memoryLocks: readonly Lock[] = [];
  private proposed: { readonly peer: Peer; readonly modifies: readonly Modify[] } | undefined =
    undefined;
  private answered = false;

  constructor(store: Store, call: Call, request: KvRequest, body: WriteRequestBody) {
    this.store = store;
    this.call = call;
    this.request = request;
    this.body = withKeys(store, request, body);
    this.latchKeys = latchKeysOf(this.body);
  }

  /** Owns its latches: goes as soon as this peer is known to lead. */
  start(): void {
    const error = this.store.checkRegion(this.request);
    if (error !== undefined) this.refused(error);
    else {
      this.store.peerOf(this.request).whenReadable((reason) => {
        const gone = reason ?? this.store.checkRegion(this.request);
        if (gone === undefined) this.evaluate();
        else this.refused(gone);
      });
    }
  }

  private evaluate(): void {
    const { body, store } = this;
    const { concurrency, context } = store;
    if (calculatesTimestamp(body) && !store.maxTsSync.isSynced(this.request.region)) {
      this.refused({ kind: 'MaxTimestampNotSynced' });
      return;
    }
    const peer = store.peerOf(this.request);
    const executed = execute(peer.locks, concurrency, body, context.bugs);
    const { reply, modifies, blockedBy } = executed;
    this.reply = reply;
    this.memoryLocks = executed.memoryLocks;
    if (blockedBy !== undefined) this.wait(blockedBy, reply);
    else if (modifies.length === 0) {
      store.latches.release(this);
      this.respond(reply);
    } else {
      const released = this.keepInMemory(peer, modifies);
      if (released !== undefined) this.applied(released);
      else this.propose(peer, modifies);
    }
  }

  /** Pessimistic locks need no entry of the log, where the version keeps them in memory. */
  private keepInMemory(peer: Peer, modifies: readonly Modify[]): readonly Lock[] | undefined {
    const { pessimisticLocks } = this.store.context.profile;
    return pessimisticLocks === 'in-memory' ? peer.locks.take(modifies) : undefined;
  }

  private propose(peer: Peer, modifies: readonly Modify[]): void {
    const { epoch } = peer.region;
    const error = peer.propose({ kind: 'write', epoch, modifies }, this);
    if (error !== undefined) {
      this.refused(error);
      return;
    }
    this.proposed = { peer, modifies };
    peer.locks.proposed(modifies);
    // A pipelined lock is answered before it is replicated; should that fail, the amend rule holds.
    const { pessimisticLocks } = this.store.context.profile;
    if (this.body.kind === 'pessimistic-lock' && pessimisticLocks === 'pipelined') this.answer();
  }

  applied(released: readonly Lock[]): void {
    this.store.concurrency.withdraw(this.memoryLocks);
    this.store.latches.release(this);
    this.answer();
    const commitTs = commitTsOf(this.body, this.reply as KvReplyBody);
    for (const lock of released) this.store.locks.released(lock, commitTs);
  }

  refused(error: RegionError): void {
    this.store.concurrency.withdraw(this.memoryLocks);
    this.proposed?.peer.locks.refused(this.proposed.modifies);
    this.store.latches.release(this);
    if (!this.answered) this.call.respond({ regionError: error }, 1);
  }

  private answer(): void {
    if (this.answered) return;
    this.answered = true;
    this.respond(this.reply as KvReplyBody);
  }

  /** Another transaction holds a lock: the request waits for it, without its latches. */
  private wait(lock: Lock, reply: KvReplyBody): void {
    this.store.latches.release(this);
    const { body } = this;
    if (body.kind !== 'pessimistic-lock' || body.waitTimeoutMs <= 0) {
      this.respond(reply);
      return;
    }
    const waiter: Waiter = {
      startTs: body.startTs,
      lock,
      waiting: true,
      answer: (error: KeyError) =>
        this.respond({ kind: 'pessimistic-lock', errors: [error], values: [] }),
    };
    this.store.waitForLock(waiter, body.waitTimeoutMs * US_PER_MS, body.isFirstLock);
  }

  private respond(reply: KvReplyBody): void {
    this.call.respond({ body: reply }, 4);
  }
}

/** Whether a request's commit timestamp may be calculated from this store's max_ts. */
function calculatesTimestamp(body: WriteRequestBody): boolean {
  return body.kind === 'prewrite' && (body.secondaries !== undefined || body.tryOnePc === true);
}

/** The region-wide form of resolve-lock names no keys: they are looked up here. */
function withKeys(store: Store, request: KvRequest, body: WriteRequestBody): WriteRequestBody {
  if (body.kind !== 'resolve-lock' || body.keys !== undefined) return body;
  const { region, locks } = store.peerOf(request);
  const { startKey, endKey } = region;
  const found = store.raft.engine.locks.ofTransaction(body.startTs, startKey, endKey);
  const inMemory = locks
    .inRange(startKey, endKey)
    .filter(({ startTs }) => startTs === body.startTs);
  return { ...body, keys: [...found, ...inMemory].map((lock) => lock.key) };
}

function latchKeysOf(body: WriteRequestBody): readonly Key[] {
  if (body.kind === 'txn-heart-beat' || body.kind === 'check-txn-status') return [body.primary];
  return body.kind === 'prewrite' ? body.mutations.map(({ key }) => key) : (body.keys ?? []);
}

/** What became of the locks that a command removed: committed, or 0. */
function commitTsOf(body: WriteRequestBody, reply: KvReplyBody): number {
  if (body.kind === 'commit' || body.kind === 'resolve-lock') return body.commitTs;
  return reply.kind === 'prewrite' ? reply.onePcCommitTs : 0;
}
