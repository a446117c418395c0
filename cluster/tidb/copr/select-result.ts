import { SqlError } from '../../errors.ts';
import type { Wait } from '../../sim/index.ts';
import type { Chunk } from '../chunk.ts';
import type { ReplicaRead, ScanCursor, ScanSpec } from '../transaction.ts';
import type { TxnClient } from '../txn/client.ts';
import { CopIterator } from './cop-iterator.ts';
import { CopScan } from './cop-scan.ts';

/**
 * The rows of a scan, chunk by chunk. Holds one decoded answer at a time: the one it gave last is
 * released when the next has come. Columns are handed on, rows never touched. Source: TiDB
 * `distsql.selectResult`.
 */
export class SelectResult implements ScanCursor {
  private readonly scan: CopScan;
  private readonly iterator: CopIterator;
  /** Bytes of the answer given last. */
  private size = 0;

  constructor(client: TxnClient, spec: ScanSpec, replica: ReplicaRead) {
    this.scan = new CopScan(client, spec, replica);
    this.iterator = new CopIterator(this.scan);
  }

  *next(): Wait<Chunk | undefined> {
    const { scan } = this;
    const { world } = scan.process;
    for (;;) {
      const beganUs = world.nowUs;
      const response = yield* this.iterator.next();
      scan.release(this.size);
      this.size = 0;
      if (response === undefined) return undefined;
      const { reply, details, encoded } = response;
      this.size = encoded;
      if (!scan.charge(encoded)) yield* scan.act();
      if (reply.error !== undefined) throw new SqlError(reply.error.code, reply.error.message);
      scan.reader?.consumed({ reply, details, copUs: world.nowUs - beganUs });
      if (reply.rows > 0) return { columns: reply.columns, length: reply.rows };
    }
  }

  close(): void {
    this.iterator.close();
  }
}
