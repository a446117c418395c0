import type { CopReply } from '../../tikv/request.ts';
import { formatGoDuration } from '../executor/explain-duration.ts';
import { sourceOf } from '../memory/stack.ts';
import type { Backoffer } from '../txn/backoff.ts';
import type { CachedRegion } from '../txn/region-cache.ts';
import type { CopScan } from './cop-scan.ts';

/** A round that took longer is logged. */
const SLOW_US = 300_000;
/** Work of a store up to this is not what made a task slow: it waited. */
const LEAST_PROCESS_MS = 100;
/** Back-offs up to this are not worth telling. */
const LEAST_BACKOFF_MS = 100;

/** One round of a task: its request, retries included, and the answer. */
export interface TaskRound {
  readonly region: CachedRegion;
  readonly address: string;
  readonly respUs: number;
  readonly backoff: Backoffer;
  readonly reply: CopReply;
}

/** Writes the line of a slow task. Source: TiDB `logTimeCopTask`. */
export function logSlowTask({ client, spec, reader }: CopScan, round: TaskRound): void {
  if (round.respUs <= SLOW_US) return;
  const message = slowTaskLine(spec.readTs, round);
  if (reader === undefined) {
    client.log('INFO', 'coprocessor.go', message);
    return;
  }
  const { log, profile, connectionId } = reader.memory;
  log('INFO', sourceOf(profile, 'coprocessor.go', 849), message, [['conn', connectionId]]);
}

/** The text of such a line. RocksDB's counters stay 0 but for keys: there is none here. */
export function slowTaskLine(startTs: number, round: TaskRound): string {
  const { region, address, respUs, backoff, reply } = round;
  const processMs = Math.floor(reply.processUs / 1000);
  const waitMs = Math.floor(reply.waitUs / 1000);
  const parts = [
    `[${processMs > LEAST_PROCESS_MS ? 'TIME_COP_PROCESS' : 'TIME_COP_WAIT'}]`,
    `resp_time:${formatGoDuration(respUs * 1000)}`,
    `txnStartTS:${startTs}`,
    `region_id:${region.info.id}`,
    `store_addr:${address}`,
  ];
  if (backoff.totalMs > LEAST_BACKOFF_MS) {
    parts.push(`backoff_ms:${backoff.totalMs}`, `backoff_types:[${backoff.kinds.join(',')}]`);
  }
  parts.push(
    ...[`kv_process_ms:${processMs}`, `kv_wait_ms:${waitMs}`, 'kv_read_ms:0'],
    `processed_versions:${reply.processedKeys}`,
    `total_versions:${reply.totalKeys}`,
    'rocksdb_delete_skipped_count:0',
    `rocksdb_key_skipped_count:${reply.totalKeys}`,
    ...['rocksdb_cache_hit_count:0', 'rocksdb_read_count:0', 'rocksdb_read_byte:0'],
  );
  return parts.join(' ');
}
