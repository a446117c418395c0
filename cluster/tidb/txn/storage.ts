import { SqlError } from '../../errors.ts';
import type { Wait } from '../../sim/index.ts';
import type { ReplicaRead, Storage, Transaction } from '../transaction.ts';
import { BUDGET_MS } from './backoff.ts';
import type { TxnClient } from './client.ts';
import { TtlManager } from './ttl-manager.ts';
import { Txn } from './txn.ts';

/**
 * Keys of one split request: each makes a region of up to five ids, and PD has a thousand ids at
 * hand. Source: client-go `splitBatchRegionLimit`, which is 2048.
 */
const SPLIT_BATCH = 100;

/** The storage of one TiDB node: begins its transactions. */
export class TxnStorage implements Storage {
  private readonly client: TxnClient;
  private readonly ttl: TtlManager;

  constructor(client: TxnClient) {
    this.client = client;
    this.ttl = new TtlManager(client);
  }

  *begin(pessimistic: boolean): Wait<Transaction> {
    const startTs = yield* this.client.pd.timestamp();
    this.client.running.add(startTs);
    return new Txn(this.client, this.ttl, startTs, pessimistic);
  }

  snapshot(readTs: number, replicaRead: ReplicaRead = 'leader'): Transaction {
    const { safePoint } = this.client.gc;
    if (readTs < safePoint) {
      throw new SqlError(8055, `snapshot is older than GC safe point ${safePoint}`);
    }
    const txn = new Txn(this.client, this.ttl, readTs, false);
    txn.replicaRead = replicaRead;
    return txn;
  }

  *currentTs(): Wait<number> {
    return yield* this.client.pd.timestamp();
  }

  *allocateIds(count: number): Wait<number> {
    const { first } = yield* this.client.pd.ask({ kind: 'alloc-id', count }, 'id');
    return first;
  }

  *splitRegions(keys: readonly string[]): Wait<number> {
    let made = 0;
    for (let from = 0; from < keys.length; from += SPLIT_BATCH) {
      made += yield* this.splitBatch(keys.slice(from, from + SPLIT_BATCH));
    }
    return made;
  }

  private *splitBatch(keys: readonly string[]): Wait<number> {
    let made = 0;
    const { sender } = this.client;
    const wanted = keys.map((encoded) => ({ encoded }));
    const backoff = this.client.backoff(BUDGET_MS.locate);
    yield* sender.onRegions(wanted, function* (region, within): Wait<boolean> {
      const inside = within
        .map(({ encoded }) => encoded)
        .filter((key) => key > region.info.startKey);
      if (inside.length === 0) return true;
      const sorted = [...new Set(inside)].sort((a, b) => (a < b ? -1 : 1));
      const body = { kind: 'split-region', keys: sorted } as const;
      const reply = yield* sender.send(region, body, backoff);
      if (reply === undefined) return false;
      sender.regions.install(reply.regions, region.leader);
      made += sorted.length;
      return true;
    });
    return made;
  }
}
