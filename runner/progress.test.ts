import { describe, expect, test } from 'vitest';
import { progressOn } from './progress.ts';
import type { RunState } from './simulation.ts';
import { Tally } from './tally.ts';

const SECOND_US = 1_000_000;

function state(seconds: number): RunState {
  const tally = new Tally();
  tally.operations.ok = 1234;
  return {
    phase: 'safety',
    nowUs: seconds * SECOND_US,
    safety: { fromUs: 0, untilUs: 4000 * SECOND_US },
    tally,
    faults: { begun: 3, running: 1, planned: 34 },
    events: seconds * 1000,
  };
}

/** What is printed when a state is shown every wall second, one virtual quarter hour apart. */
function printed(isTTY: boolean): string[] {
  const lines: string[] = [];
  let ms = 0;
  const stream = { isTTY, write: (text: string) => lines.push(text) };
  const progress = progressOn(stream, () => ms);
  for (let step = 1; step <= 6; step++) {
    ms = step * 1000;
    progress.update(state(step * 500));
  }
  progress.say('a word');
  progress.done();
  return lines;
}

describe('progress', () => {
  test('without a terminal is a plain line every few seconds', () => {
    expect(printed(false)).toEqual([
      'safety   0:41:40 of 1:06:40 62 % · 1,234 ok, 0 fail, 0 info · 0 verified · ' +
        'faults 3/34 (1 now) · 500,000 events/s · 500×\n',
      'a word\n',
    ]);
  });

  test('on a terminal is one line that is written over, and wiped at the end', () => {
    const lines = printed(true);
    expect(lines).toHaveLength(8);
    expect(lines.every((line) => line.startsWith('\r\u001b[2K'))).toBe(true);
    expect(lines.slice(0, 6).some((line) => line.includes('\n'))).toBe(false);
    expect(lines.at(-1)).toBe('\r\u001b[2K');
  });
});
