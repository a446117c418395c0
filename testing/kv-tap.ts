/**
 * A tap on the stores of a {@link KvCluster}: it notes every request that arrives, and a rule may
 * let something happen to a request instead of its being served.
 */
import type { Process, RpcError } from '../cluster/sim/index.ts';
import { Call } from '../cluster/sim/rpc.ts';
import type { KvRequest, KvRequestBody, RegionError } from '../cluster/tikv/request.ts';
import type { KvCluster } from './kv-cluster.ts';

/** What becomes of a request instead of being served. */
export type Reaction =
  /** A region error; nothing is executed. */
  | { readonly kind: 'refuse'; readonly error: RegionError }
  /** The connection breaks before the store has done anything. */
  | { readonly kind: 'break' }
  /** It is executed, then the connection breaks. */
  | { readonly kind: 'lose-answer' }
  /** The network keeps it for a while. */
  | { readonly kind: 'hold'; readonly us: number };

/** Looks at a request before the store does; undefined lets it pass. */
export type Rule = (body: KvRequestBody, store: number) => Reaction | undefined;

/** One request as a store received it. */
export interface Received {
  readonly store: number;
  readonly atUs: number;
  readonly body: KvRequestBody;
}

/** How long a broken connection takes to be noticed, µs. */
const BREAK_US = 1000;
const BROKEN: RpcError = { kind: 'rpc-error', reason: 'Unavailable' };

/** See above. Stores started after the tap must be named to `watch`. */
export class KvTap {
  readonly received: Received[] = [];
  rule: Rule | undefined = undefined;
  private readonly cluster: KvCluster;

  constructor(cluster: KvCluster) {
    this.cluster = cluster;
    for (const store of cluster.engines.keys()) this.watch(store);
  }

  /** Taps the present incarnation of a store. */
  watch(store: number): void {
    const process = this.cluster.world.process(store) as Process;
    const accept = process.accept.bind(process);
    process.accept = (call) => {
      const { body } = call.request as KvRequest;
      this.received.push({ store, atUs: this.cluster.world.nowUs, body });
      const reaction = this.rule?.(body, store);
      if (reaction === undefined) return accept(call);
      if (reaction.kind === 'hold') {
        process.after(reaction.us, () => accept(call));
        return true;
      }
      call.server = process;
      if (reaction.kind === 'refuse') call.respond({ regionError: reaction.error }, 1);
      else {
        if (reaction.kind === 'lose-answer') accept(unheard(call));
        call.caller.after(BREAK_US, () => call.finish(undefined, BROKEN));
      }
      return true;
    };
  }

  /** Requests of one kind, in order of arrival. */
  of<K extends KvRequestBody['kind']>(kind: K): Extract<KvRequestBody, { kind: K }>[] {
    const bodies = this.received.map(({ body }) => body);
    return bodies.filter((body): body is Extract<KvRequestBody, { kind: K }> => body.kind === kind);
  }
}

/** A rule for the first `times` requests of a kind. */
export function first(times: number, kind: KvRequestBody['kind'], reaction: Reaction): Rule {
  let left = times;
  return (body) => (body.kind === kind && left-- > 0 ? reaction : undefined);
}

/** The same request from nobody: its answer goes nowhere. */
function unheard(call: Call): Call {
  return new Call(call.caller, call.to, call.request, () => {});
}
