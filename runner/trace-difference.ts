import type { Checkpoint } from '../cluster/sim/trace.ts';
import { formatDuration } from './duration.ts';

/** Where two traces part, as one sentence, as closely as their checkpoints tell. */
export function whereTheyPart(kept: readonly Checkpoint[], now: readonly Checkpoint[]): string {
  const shared = Math.min(kept.length, now.length);
  for (let i = 0; i < shared; i++) {
    const before = kept[i] as Checkpoint;
    if (before.hash !== (now[i] as Checkpoint).hash) return between(kept[i - 1], before);
  }
  const last = kept[shared - 1];
  if (last === undefined) return 'the traces have no checkpoint in common';
  const when = formatDuration(last.timeUs);
  return `the traces agree up to event ${last.events}, at ${when} of virtual time, and part after it`;
}

function between(same: Checkpoint | undefined, different: Checkpoint): string {
  const from = same ?? { events: 0, timeUs: 0 };
  return (
    `the traces part between events ${from.events} and ${different.events}, ` +
    `${formatDuration(from.timeUs)} to ${formatDuration(different.timeUs)} of virtual time`
  );
}
