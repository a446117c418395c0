import { checkJointState } from './checkers/joint-state-checker.ts';
import type { MergeChecker } from './checkers/merge-checker.ts';
import { checkReplicas } from './checkers/replica-checker.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import { type Operator, OperatorKind } from './operator.ts';
import type { ScheduleConfig } from './schedule-config.ts';
import type { ScheduleContext } from './schedule-context.ts';

/**
 * Findings after which a batch ends early. Each may take a few ids, of which PD has only so many at
 * hand at a time.
 */
const MOST_FINDINGS = 16;

/**
 * Goes round all regions in order of keys, 128 every 10 ms, and asks the checkers about each that
 * has no operator. PD goes round without pause; here, a round in which nothing was begun is
 * followed by a rest that grows as a scheduler's interval does, to 5 s at most, so that a cluster
 * at rest costs next to nothing. Source: PD `coordinator.patrolRegions`, `checker.Controller`.
 */
export class Patrol {
  private readonly config: ScheduleConfig;
  private readonly merges: MergeChecker;
  private nextKey = '';
  private dueUs: number;
  private restUs: number;
  private begun = false;

  constructor(config: ScheduleConfig, merges: MergeChecker, nowUs: number) {
    this.config = config;
    this.merges = merges;
    this.restUs = config.patrolIntervalUs;
    this.dueUs = nowUs + config.patrolIntervalUs;
  }

  /** When the next batch is due. */
  get nextDueUs(): number {
    return this.dueUs;
  }

  /** Looks at the next batch, if it is time. */
  tick(context: ScheduleContext): void {
    const { nowUs, cluster } = context;
    if (this.dueUs > nowUs) return;
    const { patrolBatch, patrolIntervalUs } = this.config;
    const batch = cluster.scanRegions(this.nextKey, patrolBatch);
    const visited = this.visitAll(context, batch);
    this.nextKey = batch[visited - 1]?.region.endKey ?? '';
    const isRoundOver = this.nextKey === '' || (visited === batch.length && visited < patrolBatch);
    this.dueUs = nowUs + (isRoundOver ? this.endRound() : patrolIntervalUs);
  }

  /** Returns how many were visited. */
  private visitAll(context: ScheduleContext, batch: readonly RegionHeartbeat[]): number {
    let findings = 0;
    let visited = 0;
    for (const region of batch) {
      if (findings >= MOST_FINDINGS) break;
      if (this.visit(context, region)) findings++;
      visited++;
    }
    return visited;
  }

  /** Returns the pause before the next round. */
  private endRound(): number {
    const { patrolIntervalUs, maxScheduleIntervalUs } = this.config;
    const longerUs = Math.min(maxScheduleIntervalUs, Math.floor((this.restUs * 13) / 10));
    this.restUs = this.begun ? patrolIntervalUs : longerUs;
    this.begun = false;
    this.nextKey = '';
    return this.restUs;
  }

  /** Whether there was something to be done, be it possible now or not. */
  private visit(context: ScheduleContext, region: RegionHeartbeat): boolean {
    const { operators, nowUs } = context;
    if (operators.operatorOf(region.region.id) !== undefined) return false;
    const found = this.check(context, region);
    if (found.length === 0) return false;
    const isPossible = !operators.exceedsStoreLimit(found, nowUs);
    if (isPossible && operators.addWaiting(found, nowUs) > 0) this.begun = true;
    return true;
  }

  private check(context: ScheduleContext, region: RegionHeartbeat): readonly Operator[] {
    const { operators } = context;
    const joint = checkJointState(context, region);
    if (joint !== undefined) return [joint];
    const { replicaScheduleLimit, mergeScheduleLimit } = this.config;
    if (operators.countOf(OperatorKind.replica) < replicaScheduleLimit) {
      const repair = checkReplicas(context, region);
      if (repair !== undefined) return [repair];
    }
    if (operators.countOf(OperatorKind.merge) >= mergeScheduleLimit) return [];
    return this.merges.check(context, region);
  }
}
