/**
 * The timestamp oracle's rules, as a machine without time or disk of its own. A window of
 * timestamps is saved *before* any of it is used: were it the other way round, a leader could hand
 * out a timestamp, die before remembering it, and its successor hand out the same one again.
 *
 * ```
 *   physical ──────▶            saved
 *   ├── handed out ──┼── may be handed out ──┤  never without saving first
 * ```
 *
 * Source: PD `server/tso` (v6.0.0).
 */
import { composeTs, LOGICAL_PER_MS } from '../timestamp.ts';

/** How far ahead a window reaches, ms (`tso-save-interval`). */
export const SAVE_INTERVAL_MS = 3000;
/** Differences up to this count as none, ms (`updateTimestampGuard`). */
const GUARD_MS = 1;

/** What the oracle must have saved before it goes on. */
export interface TsoStep {
  /** New upper bound to save, ms; undefined if the saved one will do. */
  readonly saveMs: number | undefined;
  /** Physical part to publish once that is saved. */
  readonly physicalMs: number;
}

/** State of the oracle on the member that leads. */
export class Tso {
  private readonly followsBack: boolean;
  private physicalMs = 0;
  private logical = 0;
  private savedMs = 0;
  private serving = false;

  constructor(bugs: ReadonlySet<string>) {
    this.followsBack = bugs.has('tso.physicalFollowsClockBack');
  }

  /** The saved upper bound, ms, as far as this member itself saved it. */
  get rememberedMs(): number {
    return this.savedMs;
  }

  /** Becoming leader: time must lie beyond everything a predecessor may have handed out. */
  sync(nowMs: number, savedMs: number): TsoStep {
    this.savedMs = savedMs;
    const physicalMs = nowMs - savedMs < GUARD_MS ? savedMs + GUARD_MS : nowMs;
    return { saveMs: physicalMs + SAVE_INTERVAL_MS, physicalMs };
  }

  /** The 50 ms tick. A clock that went back freezes the physical part; logical values carry on. */
  tick(nowMs: number): TsoStep | undefined {
    if (!this.serving) return undefined;
    let next = this.physicalMs;
    if (nowMs - this.physicalMs > GUARD_MS || this.goesBack(nowMs)) next = nowMs;
    else if (this.logical > LOGICAL_PER_MS / 2) next = this.physicalMs + 1;
    else return undefined;
    const saveMs = this.savedMs - next <= GUARD_MS ? next + SAVE_INTERVAL_MS : undefined;
    return { saveMs, physicalMs: next };
  }

  /** A step's window has been saved (or needed no saving): its physical part may be used. */
  publish(step: TsoStep): void {
    if (step.saveMs !== undefined) this.savedMs = step.saveMs;
    if (step.physicalMs > this.physicalMs || this.goesBack(step.physicalMs)) {
      this.physicalMs = step.physicalMs;
      this.logical = 0;
    }
    this.serving = true;
  }

  private goesBack(ms: number): boolean {
    return this.followsBack && ms < this.physicalMs;
  }

  /** No longer leader. */
  reset(): void {
    this.serving = false;
    this.physicalMs = 0;
    this.logical = 0;
  }

  /** The last of `count` fresh timestamps, or undefined until the next tick makes room. */
  allocate(count: number): number | undefined {
    if (!this.serving || this.logical + count >= LOGICAL_PER_MS) return undefined;
    this.logical += count;
    return composeTs(this.physicalMs, this.logical);
  }
}
