import { PRIMARY_KEYS, VERIFY_FROM } from '../cases/index.ts';
import { PROFILE_NAMES } from '../cluster/profiles.ts';
import { NEMESIS_MODES } from '../nemesis/plan.ts';
import { SECOND_US } from './duration.ts';
import {
  BYTES,
  durationOf,
  MEMORY_LIMIT,
  MEMORY_MIX,
  oneOf,
  SCALE,
  type Scalar,
  SEED,
  someText,
  wholeNumber,
} from './scalar.ts';
import { TARGET } from './target.ts';

/**
 * Everything about a run that can be set, once: the flags, the keys of `harness.config.yaml`, their
 * checks and the help text are all made from this table.
 */

/** One thing that can be set. */
export interface Setting<T> {
  /** Flag without its dashes; tipocket's name where it has one. */
  readonly flag: string;
  /** Where it stands in the configuration file: section, if any, and key. */
  readonly key: readonly [string] | readonly [section: string, key: string];
  /** Placeholder of the value in the help text. */
  readonly value: string;
  /** One line of help, with the unit where there is one. */
  readonly help: string;
  readonly scalar: Scalar<T>;
  /** Several values: a list in the file, separated by commas in the flag. */
  readonly many: boolean;
}

/** Nodes of one kind: more than this on one core would only be slow. */
const NODES_MAX = 64;
const NODE_COUNT = wholeNumber(1, NODES_MAX);

/** A setting with one value. Defaults stand in `options.ts`. */
function one<T>(setting: Omit<Setting<T>, 'many'>): Setting<T> & { readonly many: false } {
  return { ...setting, many: false };
}

/** A setting with a list of names. */
function many(
  setting: Omit<Setting<string>, 'many' | 'scalar'>,
): Setting<string> & { readonly many: true } {
  return { ...setting, scalar: someText('a name'), many: true };
}

/** The table. Its order is the order of the help text. */
export const SETTINGS = {
  runTimeUs: one({
    flag: 'run-time',
    key: ['run-time'],
    value: '<duration>',
    scalar: durationOf(SECOND_US),
    help: 'virtual time under faults, such as 6h',
  }),
  nemeses: many({
    flag: 'nemesis',
    key: ['nemesis'],
    value: '<a,b,…>',
    help: 'what goes wrong (see: wavetank list nemeses); "none" for nothing',
  }),
  nemesisMode: one({
    flag: 'nemesis-mode',
    key: ['nemesis-mode'],
    value: '<mode>',
    scalar: oneOf(NEMESIS_MODES),
    help: 'round-robin: one nemesis at a time, in turn; overlap: each on its own, all at once',
  }),
  seed: one({
    flag: 'seed',
    key: ['seed'],
    value: '<number>',
    scalar: SEED,
    help: '64 bits; the same seed is the same run',
  }),
  preset: one({
    flag: 'preset',
    key: ['preset'],
    value: '<name>',
    scalar: oneOf(['oom', 'hot']),
    help: 'oom: TiDB issue 32624 to scale; hot: few accounts, no pacing, for concurrency bugs',
  }),
  scaleDenominator: one({
    flag: 'scale',
    key: ['cluster', 'scale'],
    value: '<1/N>',
    scalar: SCALE,
    help: 'size of what memory is made of; N is a power of two',
  }),
  tidb: one({
    flag: 'tidb-replicas',
    key: ['cluster', 'tidb'],
    value: '<n>',
    scalar: NODE_COUNT,
    help: 'TiDB nodes',
  }),
  tikv: one({
    flag: 'tikv-replicas',
    key: ['cluster', 'tikv'],
    value: '<n>',
    scalar: NODE_COUNT,
    help: 'TiKV stores',
  }),
  pd: one({
    flag: 'pd-replicas',
    key: ['cluster', 'pd'],
    value: '<n>',
    scalar: NODE_COUNT,
    help: 'PD members',
  }),
  profile: one({
    flag: 'tidb-version',
    key: ['cluster', 'tidb-version'],
    value: '<version>',
    scalar: oneOf(PROFILE_NAMES),
    help: 'which version the nodes behave like',
  }),
  memQuotaBytes: one({
    flag: 'mem-quota',
    key: ['memory', 'quota'],
    value: '<size>',
    scalar: BYTES,
    help: 'tidb_mem_quota_query: what a statement may hold, bytes or such as 16MB',
  }),
  oomAction: one({
    flag: 'oom-action',
    key: ['memory', 'oom-action'],
    value: '<action>',
    scalar: oneOf(['cancel', 'log']),
    help: 'tidb_mem_oom_action: what becomes of a statement that holds more',
  }),
  rateLimitAction: one({
    flag: 'rate-limit-action',
    key: ['memory', 'rate-limit-action'],
    value: '<on|off>',
    scalar: oneOf(['on', 'off']),
    help: 'tidb_enable_rate_limit_action: whether readers slow down before anything else is done',
  }),
  executorConcurrency: one({
    flag: 'executor-concurrency',
    key: ['memory', 'executor-concurrency'],
    value: '<n>',
    scalar: wholeNumber(1, 256),
    help: 'tidb_executor_concurrency: workers of an operator',
  }),
  tmpStorage: one({
    flag: 'tmp-storage',
    key: ['memory', 'tmp-storage'],
    value: '<on|off>',
    scalar: oneOf(['on', 'off']),
    help: 'tidb_enable_tmp_storage_on_oom: whether operators may spill',
  }),
  tmpStorageQuotaBytes: one({
    flag: 'tmp-storage-quota',
    key: ['memory', 'tmp-storage-quota'],
    value: '<size>',
    scalar: BYTES,
    help: 'tmp-storage-quota: what all statements of a node may have on disk',
  }),
  serverMemoryLimit: one({
    flag: 'server-memory-limit',
    key: ['memory', 'server-limit'],
    value: '<limit>',
    scalar: MEMORY_LIMIT,
    help: 'tidb_server_memory_limit: what a TiDB node may hold, such as 80% or 1GB; 0 is no limit',
  }),
  bugs: many({
    flag: 'bug',
    key: ['bugs'],
    value: '<a,b,…>',
    help: 'seeded defects to switch on (see: wavetank list mutants)',
  }),
  target: one({
    flag: 'target',
    key: ['target'],
    value: '<where>',
    scalar: TARGET,
    help: 'sim: the simulated cluster',
  }),
  out: one({
    flag: 'out',
    key: ['out'],
    value: '<folder>',
    scalar: someText('a folder'),
    help: 'where the folders of runs are kept',
  }),
  accounts: one({
    flag: 'accounts',
    key: ['ledger', 'accounts'],
    value: '<n>',
    scalar: wholeNumber(2, 100_000_000),
    help: 'ledger: accounts, exactly as many',
  }),
  concurrency: one({
    flag: 'concurrency',
    key: ['ledger', 'concurrency'],
    value: '<n>',
    scalar: wholeNumber(1, 10_000),
    help: 'ledger: workers that post',
  }),
  intervalUs: one({
    flag: 'interval',
    key: ['ledger', 'interval'],
    value: '<duration>',
    scalar: durationOf(1),
    help: 'ledger: pause between two verifications',
  }),
  txnMode: one({
    flag: 'txn-mode',
    key: ['ledger', 'txn-mode'],
    value: '<mode>',
    scalar: oneOf(['pessimistic', 'optimistic']),
    help: 'ledger: transaction mode',
  }),
  primaryKey: one({
    flag: 'primary-key',
    key: ['ledger', 'primary-key'],
    value: '<kind>',
    scalar: oneOf(PRIMARY_KEYS),
    help: 'ledger: clustered, nonclustered, or what the version makes of it (default)',
  }),
  verifyFrom: one({
    flag: 'verify-from',
    key: ['ledger', 'verify-from'],
    value: '<replicas>',
    scalar: oneOf(VERIFY_FROM),
    help: 'ledger: leader, follower, leader-and-follower, or stale (any, five seconds back)',
  }),
  memoryMix: one({
    flag: 'memory-mix',
    key: ['ledger', 'memory-mix'],
    value: '<kind=n,…>',
    scalar: MEMORY_MIX,
    help: 'ledger: readers that sort, join, aggregate, count distinct values; n says how often',
  }),
} as const;

type Table = typeof SETTINGS;
type ValueOf<S> = S extends { many: true }
  ? readonly string[]
  : S extends { scalar: Scalar<infer T> }
    ? T
    : never;

/** Name of a setting inside the harness. */
export type SettingName = keyof Table;

/** Values that were set somewhere; all optional. Times in µs. */
export type Settings = { readonly [K in SettingName]?: ValueOf<Table[K]> };

/** The table as a list. */
export const SETTING_LIST = Object.entries(SETTINGS) as [SettingName, Setting<unknown>][];

/** A comma-separated list; empty parts are dropped. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
