/**
 * The same node in three versions of TiDB. Only what differs between them and is simulated is
 * listed. Source: the version matrix of TiDB's release notes; see ARCHITECTURE.md.
 */

/** Versions whose behaviour can be chosen. */
export const PROFILE_NAMES = ['v5.5.0-nightly', 'v6.5.0', 'v8.5.0'] as const;

/** One of them. */
export type ProfileName = (typeof PROFILE_NAMES)[number];

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
}

/** The table of profiles. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  'v5.5.0-nightly': {
    name: 'v5.5.0-nightly',
    clusteredIndex: 'INT_ONLY',
    pessimisticLocks: 'pipelined',
  },
  'v6.5.0': { name: 'v6.5.0', clusteredIndex: 'ON', pessimisticLocks: 'in-memory' },
  'v8.5.0': { name: 'v8.5.0', clusteredIndex: 'ON', pessimisticLocks: 'in-memory' },
};
