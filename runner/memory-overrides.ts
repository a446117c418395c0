import { PROFILES, type ProfileName } from '../cluster/profiles.ts';
import { SETTINGS, type Settings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/** Memory control as it was set by hand; what is absent is the version's default. */
export type MemoryOverrides = Pick<
  Settings,
  | 'memQuotaBytes'
  | 'oomAction'
  | 'rateLimitAction'
  | 'executorConcurrency'
  | 'tmpStorage'
  | 'tmpStorageQuotaBytes'
  | 'serverMemoryLimit'
>;

/** The system variable of each; `tmp-storage-quota` is none, but stands in TiDB's own file. */
const VARIABLES = {
  memQuotaBytes: 'tidb_mem_quota_query',
  oomAction: 'tidb_mem_oom_action',
  rateLimitAction: 'tidb_enable_rate_limit_action',
  executorConcurrency: 'tidb_executor_concurrency',
  tmpStorage: 'tidb_enable_tmp_storage_on_oom',
  serverMemoryLimit: 'tidb_server_memory_limit',
} as const satisfies Partial<Record<keyof MemoryOverrides, string>>;

type VariableName = keyof typeof VARIABLES;

const NAMES = Object.keys(VARIABLES) as VariableName[];
/** Those that came with v6.1 or later. */
const LATER: readonly VariableName[] = ['oomAction', 'tmpStorage', 'serverMemoryLimit'];

/**
 * The part of the settings that is about memory. Throws a `UsageError` for what a version does not
 * have.
 */
export function memoryOverridesOf(settings: Settings, profile: ProfileName): MemoryOverrides {
  const hasAll = PROFILES[profile].memory.serverLimit !== 'none';
  for (const name of LATER) {
    if (hasAll || settings[name] === undefined) continue;
    throw new UsageError(`--${SETTINGS[name].flag}: ${profile} has no ${VARIABLES[name]}`);
  }
  const names = [...NAMES, 'tmpStorageQuotaBytes' as const];
  const set = names.filter((name) => settings[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, settings[name]]));
}

/** What the system variables of a cluster are to be when it begins. */
export function systemVariables(overrides: MemoryOverrides): [name: string, value: string][] {
  const set = NAMES.filter((name) => overrides[name] !== undefined);
  return set.map((name) => [VARIABLES[name], String(overrides[name])]);
}
