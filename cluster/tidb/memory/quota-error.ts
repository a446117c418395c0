import { SqlError } from '../../errors.ts';
import type { Profile } from '../../profiles.ts';

/** What a statement is ended for. */
export type QuotaReason = 'query' | 'server';

const LONG_TEXT: Readonly<Record<QuotaReason, readonly [limit: string, advice: string]>> = {
  query: ['a single SQL query', 'tidb_mem_quota_query'],
  server: [
    'the tidb-server instance and this query is currently using the most memory',
    'tidb_server_memory_limit',
  ],
};

/** Codes of the typed errors, from v7.6. */
const TYPED_CODES: Readonly<Record<QuotaReason, number>> = { query: 8175, server: 8176 };

/**
 * The error of a statement that exceeded its quota, or that the server's limit has picked. Source:
 * TiDB `util/memory/tracker.go`, `util/dbterror/exeerrors`.
 */
export function quotaError(
  profile: Profile,
  connectionId: number,
  reason: QuotaReason = 'query',
): SqlError {
  if (profile.memory.quotaError === 'short') {
    return new SqlError(1105, `Out Of Memory Quota![conn_id=${connectionId}]`);
  }
  const [limit, variable] = LONG_TEXT[reason];
  const text =
    `Your query has been cancelled due to exceeding the allowed memory limit for ${limit}. ` +
    `Please try narrowing your query scope or increase the ${variable} limit and try again.` +
    `[conn=${connectionId}]`;
  return new SqlError(TYPED_CODES[reason], text);
}
