/**
 * The same node in three versions of TiDB. Only what differs between them and is simulated is
 * listed. Source: the version matrix of TiDB's release notes; see ARCHITECTURE.md.
 */

/** Versions whose behaviour can be chosen. */
export const PROFILE_NAMES = ['v5.5.0-nightly', 'v6.5.0', 'v8.5.0'] as const;

/** One of them. */
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** How a version controls the memory of SQL. */
export interface MemoryProfile {
  /** What the quota is measured against: the statement, or the session as a whole (from v6.4). */
  readonly quotaAt: 'statement' | 'session';
  /** Among actions of equal priority the older or the newer (from v6.3) is asked first. */
  readonly equalActions: 'older-first' | 'newer-first';
  /** Which limit's actions are run first (hard from v6.4). */
  readonly firstLimit: 'soft' | 'hard';
  /** Actions whose owner is closed are dropped (from v6.4) instead of asked. */
  readonly dropsFinishedActions: boolean;
  /** Exceeding the quota ends the first who does, or everybody (from v6.3). */
  readonly panics: 'once' | 'always';
  /**
   * `Out Of Memory Quota!` with code 1105, or an explanation with codes 8175 and 8176 (from v7.6).
   */
  readonly quotaError: 'short' | 'typed';
  /** Where packages lie: below `pkg/` from v7.4. */
  readonly packageRoot: '' | 'pkg/';
  /** What the line of a statement that exceeds its quota is called (renamed in v6.4). */
  readonly exceedMessage: 'expensive_query' | 'memory exceeds quota';
  /** How such lines name the connection (`conn` from v7.0). */
  readonly connectionField: 'conn_id' | 'conn';
  /** A statement that takes long is told of once, or again every minute. */
  readonly expensiveQueries: 'once' | 'repeated';
  /** `tidb_server_memory_limit`: from v6.4; v8 knows binary units too. */
  readonly serverLimit: 'none' | 'v6' | 'v8';
  /** What a transaction has buffered counts as its session's memory (from v6.4). */
  readonly chargesMemBuffer: boolean;
}

/** What a version does. */
export interface Profile {
  readonly name: ProfileName;
  /**
   * `tidb_enable_clustered_index`: with INT_ONLY a composite or string primary key becomes a unique
   * index beside records keyed by a hidden row id.
   */
  readonly clusteredIndex: 'INT_ONLY' | 'ON';
  /**
   * What a store does with pessimistic locks: answers once they are proposed, or keeps them in the
   * leader's memory (TiKV `pessimistic-txn.in-memory`, from 6.0).
   */
  readonly pessimisticLocks: 'pipelined' | 'in-memory';
  readonly memory: MemoryProfile;
}

const V5_5_MEMORY: MemoryProfile = {
  quotaAt: 'statement',
  equalActions: 'older-first',
  firstLimit: 'soft',
  dropsFinishedActions: false,
  panics: 'once',
  quotaError: 'short',
  packageRoot: '',
  exceedMessage: 'expensive_query',
  connectionField: 'conn_id',
  expensiveQueries: 'once',
  serverLimit: 'none',
  chargesMemBuffer: false,
};

const V6_5_MEMORY: MemoryProfile = {
  quotaAt: 'session',
  equalActions: 'newer-first',
  firstLimit: 'hard',
  dropsFinishedActions: true,
  panics: 'always',
  quotaError: 'short',
  packageRoot: '',
  exceedMessage: 'memory exceeds quota',
  connectionField: 'conn_id',
  expensiveQueries: 'once',
  serverLimit: 'v6',
  chargesMemBuffer: true,
};

/** The table of profiles. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  'v5.5.0-nightly': {
    name: 'v5.5.0-nightly',
    clusteredIndex: 'INT_ONLY',
    pessimisticLocks: 'pipelined',
    memory: V5_5_MEMORY,
  },
  'v6.5.0': {
    name: 'v6.5.0',
    clusteredIndex: 'ON',
    pessimisticLocks: 'in-memory',
    memory: V6_5_MEMORY,
  },
  'v8.5.0': {
    name: 'v8.5.0',
    clusteredIndex: 'ON',
    pessimisticLocks: 'in-memory',
    memory: {
      ...V6_5_MEMORY,
      quotaError: 'typed',
      packageRoot: 'pkg/',
      connectionField: 'conn',
      expensiveQueries: 'repeated',
      serverLimit: 'v8',
    },
  },
};

/** What a TiDB node says that it is: `SELECT VERSION()`, and the greeting of the wire protocol. */
export function serverVersion(profile: ProfileName): string {
  return `5.7.25-TiDB-${profile}`;
}
