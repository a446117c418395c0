import type { Profile, ProfileName } from '../../profiles.ts';

/** How large a page of a paged task may be, in rows. Source: TiDB `util/paging`. */
export interface PageSizes {
  readonly first: number;
  readonly largest: number;
}

/** What differs between versions in how the coprocessor is asked. */
export interface CopProfile {
  /** `tidb_enable_rate_limit_action`; off since v6.3. */
  readonly rateLimitAction: boolean;
  /** A rate limit that is off stands among the actions all the same (until v6.0). */
  readonly registersWhenOff: boolean;
  /** `tidb_enable_paging`; on since v6.4. */
  readonly paging: boolean;
  readonly pages: PageSizes;
  /** Answers are handed over, not buffered, where their order does not matter (from v6.2). */
  readonly handsOver: boolean;
  /** Most tasks under way at once where order matters (from v6.2). */
  readonly orderedConcurrency: number;
  /** Room for the answers of one task where order matters. */
  readonly orderedRoom: number;
}

const V5_5: CopProfile = {
  rateLimitAction: true,
  registersWhenOff: true,
  paging: false,
  pages: { first: 64, largest: 8192 },
  handsOver: false,
  orderedConcurrency: Number.POSITIVE_INFINITY,
  orderedRoom: 2,
};

const V6_5: CopProfile = {
  rateLimitAction: false,
  registersWhenOff: false,
  paging: true,
  pages: { first: 128, largest: 50_000 },
  handsOver: true,
  orderedConcurrency: 2,
  orderedRoom: 18,
};

const TABLE: Readonly<Record<ProfileName, CopProfile>> = {
  'v5.5.0-nightly': V5_5,
  'v6.5.0': V6_5,
  'v8.5.0': V6_5,
};

/** Those of a version. */
export function copProfileOf({ name }: Profile): CopProfile {
  return TABLE[name];
}
