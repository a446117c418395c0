import type { Wait } from '../../sim/index.ts';
import type { Storage, Transaction } from '../transaction.ts';
import type { TxnClient } from './client.ts';
import { TtlManager } from './ttl-manager.ts';
import { Txn } from './txn.ts';

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
    return new Txn(this.client, this.ttl, startTs, pessimistic);
  }

  snapshot(readTs: number): Transaction {
    return new Txn(this.client, this.ttl, readTs, false);
  }

  *currentTs(): Wait<number> {
    return yield* this.client.pd.timestamp();
  }

  *allocateIds(count: number): Wait<number> {
    const { first } = yield* this.client.pd.ask({ kind: 'alloc-id', count }, 'id');
    return first;
  }

  *splitRegions(keys: readonly string[]): Wait<void> {
    yield* this.client.pd.ask({ kind: 'split-regions', keys }, 'ok');
  }
}
