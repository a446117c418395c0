import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sampleResult } from '../testing/sample-soak.ts';
import { type SoakProgress, soakProgressOn } from './soak-progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is printed during a soak of ten seeds, of which one was done before. */
function printed(isTTY: boolean, act: (progress: SoakProgress) => void, forMs?: number): string[] {
  const lines: string[] = [];
  const stream = { isTTY, write: (text: string) => lines.push(text) };
  const progress = soakProgressOn(stream, () => Date.now(), forMs);
  progress.begin([sampleResult('1')], 9);
  act(progress);
  progress.done();
  return lines;
}

function fewSeeds(progress: SoakProgress): void {
  for (const seed of ['2', '3']) {
    progress.started();
    vi.advanceTimersByTime(10_000);
    progress.ended(sampleResult(seed));
  }
  progress.started();
  progress.started();
  vi.advanceTimersByTime(10_000);
}

describe('the progress of a soak', () => {
  test('without a terminal is a plain line at times, with what is done and what is left', () => {
    expect(printed(false, fewSeeds)).toEqual([
      'seeds 3/10 · 3 valid · 4 min 30 s simulated · 2 running · 1 min 45 s left\n',
    ]);
  });

  test('on a terminal is one line that is written over, and wiped at the end', () => {
    const lines = printed(true, fewSeeds);
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.every((line) => line.startsWith('\r\u001b[2K'))).toBe(true);
    expect(lines.some((line) => line.includes('\n'))).toBe(false);
    expect(lines.at(-1)).toBe('\r\u001b[2K');
  });

  test('tells of a failure at once, with the command that shows it again', () => {
    const lines = printed(false, (progress) => {
      progress.started();
      progress.ended(sampleResult('7', { outcome: 'invalid', check: 'x', cause: 'one\ntwo' }));
    });
    expect(lines).toEqual([
      'seed 7 invalid: x: one two\n  replay: npx wavetank run ledger --seed=7\n',
    ]);
  });

  test('knows that the soak may end by time before it ends by seeds', () => {
    const [line] = printed(false, fewSeeds, 60_000);
    expect(line).toMatch(/ · 30 s left\n$/);
  });

  test('says so while it cannot know how long it will take', () => {
    const [line] = printed(false, () => vi.advanceTimersByTime(30_000));
    expect(line).toMatch(/^seeds 1\/10 · 1 valid · .* · 0 running · time left unknown\n$/);
  });

  test('leaves no timer behind', () => {
    printed(true, fewSeeds);
    expect(vi.getTimerCount()).toBe(0);
  });
});
