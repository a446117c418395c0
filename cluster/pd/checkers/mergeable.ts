import type { RegionHeartbeat } from '../heartbeat.ts';
import type { ScheduleConfig } from '../schedule-config.ts';

/** Length of the prefix that every key of one table begins with; see `cluster/key.ts`. */
const TABLE_PREFIX = 3;

/**
 * Whether two neighbours may become one: always, unless tables are to be kept apart. Placement
 * rules and labels, which also set borders, do not exist here. Source: PD `checker.AllowMerge`.
 */
export function mayMerge(
  { crossTableMerge }: ScheduleConfig,
  { region: a }: RegionHeartbeat,
  { region: b }: RegionHeartbeat,
): boolean {
  if (crossTableMerge) return true;
  return a.startKey.slice(0, TABLE_PREFIX) === b.startKey.slice(0, TABLE_PREFIX);
}
