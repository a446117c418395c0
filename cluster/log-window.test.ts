import { expect, it } from 'vitest';
import { LogWindow } from './log-window.ts';

it('remembers the term of each entry as it was applied first', () => {
  const log = new LogWindow();
  for (let index = 6; index < 3000; index++) log.applied(index, index % 7);
  for (let index = 6; index < 3000; index++) expect(log.termAt(index)).toBe(index % 7);
  expect(log.termAt(5)).toBeUndefined();
  expect(log.termAt(3000)).toBeUndefined();
});

it('forgets what 4,096 entries have followed, and lets nothing older in', () => {
  const log = new LogWindow();
  for (let index = 1; index <= 5000; index++) log.applied(index, 3);
  expect(log.termAt(904)).toBeUndefined();
  expect(log.termAt(905)).toBe(3);
  log.applied(10, 4);
  expect(log.termAt(10)).toBeUndefined();
});

it('knows when a leader applied an entry first, and that another does so again', () => {
  const log = new LogWindow();
  for (let index = 1; index <= 200; index++) expect(log.led(index, index * 10)).toBe(true);
  expect(log.led(150, 9999)).toBe(false);
  expect(log.ledAt(150)).toBe(1500);
  expect(log.ledAt(201)).toBeUndefined();
});
