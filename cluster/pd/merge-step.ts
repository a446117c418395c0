import type { RegionInfo } from '../tikv/request.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import { fastStepUs, type Step, type StepCommand } from './steps.ts';

/** A merge copies nothing, but it has two regions agree: ten times what a fast step is allowed. */
const MERGE_FACTOR = 10;

/**
 * One region becomes part of its neighbour. The step stands in two operators: the active one tells
 * the source what to do and ends with it; the passive one keeps every other operator away from the
 * target, and ends when the target's range has grown. Source: PD `operator.MergeRegion`.
 */
export class MergeRegion implements Step {
  readonly isFast = false;
  /** Stands in the operator of the target. */
  readonly isPassive: boolean;
  private readonly source: RegionInfo;
  private readonly target: RegionInfo;

  constructor(source: RegionInfo, target: RegionInfo, isPassive: boolean) {
    this.source = source;
    this.target = target;
    this.isPassive = isPassive;
  }

  describe(): string {
    const role = this.isPassive ? ' (passive)' : '';
    return `merge region ${this.source.id} into region ${this.target.id}${role}`;
  }

  isFinished({ region }: RegionHeartbeat): boolean {
    return this.isPassive && !hasRange(region, this.target);
  }

  /** A source that has prepared to be merged has raised both parts of its epoch. */
  confVerChanged({ region }: RegionHeartbeat): number {
    return !this.isPassive && region.epoch.version > this.source.epoch.version ? 1 : 0;
  }

  /** A source that has given up raised its version again; one that was split has another range. */
  obstacle({ region }: RegionHeartbeat): string | undefined {
    if (this.isPassive) return undefined;
    if (!hasRange(region, this.source)) return 'the source has been split';
    const given = region.epoch.version - this.source.epoch.version;
    return given > 1 ? 'the source has rolled back' : undefined;
  }

  /** Nothing to the target, and nothing to a source that has prepared. */
  command({ region }: RegionHeartbeat): StepCommand | undefined {
    if (this.isPassive || region.epoch.version !== this.source.epoch.version) return undefined;
    return { kind: 'merge', target: this.target };
  }

  timeoutUs(megabytes: number): number {
    return MERGE_FACTOR * fastStepUs(megabytes);
  }

  influence(): void {}
}

function hasRange(a: RegionInfo, b: RegionInfo): boolean {
  return a.startKey === b.startKey && a.endKey === b.endKey;
}
