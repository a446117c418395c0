import fc from 'fast-check';
import type { Stored } from '../cluster/key.ts';
import type { ProfileName } from '../cluster/profiles.ts';
import type { Chunk } from '../cluster/tidb/chunk.ts';
import { BIGINT, DOUBLE, decimalType, TEXT } from '../cluster/tidb/sql/catalog-type.ts';
import { chunkOf, Source } from './operator-world.ts';

/** Columns of the rows that spilling is tried with: a key of each kind, then values. */
export const ROW_TYPES = [BIGINT, TEXT, decimalType(10, 2), decimalType(40, 3), DOUBLE] as const;

/** How rows are made and what the operator is run with. */
export interface SpillTrial {
  readonly seed: number;
  readonly rows: number;
  /** Different keys there are, at most. */
  readonly keys: number;
  readonly chunkRows: number;
  /** Quota as a part of what the operator holds without one, in hundredths. */
  readonly quotaPart: number;
  readonly concurrency: number;
  readonly profile: ProfileName;
}

/** Trials of all sizes. */
export const SPILL_TRIALS: fc.Arbitrary<SpillTrial> = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 30 }),
  rows: fc.integer({ min: 0, max: 4000 }),
  keys: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1000, max: 6000 })),
  chunkRows: fc.integer({ min: 100, max: 3000 }),
  quotaPart: fc.integer({ min: 10, max: 90 }),
  concurrency: fc.integer({ min: 1, max: 5 }),
  profile: fc.constantFrom<ProfileName>('v5.5.0-nightly', 'v6.5.0', 'v8.5.0'),
});

/** A column that is NULL now and then. */
function orNull(value: Stored, draw: number): Stored {
  return draw % 13 === 0 ? null : value;
}

/** The rows of a trial: made from its seed, so that a failing trial is small to print. */
export function rowsOf({ seed, rows, keys }: SpillTrial, prefix = ''): Stored[][] {
  let state = seed;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  return Array.from({ length: rows }, () => {
    const key = draw(keys);
    const wide = key % 7 === 0 ? BigInt(key) * 2n ** 50n : key - 3;
    return [
      orNull(wide, draw(100)),
      orNull(`${prefix}k${key % 2 === 0 ? `${key} ` : key}`, draw(100)),
      orNull(draw(1_000_000) - 500_000, draw(100)),
      orNull(`${draw(1_000_000)}000000000000.${100 + draw(900)}`, draw(100)),
      orNull(draw(1024) / 4, draw(100)),
    ];
  });
}

/** Rows as an operator's input. */
export function sourceOf(rows: readonly (readonly Stored[])[], chunkRows: number): Source {
  return new Source(ROW_TYPES, rows.length, function* (): Iterable<Chunk> {
    for (let at = 0; at < rows.length; at += chunkRows) {
      yield chunkOf(ROW_TYPES, rows.slice(at, at + chunkRows));
    }
  });
}
