import type { Log } from '../../log.ts';
import type { PdReply, PdRequest, RegionRoute } from '../../pd/request.ts';
import {
  Gate,
  isRpcError,
  type Process,
  Rng,
  type RpcError,
  sleep,
  type Wait,
} from '../../sim/index.ts';
import { Backoffer, BUDGET_MS } from './backoff.ts';

/** A request to PD is given up after this. */
const REQUEST_US = 3_000_000;
/** Between two looks for the leader. */
const RETRY_US = 1_000_000;
/** Timestamps asked for at once are shared by everyone who waits; failing that long fails them. */
const STREAM_PATIENCE_US = 3_000_000;

/** What the waiters of a batch are told: their common base, or that it failed. */
type Batch = { readonly last: number; readonly count: number } | undefined;

/**
 * The client of PD. Timestamps are asked for in batches: one request is under way at a time, and
 * all who ask meanwhile share the next. Source: PD `client/client.go` (v6.0.0), log lines included.
 */
export class PdClient {
  private readonly process: Process;
  private readonly members: readonly number[];
  private readonly log: Log;
  private readonly rng: Rng;
  private leader: number;
  private asking = false;
  private waiting = new Gate<Batch>();
  private newestTs = 0;

  constructor(process: Process, members: readonly number[], log: Log) {
    this.process = process;
    this.members = members;
    this.log = log;
    this.leader = members[0] as number;
    this.rng = new Rng(process.world.seed, `pd-client/${process.node}/${process.incarnation}`);
  }

  /** A timestamp later than every one any client has been given before this call. */
  *timestamp(): Wait<number> {
    let backoff: Backoffer | undefined;
    for (;;) {
      const gate = this.waiting;
      const place = gate.length;
      if (!this.asking) this.askSoon();
      const batch = yield* gate.wait(this.process);
      if (batch !== undefined) return batch.last - (batch.count - 1 - place);
      backoff ??= new Backoffer(this.process, this.rng, BUDGET_MS.tso);
      yield* backoff.wait('pdRPC');
    }
  }

  /**
   * Where the regions from `startKey` on are, the one that holds it included. PD may not know for a
   * moment: a split is told of by the leaders of both halves.
   */
  *routesFrom(startKey: string, limit: number): Wait<readonly RegionRoute[]> {
    const backoff = new Backoffer(this.process, this.rng, BUDGET_MS.locate);
    for (;;) {
      const request = { kind: 'scan-regions', startKey, endKey: '', limit } as const;
      const { routes } = yield* this.ask(request, 'regions');
      const [first] = routes;
      if (first !== undefined && first.region.startKey <= startKey) return routes;
      yield* backoff.wait('regionMiss');
    }
  }

  /** Asks PD's leader, wherever it is; throws 9001 when it cannot be found in time. */
  *ask<K extends PdReply['kind']>(
    request: PdRequest,
    expected: K,
  ): Wait<Extract<PdReply, { kind: K }>> {
    const backoff = new Backoffer(this.process, this.rng, BUDGET_MS.locate);
    for (;;) {
      this.process.request(this.leader, request, 5, REQUEST_US);
      const reply = (yield) as PdReply | RpcError;
      if (!isRpcError(reply) && reply.kind === expected) {
        return reply as Extract<PdReply, { kind: K }>;
      }
      this.noticeLeader(reply);
      yield* backoff.wait('pdRPC');
    }
  }

  /** Everyone who asks before the present event has ended shares the batch. */
  private askSoon(): void {
    this.asking = true;
    this.process.spawn(this.fetchBatches());
  }

  private *fetchBatches(): Wait<void> {
    yield* sleep(this.process, 0);
    while (this.waiting.length > 0) {
      const gate = this.waiting;
      this.waiting = new Gate();
      const last = yield* this.fetch(gate.length);
      const batch = last === undefined ? undefined : { last, count: gate.length };
      gate.open(batch);
    }
    this.asking = false;
  }

  private *fetch(count: number): Wait<number | undefined> {
    const since = this.process.world.nowUs;
    for (;;) {
      const request: PdRequest = { kind: 'tso', count };
      this.process.request(this.leader, request, count, REQUEST_US);
      const reply = (yield) as PdReply | RpcError;
      if (!isRpcError(reply) && reply.kind === 'tso') return this.checked(reply.ts, count);
      this.complain(reply);
      this.noticeLeader(reply);
      if (this.process.world.nowUs - since >= STREAM_PATIENCE_US) {
        const error = '[PD:client:ErrClientCreateTSOStream]create TSO stream failed, retry timeout';
        this.log('ERROR', 'client.go:778', '[pd] create tso stream error', [
          ['dc-location', 'global'],
          ['error', error],
        ]);
        return undefined;
      }
      yield* sleep(this.process, RETRY_US);
    }
  }

  /** A timestamp that does not grow means that the oracle is broken: nothing may go on. */
  private checked(ts: number, count: number): number {
    if (ts - count < this.newestTs) throw new Error(`[tso] timestamp fallback: ${ts}`);
    this.newestTs = ts;
    return ts;
  }

  private complain(reply: PdReply | RpcError): void {
    if (isRpcError(reply)) {
      this.log('ERROR', 'client.go:893', '[pd] update connection contexts failed', [
        ['dc', 'global'],
        ['error', 'rpc error: code = Unavailable desc = connection error: connection refused'],
      ]);
    }
    this.log('INFO', 'client.go:774', '[pd] tso stream is not ready', [['dc', 'global']]);
  }

  /** Follows the hint of a member, or goes on to the next. */
  private noticeLeader(reply: PdReply | RpcError): void {
    if (!isRpcError(reply) && reply.kind === 'not-leader' && reply.leader !== undefined) {
      if (reply.leader !== this.leader) {
        this.leader = reply.leader;
        return;
      }
    }
    const next = (this.members.indexOf(this.leader) + 1) % this.members.length;
    this.leader = this.members[next] as number;
  }
}
