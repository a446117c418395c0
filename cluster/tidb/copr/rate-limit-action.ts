import { type Bugs, NO_BUGS } from '../../bugs.ts';
import type { Wait } from '../../sim/index.ts';
import { MemoryAction, type Untried } from '../memory/action.ts';
import { type Frame, sourceOf } from '../memory/stack.ts';
import type { StatementMemory } from '../memory/statement-memory.ts';
import type { Tracker } from '../memory/tracker.ts';

/** Before all that spills: it is tried first. */
const PRIORITY_RATE_LIMIT = 3;

/**
 * Slows a reader down when the quota is exceeded: of the tokens that let it ask for more, one is
 * destroyed for each task whose answers have been read. A trigger only arms it; the token goes when
 * the reader comes to the end of a task. Until then further triggers are swallowed: nothing is done
 * and no fallback is asked. So while nobody reads from its reader, it shields all who grow. That
 * is TiDB's #32624, and how it is meant to work, as far as can be told.
 *
 * ```
 *   idle ── trigger, 2 tokens or more ──▶ armed ── a task has been read ──▶ idle, one token less
 *     └──── trigger, 1 token ──▶ off: this and all later triggers go to the fallback
 * ```
 *
 * Source: TiDB `store/copr/coprocessor.go`, `rateLimitAction`.
 */
export class RateLimitAction extends MemoryAction {
  readonly priority = PRIORITY_RATE_LIMIT;
  /** Tokens in all, and those not destroyed. */
  total = 0;
  remaining = 0;
  /** It has been armed at least once. */
  hasActed = false;
  private enabled: boolean;
  private armed = false;
  private delegating = false;
  private readonly memory: StatementMemory;
  private readonly bugs: Bugs;

  constructor(memory: StatementMemory, enabled: boolean, bugs: Bugs = NO_BUGS) {
    super();
    this.memory = memory;
    this.enabled = enabled;
    this.bugs = bugs;
  }

  get frame(): Frame {
    return {
      package: 'store/copr',
      method: '(*rateLimitAction).Action',
      file: 'coprocessor.go',
      line: this.delegating ? 1239 : 1227,
    };
  }

  /** It has been triggered, and nobody has come to the end of a task since. */
  get isArmed(): boolean {
    return this.armed;
  }

  /** The reader knows how many tokens it has. */
  setTokens(total: number): void {
    this.total = total;
    this.remaining = total;
  }

  *act(tracker: Tracker): Wait<void> {
    if (!this.enabled || this.total === 0) yield* this.passOn(tracker);
    else if (!this.armed) {
      if (this.remaining > 1) this.arm(tracker);
      else if (!this.bugs.has('mem.rateLimitMasksQuota')) yield* this.delegate(tracker);
    }
  }

  override untried(): Untried | undefined {
    const could = this.enabled && this.remaining >= 2;
    return could ? { action: 'rate-limit', bytes: undefined } : undefined;
  }

  /** All answers of a task have been read. False: its token is not to be given back. */
  taskRead(): boolean {
    if (!this.enabled || !this.armed) return true;
    this.armed = false;
    this.remaining--;
    return false;
  }

  /** The reader has come to its end, or was closed. */
  close(): void {
    if (this.bugs.has('mem.fallbackCycle')) return;
    this.enabled = false;
    this.finished = true;
  }

  private arm(tracker: Tracker): void {
    this.armed = true;
    this.hasActed = true;
    this.log('memory exceeds quota, destroy one token now.', 1250, [
      ['consumed', tracker.consumed],
      ['quota', tracker.limit],
      ['total token count', this.total],
      ['remaining token count', this.remaining],
    ]);
    this.memory.acted('rate-limit', tracker, this.remaining);
  }

  private *delegate(tracker: Tracker): Wait<void> {
    this.enabled = false;
    this.log('memory exceeds quota, rateLimitAction delegate to fallback action', 1236, [
      ['total token count', this.total],
    ]);
    this.memory.acted('delegate', tracker, this.remaining);
    this.delegating = true;
    yield* this.passOn(tracker);
    // Not after a panic: whoever recovers asks then which way it came.
    this.delegating = false;
  }

  private log(message: string, line: number, fields: readonly [string, number][]): void {
    const { log, profile } = this.memory;
    log('INFO', sourceOf(profile, 'coprocessor.go', line), message, fields);
  }
}
