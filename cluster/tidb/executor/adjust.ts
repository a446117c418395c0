import type { Wait } from '../../sim/index.ts';
import type { Tracker } from '../memory/tracker.ts';

/** Has a tracker hold so many bytes more, or less. */
export function* adjust(tracker: Tracker, bytes: number): Wait<void> {
  if (bytes < 0) tracker.release(-bytes);
  else if (!tracker.charge(bytes)) yield* tracker.act();
}
