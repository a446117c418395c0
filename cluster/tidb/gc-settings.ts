import { parseDuration } from './go-duration.ts';
import type { GlobalVariables } from './sysvar.ts';
import type { GcSettings } from './txn/index.ts';

/** What the global variables say of garbage collection at present. */
export function gcSettings(globals: GlobalVariables): GcSettings {
  return {
    enabled: globals.get('tidb_gc_enable') === 'ON',
    lifeMs: parseDuration(globals.get('tidb_gc_life_time')) as number,
    intervalMs: parseDuration(globals.get('tidb_gc_run_interval')) as number,
  };
}
