import type { Costs } from '../costs.ts';
import { toInt } from '../datum.ts';
import { SqlError } from '../errors.ts';
import { type Profile, serverVersion } from '../profiles.ts';
import { copProfileOf } from './copr/index.ts';
import type { Warning } from './executor/context.ts';
import { parseDuration } from './go-duration.ts';
import { BIGINT, type SqlType, TEXT } from './sql/catalog-type.ts';
import { checkValue, type Domain } from './sysvar-domain.ts';

interface Definition {
  /** `process`: SET without GLOBAL changes it for the whole server (v5.5). */
  readonly scope: 'both' | 'global' | 'session' | 'process' | 'read-only';
  readonly domain: Domain;
  readonly value: string;
}

const TEXT_DOMAIN: Domain = { kind: 'text' };
const BOOL: Domain = { kind: 'bool' };

function int(value: number, low: number, high: number): Definition {
  const domain: Domain = { kind: 'int', low: BigInt(low), high: BigInt(high) };
  return { scope: 'both', domain, value: String(value) };
}

function bool(on: boolean): Definition {
  return { scope: 'both', domain: BOOL, value: on ? 'ON' : 'OFF' };
}

function text(value: string, scope: Definition['scope'] = 'both'): Definition {
  return { scope, domain: TEXT_DOMAIN, value };
}

function duration(text: string, low: string): Definition {
  const domain: Domain = { kind: 'duration', lowMs: parseDuration(low) as number };
  return { scope: 'global', domain, value: text };
}

function choice(value: string, members: readonly string[]): Definition {
  return { scope: 'both', domain: { kind: 'enum', members }, value };
}

const ISOLATION = ['READ-UNCOMMITTED', 'READ-COMMITTED', 'REPEATABLE-READ', 'SERIALIZABLE'];

/** The variables there are. Source: TiDB `sessionctx/variable/sysvar.go`. */
function definitions(profile: Profile, costs: Costs): ReadonlyMap<string, Definition> {
  const version = serverVersion(profile.name);
  return new Map<string, Definition>([
    ['auto_increment_increment', int(1, 1, 65_535)],
    ['autocommit', bool(true)],
    ['character_set_client', text('utf8mb4')],
    ['character_set_connection', text('utf8mb4')],
    ['character_set_database', text('utf8mb4')],
    ['character_set_results', text('utf8mb4')],
    ['character_set_server', text('utf8mb4')],
    ['collation_connection', text('utf8mb4_bin')],
    ['collation_database', text('utf8mb4_bin')],
    ['collation_server', text('utf8mb4_bin')],
    ['cte_max_recursion_depth', int(1000, 0, 4_294_967_295)],
    ['init_connect', text('')],
    ['innodb_lock_wait_timeout', int(50, 1, 3600)],
    ['interactive_timeout', int(28_800, 1, 31_536_000)],
    ['license', text('Apache License 2.0', 'read-only')],
    ['lower_case_table_names', text('2', 'read-only')],
    ['max_allowed_packet', int(67_108_864, 1024, 1_073_741_824)],
    ['max_execution_time', int(0, 0, 2_147_483_647)],
    ['net_write_timeout', int(60, 1, 31_536_000)],
    ['performance_schema', bool(false)],
    ['sql_mode', text('ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES')],
    ['sql_select_limit', text('18446744073709551615')],
    ['system_time_zone', text('UTC', 'read-only')],
    ['time_zone', text('SYSTEM')],
    ['tidb_backoff_weight', int(2, 0, 2_147_483_647)],
    ['tidb_constraint_check_in_place', bool(false)],
    ['tidb_disable_txn_auto_retry', bool(true)],
    ['tidb_distsql_scan_concurrency', int(15, 1, 256)],
    ['tidb_enable_1pc', bool(true)],
    ['tidb_enable_async_commit', bool(true)],
    ['tidb_enable_clustered_index', choice(profile.clusteredIndex, ['OFF', 'ON', 'INT_ONLY'])],
    ['tidb_enable_paging', bool(copProfileOf(profile).paging)],
    ['tidb_enable_rate_limit_action', bool(copProfileOf(profile).rateLimitAction)],
    ['tidb_executor_concurrency', int(5, 1, 256)],
    ['tidb_gc_enable', { ...bool(true), scope: 'global' }],
    ['tidb_gc_life_time', duration('10m0s', '10m')],
    ['tidb_gc_run_interval', duration('10m0s', '10m')],
    ['tidb_isolation_read_engines', text('tikv,tiflash,tidb')],
    ['tidb_read_staleness', { ...int(0, -2_147_483_647, 0), scope: 'session' }],
    ['tidb_replica_read', choice('leader', ['leader', 'follower', 'leader-and-follower'])],
    ['tidb_retry_limit', int(10, 0, 2_147_483_647)],
    ['tidb_window_concurrency', int(-1, -1, 256)],
    ['tidb_txn_mode', choice('pessimistic', ['', 'pessimistic', 'optimistic'])],
    ['transaction_isolation', choice('REPEATABLE-READ', ISOLATION)],
    ['tx_isolation', choice('REPEATABLE-READ', ISOLATION)],
    ['tx_read_only', bool(false)],
    ['version', text(version, 'read-only')],
    ['version_comment', text(`TiDB Server ${profile.name}, simulated`, 'read-only')],
    ['wait_timeout', int(28_800, 0, 31_536_000)],
    ...memoryDefinitions(profile, costs),
  ]);
}

const LARGEST = 2n ** 63n - 1n;
/** Positive amounts of memory are at least this. */
const LEAST_MEMORY = 128n;

/**
 * The variables of memory control. Until v6.1 the configuration file had most of them, which is
 * left as it comes; sizes shrink with the scale.
 */
function memoryDefinitions(profile: Profile, costs: Costs): [string, Definition][] {
  const quota = String(costs.memQuotaBytes);
  const slow: Definition = { ...int(60, 10, 2_147_483_647), scope: 'global' };
  if (profile.memory.serverLimit === 'none') {
    const domain: Domain = { kind: 'int', low: -1n, high: LARGEST };
    return [
      ['tidb_expensive_query_time_threshold', { ...slow, scope: 'process' }],
      ['tidb_mem_quota_query', { scope: 'session', domain, value: quota }],
      ['tidb_memory_usage_alarm_ratio', fraction('0.8', 'process')],
    ];
  }
  const amount: Domain = { kind: 'int', low: -1n, high: LARGEST, leastPositive: LEAST_MEMORY };
  const units = profile.memory.serverLimit === 'v8';
  const size: Domain = { ...amount, low: 0n, units };
  const { memoryBytes: totalBytes, leastServerLimitBytes: leastBytes } = costs;
  const limit: Domain = {
    kind: 'memory-limit',
    rule: { totalBytes, leastBytes, binaryUnits: units },
  };
  const sessMinSize = String(costs.serverLimitSessMinBytes);
  return [
    ['tidb_enable_tmp_storage_on_oom', { ...bool(true), scope: 'global' }],
    ['tidb_expensive_query_time_threshold', slow],
    ['tidb_gogc_tuner_threshold', fraction('0.6', 'global')],
    ['tidb_mem_oom_action', { ...choice('CANCEL', ['CANCEL', 'LOG']), scope: 'global' }],
    ['tidb_mem_quota_query', { scope: 'both', domain: amount, value: quota }],
    ['tidb_memory_usage_alarm_keep_record_num', { ...int(5, 1, 10_000), scope: 'global' }],
    ['tidb_memory_usage_alarm_ratio', fraction('0.7', 'global')],
    ['tidb_server_memory_limit', { scope: 'global', domain: limit, value: '80%' }],
    ['tidb_server_memory_limit_gc_trigger', fraction('0.7', 'global')],
    [
      'tidb_server_memory_limit_sess_min_size',
      { scope: 'global', domain: size, value: sessMinSize },
    ],
  ];
}

function fraction(value: string, scope: Definition['scope']): Definition {
  return { scope, domain: { kind: 'float', low: 0, high: 1 }, value };
}

/** A variable's value as expressions see it. */
export interface VariableValue {
  readonly value: string | number | bigint;
  readonly type: SqlType;
}

/** Global variables of a cluster; sessions copy them when they begin. */
export class GlobalVariables {
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Grows with every change. */
  version = 0;
  private readonly values = new Map<string, string>();
  /** What sessions that begin now have; undefined after a change. */
  private fresh: OwnValues | undefined = undefined;

  constructor(profile: Profile, costs: Costs) {
    this.definitions = definitions(profile, costs);
    for (const [name, { value }] of this.definitions) this.values.set(name, value);
  }

  /** A copy of those that sessions may change. */
  forSession(): OwnValues {
    if (this.fresh === undefined) {
      const texts = new Map<string, string>();
      for (const [name, { scope }] of this.definitions) {
        if (scope === 'both' || scope === 'session') texts.set(name, this.get(name));
      }
      this.fresh = ownValues(texts);
    }
    return this.fresh;
  }

  /** The definition. Throws 1193. */
  definition(name: string): Definition {
    const found = this.definitions.get(name.toLowerCase());
    if (found === undefined) throw new SqlError(1193, `Unknown system variable '${name}'`);
    return found;
  }

  get(name: string): string {
    return this.values.get(name.toLowerCase()) ?? '';
  }

  /** Sets a global; gives the warning there is. Throws 1193, 1228, 1231, 1232, 1238, 1292. */
  set(name: string, value: string): Warning | undefined {
    const { scope } = this.definition(name);
    if (scope === 'read-only') throw readOnly(name);
    if (scope === 'session' || scope === 'process') {
      throw new SqlError(
        1228,
        `Variable '${name}' is a SESSION variable and can't be used with SET GLOBAL`,
      );
    }
    return this.put(name, value);
  }

  /** Sets it, whatever its scope. */
  put(name: string, value: string): Warning | undefined {
    const lower = name.toLowerCase();
    const { text, warning } = checkValue(lower, this.definition(name).domain, value);
    checkTogether(lower, text, this);
    this.values.set(lower, text);
    this.version++;
    this.fresh = undefined;
    return warning;
  }
}

/** What a session has of its own, shared by all that have the same: most never set a variable. */
interface OwnValues {
  readonly texts: ReadonlyMap<string, string>;
  /** What has been read already, of the globals' version. */
  readonly known: Map<string, VariableValue>;
  knownVersion: number;
}

/** The variables of one session. */
export class SessionVariables {
  private readonly globals: GlobalVariables;
  private own: OwnValues;

  constructor(globals: GlobalVariables) {
    this.globals = globals;
    this.own = globals.forSession();
  }

  /** The text of a variable; that of the globals where it has no other. */
  text(name: string): string {
    return this.own.texts.get(name) ?? this.globals.get(name);
  }

  /** A number variable. */
  number(name: string): number {
    return Number(this.text(name));
  }

  /** Sets it for this session; gives the warning there is. Throws as for globals, and 1229. */
  set(name: string, value: string): Warning | undefined {
    const definition = this.globals.definition(name);
    if (definition.scope === 'read-only') throw readOnly(name);
    if (definition.scope === 'global') {
      throw new SqlError(
        1229,
        `Variable '${name}' is a GLOBAL variable and should be set with SET GLOBAL`,
      );
    }
    if (definition.scope === 'process') return this.globals.put(name, value);
    const lower = name.toLowerCase();
    const { text, warning } = checkValue(lower, definition.domain, value);
    this.own = ownValues(new Map(this.own.texts).set(lower, text));
    return warning;
  }

  /** What `@@name` is worth. Throws 1193. */
  read(name: string, global: boolean): VariableValue {
    if (global) return this.readAnew(name, global);
    const { own } = this;
    if (own.knownVersion !== this.globals.version) own.known.clear();
    own.knownVersion = this.globals.version;
    let value = own.known.get(name);
    if (value === undefined) {
      value = this.readAnew(name, global);
      own.known.set(name, value);
    }
    return value;
  }

  private readAnew(name: string, global: boolean): VariableValue {
    const { domain } = this.globals.definition(name);
    const value = global ? this.globals.get(name) : this.text(name.toLowerCase());
    if (domain.kind === 'bool') return { value: value === 'ON' ? 1 : 0, type: BIGINT };
    return domain.kind === 'int'
      ? { value: toInt(BigInt(value)), type: BIGINT }
      : { value, type: TEXT };
  }

  /** Names and texts, in order of name: SHOW VARIABLES. */
  entries(global: boolean): [name: string, value: string][] {
    return [...this.globals.definitions.keys()]
      .sort((a, b) => (a < b ? -1 : 1))
      .map((name) => [name, global ? this.globals.get(name) : this.text(name)]);
  }
}

function ownValues(texts: ReadonlyMap<string, string>): OwnValues {
  return { texts, known: new Map(), knownVersion: 0 };
}

function readOnly(name: string): SqlError {
  return new SqlError(1238, `Variable '${name}' is a read only variable`);
}

/** What two variables must be to each other. */
function checkTogether(name: string, text: string, globals: GlobalVariables): void {
  const trigger = 'tidb_server_memory_limit_gc_trigger';
  const tuner = 'tidb_gogc_tuner_threshold';
  if (name !== trigger && name !== tuner) return;
  const [low, high] =
    name === tuner
      ? [Number(text), Number(globals.get(trigger))]
      : [Number(globals.get(tuner)), Number(text)];
  if (high >= low + 0.05) return;
  throw new SqlError(1105, `${tuner} should be less than ${trigger} - 0.05`);
}
