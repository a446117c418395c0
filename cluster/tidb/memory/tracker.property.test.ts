import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Tracker } from './tracker.ts';

const SIZE = 6;

/** One step of somebody who uses a tree of trackers as they may be used. */
type Step =
  | { readonly kind: 'charge'; readonly at: number; readonly bytes: number }
  | { readonly kind: 'release'; readonly at: number; readonly part: number }
  | { readonly kind: 'attach'; readonly at: number; readonly to: number }
  | { readonly kind: 'detach'; readonly at: number };

const index = fc.nat(SIZE - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('charge' as const), at: index, bytes: fc.nat(1000) }),
  fc.record({ kind: fc.constant('release' as const), at: index, part: fc.nat(100) }),
  fc.record({ kind: fc.constant('attach' as const), at: index, to: index }),
  fc.record({ kind: fc.constant('detach' as const), at: index }),
);

/** Trackers, and what each was charged with itself. */
interface Forest {
  readonly trackers: readonly Tracker[];
  readonly own: number[];
}

/** Parents have lower numbers, so that no tracker comes under itself. */
function apply({ trackers, own }: Forest, does: Step): void {
  const tracker = trackers[does.at] as Tracker;
  switch (does.kind) {
    case 'charge':
      tracker.charge(does.bytes);
      own[does.at] = (own[does.at] as number) + does.bytes;
      break;
    case 'release': {
      const bytes = Math.floor(((own[does.at] as number) * does.part) / 100);
      tracker.release(bytes);
      own[does.at] = (own[does.at] as number) - bytes;
      break;
    }
    case 'attach':
      if (does.to < does.at) tracker.attachTo(trackers[does.to] as Tracker);
      break;
    case 'detach':
      tracker.detach();
  }
}

function holds({ trackers, own }: Forest): void {
  for (const [i, tracker] of trackers.entries()) {
    const below = tracker.children.reduce((sum, child) => sum + child.consumed, 0);
    expect(tracker.consumed).toBe((own[i] as number) + below);
    expect(tracker.consumed).toBeGreaterThanOrEqual(0);
    expect(tracker.maxConsumed).toBeGreaterThanOrEqual(tracker.consumed);
    for (const child of tracker.children) expect(child.parent).toBe(tracker);
  }
}

test('a tracker holds what it was charged with and what its children hold', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const forest: Forest = {
        trackers: Array.from({ length: SIZE }, (_, i) => new Tracker(i)),
        own: new Array(SIZE).fill(0),
      };
      for (const does of steps) {
        apply(forest, does);
        holds(forest);
      }
      for (const [i, tracker] of forest.trackers.entries())
        tracker.release(forest.own[i] as number);
      expect(forest.trackers.map(({ consumed }) => consumed)).toEqual(new Array(SIZE).fill(0));
    }),
    { seed: 1, numRuns: 300 },
  );
});
