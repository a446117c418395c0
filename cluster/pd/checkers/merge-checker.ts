/**
 * Merges regions that have become small, most of whose rows were deleted: up to 20 MiB and 200,000
 * keys. The smaller of the two neighbours takes the region in. What was split within the last hour
 * is left alone, for it was split for a reason; and since a new leader of PD does not know what was
 * split before it came, it leaves everything alone for an hour. Source: PD
 * `checker/merge_checker.go`.
 */
import { mergeOperators } from '../create-operator.ts';
import type { RegionHeartbeat } from '../heartbeat.ts';
import { type Operator, Priority } from '../operator.ts';
import { isHealthy, isReplicated, peerOn } from '../region-view.ts';
import type { ScheduleContext } from '../schedule-context.ts';
import { mayMerge } from './mergeable.ts';

const PURPOSE = { description: 'merge-region', kind: 0, priority: Priority.medium };

/** See the essay above. */
export class MergeChecker {
  private readonly startedUs: number;
  /** When regions were split, the latest last. */
  private readonly splits = new Map<number, number>();

  constructor(startedUs: number) {
    this.startedUs = startedUs;
  }

  /** These regions come out of a split. */
  recordSplit(regions: readonly number[], nowUs: number): void {
    for (const region of regions) {
      this.splits.delete(region);
      this.splits.set(region, nowUs);
    }
  }

  /** The operators that merge a region away, if it should be. */
  check(context: ScheduleContext, region: RegionHeartbeat): readonly Operator[] {
    const { config, nowUs } = context;
    const { approximateSizeBytes, approximateKeys } = region;
    if (nowUs - this.startedUs < config.splitMergeIntervalUs) return [];
    this.forgetOldSplits(nowUs - config.splitMergeIntervalUs);
    if (this.splits.has(region.region.id)) return [];
    // A size of 0 has not been looked at yet.
    if (approximateSizeBytes === 0 || approximateSizeBytes > config.maxMergeRegionBytes) return [];
    if (approximateKeys > config.maxMergeRegionKeys || !isWell(context, region)) return [];
    const target = this.chooseTarget(context, region);
    if (target === undefined) return [];
    if (target.approximateSizeBytes > config.maxMergeTargetBytes) return [];
    const operators = mergeOperators(context, PURPOSE, region, target);
    return typeof operators === 'string' ? [] : operators;
  }

  private chooseTarget(
    context: ScheduleContext,
    region: RegionHeartbeat,
  ): RegionHeartbeat | undefined {
    const [before, behind] = context.cluster.neighbours(region);
    const right = this.isTarget(context, region, behind) ? behind : undefined;
    if (context.config.oneWayMerge || !this.isTarget(context, region, before)) return right;
    if (right === undefined || before === undefined) return before;
    return before.approximateSizeBytes < right.approximateSizeBytes ? before : right;
  }

  private isTarget(
    context: ScheduleContext,
    region: RegionHeartbeat,
    other: RegionHeartbeat | undefined,
  ): boolean {
    if (other === undefined || this.splits.has(other.region.id)) return false;
    if (!mayMerge(context.config, region, other) || !isWell(context, other)) return false;
    return !leadsOntoLeavingStore(context, region, other);
  }

  private forgetOldSplits(beforeUs: number): void {
    for (const [region, atUs] of this.splits) {
      if (atUs >= beforeUs) break;
      this.splits.delete(region);
    }
  }
}

function isWell({ config }: ScheduleContext, region: RegionHeartbeat): boolean {
  return isHealthy(region) && isReplicated(region, config.maxReplicas);
}

/** Whether the merge would bring a peer to a store that is being emptied. */
function leadsOntoLeavingStore(
  { cluster }: ScheduleContext,
  region: RegionHeartbeat,
  { region: { peers } }: RegionHeartbeat,
): boolean {
  return peers.some(
    ({ store }) =>
      cluster.store(store)?.isRemoving !== false && peerOn(region, store) === undefined,
  );
}
