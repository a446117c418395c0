import { type CheckResult, valid } from './checker.ts';

/**
 * Collects what a check finds and speaks of the first thing that went wrong in virtual time: later
 * ones are mostly its consequences.
 */
export class Findings {
  private readonly name: string;
  private count = 0;
  private atUs = Number.POSITIVE_INFINITY;
  private ops: readonly number[] = [];
  private text = '';

  constructor(name: string) {
    this.name = name;
  }

  /**
   * A finding at `atUs` (infinite if its time is not known); `tell` is called only if it matters.
   */
  add(atUs: number, tell: () => { text: string; ops: readonly number[] }): void {
    this.count++;
    if (this.count > 1 && atUs >= this.atUs) return;
    const { text, ops } = tell();
    this.atUs = atUs;
    this.text = text;
    this.ops = ops;
  }

  /** Valid if nothing was found, else invalid. */
  result(): CheckResult {
    if (this.count === 0) return valid(this.name);
    const more = this.count === 1 ? '' : ` (and ${this.count - 1} more)`;
    return {
      name: this.name,
      verdict: 'invalid',
      cause: this.text + more,
      ops: this.ops,
      ...(Number.isFinite(this.atUs) ? { atUs: this.atUs } : {}),
    };
  }
}
