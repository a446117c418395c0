import type { Key } from '../../key.ts';
import { type Process, sleep, type Wait } from '../../sim/index.ts';
import { physicalMs } from '../../timestamp.ts';
import { type Backoffer, BUDGET_MS } from './backoff.ts';
import type { TxnClient } from './client.ts';

/** Time a managed lock has left after a heartbeat (`ManagedLockTTL`), ms. */
export const MANAGED_TTL_MS = 20_000;
/** A heartbeat is due this long after the last. */
const BEAT_US = 10_000_000;
/** How often the manager looks for transactions that are due. */
const LOOK_US = 1_000_000;
/** `MaxTxnTTL`: a transaction older than this is left to its fate, ms. */
const MAX_TXN_MS = 3_600_000;

/** More failures in a row than this end the management of a lock. */
const MAX_FAILURES = 10;

/** A transaction whose primary lock is kept alive. */
export interface Managed {
  readonly startTs: number;
  readonly primary: Key;
  readonly sinceUs: number;
  nextBeatUs: number;
  /** Heartbeats in a row that came to nothing. */
  failures: number;
  ended: boolean;
  /** Older than a transaction may get: its locks are not kept alive any more. */
  timedOut: boolean;
}

/** Keeps the primary locks of all transactions of a node alive: one task for all of them. */
export class TtlManager {
  private readonly client: TxnClient;
  private readonly live = new Set<Managed>();
  private running = false;

  constructor(client: TxnClient) {
    this.client = client;
  }

  /** Begins to keep `primary` alive. */
  start(startTs: number, primary: Key): Managed {
    const sinceUs = this.process.world.nowUs;
    const nextBeatUs = sinceUs + BEAT_US;
    const state = { failures: 0, ended: false, timedOut: false };
    const managed = { startTs, primary, sinceUs, nextBeatUs, ...state };
    this.live.add(managed);
    if (!this.running) {
      this.running = true;
      this.process.spawn(this.run());
    }
    return managed;
  }

  /** The transaction has ended, or holds no lock any more. */
  stop(managed: Managed): void {
    managed.ended = true;
    this.live.delete(managed);
  }

  private get process(): Process {
    return this.client.process;
  }

  private *run(): Wait<void> {
    while (this.live.size > 0) {
      yield* sleep(this.process, LOOK_US);
      const now = this.process.world.nowUs;
      for (const managed of this.live) {
        if (managed.nextBeatUs > now) continue;
        managed.nextBeatUs = now + BEAT_US;
        this.process.spawn(this.beat(managed), (error) => {
          managed.failures = error === undefined ? 0 : managed.failures + 1;
          if (managed.failures > MAX_FAILURES) this.stop(managed);
        });
      }
    }
    this.running = false;
  }

  private *beat(managed: Managed): Wait<void> {
    const { startTs, primary } = managed;
    const uptimeMs = physicalMs(yield* this.client.pd.timestamp()) - physicalMs(startTs);
    if (uptimeMs > MAX_TXN_MS) {
      managed.timedOut = true;
      this.stop(managed);
    }
    const once = this.client.bugs.has('txn.ttlManagerStops');
    if (once && managed.sinceUs + 2 * BEAT_US <= this.process.world.nowUs) return;
    const backoff: Backoffer = this.client.backoff(BUDGET_MS.keepAlive);
    const { sender } = this.client;
    while (!managed.ended) {
      const region = yield* sender.regions.locate(primary.encoded);
      const adviseTtlMs = uptimeMs + MANAGED_TTL_MS;
      const body = { kind: 'txn-heart-beat' as const, primary, startTs, adviseTtlMs };
      const reply = yield* sender.send(region, body, backoff);
      if (reply === undefined) continue;
      if (reply.error !== undefined) this.stop(managed);
      return;
    }
  }
}
