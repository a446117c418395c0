import { SECOND_US } from './duration.ts';
import type { Settings } from './settings.ts';

/** Everything but the seed, which is drawn anew for each run unless it is given. */
export const DEFAULTS = {
  // More than an hour and some 30 kills, and over in under a minute of wall time.
  runTimeUs: 62 * 60 * SECOND_US,
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
