import type { Key } from '../key.ts';
import type { Modify } from '../mvcc/engine.ts';
import type { Lock } from '../mvcc/records.ts';
import type { KeyError } from '../mvcc/request.ts';
import type { Call } from '../sim/index.ts';
import { execute } from './commands.ts';
import type { Latched } from './latches.ts';
import type { Waiter } from './lock-manager.ts';
import type { KvReplyBody, KvRequest, KvRequestBody, RegionInfo } from './request.ts';
import type { Store } from './store.ts';

/** Requests that change a store. */
export type WriteRequestBody = Exclude<
  KvRequestBody,
  { kind: 'get' | 'batch-get' | 'cop' | 'split-region' }
>;

/** Millisecond budgets of requests, in µs. */
const US_PER_MS = 1000;

/**
 * One write on its way through a store: latched, evaluated against the engine, written to disk,
 * applied and answered. The region is checked again before applying, because it may have been split
 * while the command waited. Source: TiKV `storage::txn::scheduler`.
 */
export class WriteCommand implements Latched {
  readonly latchKeys: readonly string[];
  owned = 0;
  private readonly store: Store;
  private readonly call: Call;
  private readonly request: KvRequest;
  private readonly body: WriteRequestBody;

  constructor(store: Store, call: Call, request: KvRequest, body: WriteRequestBody) {
    this.store = store;
    this.call = call;
    this.request = request;
    this.body = withKeys(store, request, body);
    this.latchKeys = latchKeysOf(this.body);
  }

  /** Owns its latches: goes. */
  start(): void {
    const error = this.store.checkRegion(this.request);
    if (error !== undefined) {
      this.store.latches.release(this);
      this.call.respond({ regionError: error }, 1);
      return;
    }
    const { engine, bugs } = this.store.context;
    const { concurrency } = this.store;
    const { reply, modifies, blockedBy, memoryLocks } = execute(
      engine,
      concurrency,
      this.body,
      bugs,
    );
    if (blockedBy !== undefined) this.wait(blockedBy, reply);
    else if (modifies.length === 0) {
      this.store.latches.release(this);
      this.respond(reply);
    } else this.write(modifies, reply, memoryLocks);
  }

  private write(
    modifies: readonly Modify[],
    reply: KvReplyBody,
    memoryLocks: readonly Lock[],
  ): void {
    const { context } = this.store;
    let released: Lock[] | undefined;
    context.disk.write(
      context.process,
      () =>
        context.engine.apply(modifies, (lock) => {
          released ??= [];
          released.push(lock);
        }),
      () => {
        this.store.concurrency.withdraw(memoryLocks);
        this.store.splitter.wrote(this.request.region, modifies.length);
        this.store.latches.release(this);
        this.respond(reply);
        const commitTs = commitTsOf(this.body);
        if (released === undefined) return;
        for (const lock of released) this.store.locks.released(lock, commitTs);
      },
    );
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

/** The region-wide form of resolve-lock names no keys: they are looked up here. */
function withKeys(store: Store, request: KvRequest, body: WriteRequestBody): WriteRequestBody {
  if (body.kind !== 'resolve-lock' || body.keys !== undefined) return body;
  const region = store.context.regions.get(request.region) as RegionInfo;
  const { locks } = store.context.engine;
  const found = locks.ofTransaction(body.startTs, region.startKey, region.endKey);
  return { ...body, keys: found.map((lock) => lock.key) };
}

function latchKeysOf(body: WriteRequestBody): readonly string[] {
  if (body.kind === 'txn-heart-beat' || body.kind === 'check-txn-status') {
    return [body.primary.encoded];
  }
  const keys: readonly Key[] =
    body.kind === 'prewrite' ? body.mutations.map(({ key }) => key) : (body.keys ?? []);
  // A key named twice would have the command wait for itself.
  return keys.length === 1
    ? [(keys[0] as Key).encoded]
    : [...new Set(keys.map((key) => key.encoded))];
}

function commitTsOf(body: WriteRequestBody): number {
  return body.kind === 'commit' || body.kind === 'resolve-lock' ? body.commitTs : 0;
}
