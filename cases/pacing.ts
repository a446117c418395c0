/**
 * When one client's operations are due: every `periodUs`, from `originUs` on. A client that is late
 * does the one operation that is due and forgets the others, so that an outage is not followed by a
 * flood that the schedule never asked for.
 */
export class ArrivalSchedule {
  private readonly originUs: number;
  private readonly periodUs: number;
  private taken = -1;

  constructor(originUs: number, periodUs: number) {
    this.originUs = originUs;
    this.periodUs = periodUs;
  }

  /**
   * Takes the next arrival, given that it is now `nowUs`; returns when it is due: `nowUs` if
   * late.
   */
  next(nowUs: number): number {
    const missed = Math.floor((nowUs - this.originUs) / this.periodUs);
    this.taken = Math.max(this.taken + 1, missed);
    return Math.max(nowUs, Math.round(this.originUs + this.taken * this.periodUs));
  }
}
