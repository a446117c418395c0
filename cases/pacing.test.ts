import { expect, it } from 'vitest';
import { ArrivalSchedule } from './pacing.ts';

it('lets an operation come due every period, from its phase on', () => {
  const schedule = new ArrivalSchedule(30, 100);
  expect([schedule.next(0), schedule.next(31), schedule.next(140)]).toEqual([30, 130, 230]);
});

it('does one operation at once when late, and forgets the others that were missed', () => {
  const schedule = new ArrivalSchedule(0, 100);
  expect(schedule.next(0)).toBe(0);
  expect(schedule.next(350)).toBe(350);
  expect(schedule.next(360)).toBe(400);
});

it('keeps to its grid over a fractional period of microseconds', () => {
  const schedule = new ArrivalSchedule(0, 0.75);
  expect([0, 0, 0, 0].map(() => schedule.next(0))).toEqual([0, 1, 2, 2]);
});
