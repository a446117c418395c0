import { SECOND_US } from './duration.ts';
import type { Settings } from './settings.ts';

/** Everything but the seed, which is drawn anew for each run unless it is given. */
export const DEFAULTS = {
  // Long enough for some 35 kills, and over in well under a minute of wall time.
  runTimeUs: 70 * 60 * SECOND_US,
  nemeses: ['random_kill'],
  nemesisMode: 'round-robin',
  preset: 'oom',
  tidb: 2,
  tikv: 3,
  pd: 3,
  profile: 'v8.5.0',
  bugs: [],
  target: 'sim',
  out: 'store',
} as const satisfies Settings;
