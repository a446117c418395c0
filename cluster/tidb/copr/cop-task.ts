import type { Channel, Wait } from '../../sim/index.ts';
import type { KeyRange } from '../../tikv/request.ts';
import type { CachedRegion, RegionCache } from '../txn/region-cache.ts';
import type { CopResponse } from './cop-response.ts';

/** Ranges a task may have. Source: TiDB `rangesPerTask`. */
const RANGES_PER_TASK = 25_000;

/** The part of a scan that one region answers. */
export interface CopTask {
  readonly region: CachedRegion;
  readonly ranges: readonly KeyRange[];
  /** Where its answers go if those of all tasks are read in order. */
  readonly channel: Channel<CopResponse> | undefined;
  /** Rows of its next page; undefined: it is answered at once. */
  readonly pageSize: number | undefined;
}

/** A part of a scan and the region that has it. */
export type LocatedRanges = Pick<CopTask, 'region' | 'ranges'>;

/**
 * Cuts ranges at the borders of regions, as far as these are known or PD knows them; in the order
 * in which they are to be read. Source: TiDB `buildCopTasks`.
 */
export function* locateRanges(
  regions: RegionCache,
  ranges: readonly KeyRange[],
  descending: boolean,
): Wait<LocatedRanges[]> {
  const tasks: { readonly region: CachedRegion; readonly ranges: KeyRange[] }[] = [];
  for (const range of ranges) {
    let { start } = range;
    while (start < range.end) {
      const region = regions.find(start) ?? (yield* regions.locate(start));
      const { endKey } = region.info;
      const end = endKey === '' || endKey > range.end ? range.end : endKey;
      const last = tasks.at(-1);
      const part = { space: range.space, start, end };
      const fits = last?.region === region && last.ranges.length < RANGES_PER_TASK;
      if (fits) last.ranges.push(part);
      else tasks.push({ region, ranges: [part] });
      start = end;
    }
  }
  return descending ? tasks.reverse() : tasks;
}

/** What is left of ranges when the next page begins at `resumeAt`. */
export function remainingRanges(
  ranges: readonly KeyRange[],
  resumeAt: string,
  descending: boolean,
): KeyRange[] {
  const left: KeyRange[] = [];
  for (const range of ranges) {
    const start = descending || range.start > resumeAt ? range.start : resumeAt;
    const end = descending && range.end > resumeAt ? resumeAt : range.end;
    if (start < end) left.push({ ...range, start, end });
  }
  return left;
}
