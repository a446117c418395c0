import { SqlError } from '../errors.ts';
import type { Profile } from '../profiles.ts';
import { formatDuration, parseDuration } from './go-duration.ts';
import { BIGINT, type SqlType, TEXT } from './sql/catalog-type.ts';

/** What a variable may be set to. */
type Domain =
  | { readonly kind: 'text' }
  | { readonly kind: 'int'; readonly low: number; readonly high: number }
  | { readonly kind: 'bool' }
  | { readonly kind: 'duration'; readonly lowMs: number }
  | { readonly kind: 'enum'; readonly members: readonly string[] };

interface Definition {
  readonly scope: 'both' | 'global' | 'session' | 'read-only';
  readonly domain: Domain;
  readonly value: string;
}

const TEXT_DOMAIN: Domain = { kind: 'text' };
const BOOL: Domain = { kind: 'bool' };

function int(value: number, low: number, high: number): Definition {
  return { scope: 'both', domain: { kind: 'int', low, high }, value: String(value) };
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
function definitions(profile: Profile): ReadonlyMap<string, Definition> {
  const version = `5.7.25-TiDB-${profile.name}`;
  return new Map<string, Definition>([
    ['autocommit', bool(true)],
    ['character_set_client', text('utf8mb4')],
    ['character_set_connection', text('utf8mb4')],
    ['character_set_results', text('utf8mb4')],
    ['collation_connection', text('utf8mb4_bin')],
    ['innodb_lock_wait_timeout', int(50, 1, 3600)],
    ['max_allowed_packet', int(67_108_864, 1024, 1_073_741_824)],
    ['max_execution_time', int(0, 0, 2_147_483_647)],
    ['sql_mode', text('ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES')],
    ['sql_select_limit', text('18446744073709551615')],
    ['time_zone', text('SYSTEM')],
    ['tidb_backoff_weight', int(2, 0, 2_147_483_647)],
    ['tidb_constraint_check_in_place', bool(false)],
    ['tidb_disable_txn_auto_retry', bool(true)],
    ['tidb_distsql_scan_concurrency', int(15, 1, 256)],
    ['tidb_enable_1pc', bool(true)],
    ['tidb_enable_async_commit', bool(true)],
    ['tidb_enable_clustered_index', choice(profile.clusteredIndex, ['OFF', 'ON', 'INT_ONLY'])],
    ['tidb_executor_concurrency', int(5, 1, 256)],
    ['tidb_gc_enable', { ...bool(true), scope: 'global' }],
    ['tidb_gc_life_time', duration('10m0s', '10m')],
    ['tidb_gc_run_interval', duration('10m0s', '10m')],
    ['tidb_isolation_read_engines', text('tikv,tiflash,tidb')],
    ['tidb_mem_quota_query', int(1_073_741_824, -1, Number.MAX_SAFE_INTEGER)],
    ['tidb_replica_read', choice('leader', ['leader', 'follower', 'leader-and-follower'])],
    ['tidb_retry_limit', int(10, 0, 2_147_483_647)],
    ['tidb_txn_mode', choice('pessimistic', ['', 'pessimistic', 'optimistic'])],
    ['transaction_isolation', choice('REPEATABLE-READ', ISOLATION)],
    ['tx_isolation', choice('REPEATABLE-READ', ISOLATION)],
    ['tx_read_only', bool(false)],
    ['version', text(version, 'read-only')],
    ['version_comment', text(`TiDB Server ${profile.name}, simulated`, 'read-only')],
    ['wait_timeout', int(28_800, 0, 31_536_000)],
  ]);
}

/** A variable's value as expressions see it. */
export interface VariableValue {
  readonly value: string | number;
  readonly type: SqlType;
}

/** Global variables of a cluster; sessions copy them when they begin. */
export class GlobalVariables {
  readonly definitions: ReadonlyMap<string, Definition>;
  private readonly values = new Map<string, string>();

  constructor(profile: Profile) {
    this.definitions = definitions(profile);
    for (const [name, { value }] of this.definitions) this.values.set(name, value);
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

  /** Sets a global. Throws 1193, 1228, 1231, 1232, 1238. */
  set(name: string, value: string): void {
    const definition = this.definition(name);
    if (definition.scope === 'read-only') throw readOnly(name);
    if (definition.scope === 'session') {
      throw new SqlError(
        1228,
        `Variable '${name}' is a SESSION variable and can't be used with SET GLOBAL`,
      );
    }
    this.values.set(name.toLowerCase(), checked(name, definition, value));
  }
}

/** The variables of one session. */
export class SessionVariables {
  private readonly globals: GlobalVariables;
  private readonly values = new Map<string, string>();

  constructor(globals: GlobalVariables) {
    this.globals = globals;
    for (const name of globals.definitions.keys()) this.values.set(name, globals.get(name));
  }

  /** The text of a variable; undefined if there is none of that name. */
  text(name: string): string {
    return this.values.get(name) ?? '';
  }

  /** A number variable. */
  number(name: string): number {
    return Number(this.text(name));
  }

  /** Sets it for this session. Throws 1193, 1229, 1231, 1232, 1238. */
  set(name: string, value: string): void {
    const definition = this.globals.definition(name);
    if (definition.scope === 'read-only') throw readOnly(name);
    if (definition.scope === 'global') {
      throw new SqlError(
        1229,
        `Variable '${name}' is a GLOBAL variable and should be set with SET GLOBAL`,
      );
    }
    this.values.set(name.toLowerCase(), checked(name, definition, value));
  }

  /** What `@@name` is worth. Throws 1193. */
  read(name: string, global: boolean): VariableValue {
    const { domain } = this.globals.definition(name);
    const value = global ? this.globals.get(name) : this.text(name.toLowerCase());
    if (domain.kind === 'bool') return { value: value === 'ON' ? 1 : 0, type: BIGINT };
    return domain.kind === 'int' ? { value: Number(value), type: BIGINT } : { value, type: TEXT };
  }

  /** Names and texts, in order of name: SHOW VARIABLES. */
  entries(global: boolean): [name: string, value: string][] {
    return [...this.globals.definitions.keys()]
      .sort((a, b) => (a < b ? -1 : 1))
      .map((name) => [name, global ? this.globals.get(name) : this.text(name)]);
  }
}

function readOnly(name: string): SqlError {
  return new SqlError(1238, `Variable '${name}' is a read only variable`);
}

function checked(name: string, { domain }: Definition, value: string): string {
  switch (domain.kind) {
    case 'text':
      return value;
    case 'bool': {
      const lower = value.toLowerCase();
      if (lower === 'on' || lower === '1' || lower === 'true') return 'ON';
      if (lower === 'off' || lower === '0' || lower === 'false') return 'OFF';
      throw wrongValue(name, value);
    }
    case 'duration': {
      const ms = parseDuration(value);
      if (ms === undefined)
        throw new SqlError(1232, `Incorrect argument type to variable '${name}'`);
      return formatDuration(Math.max(domain.lowMs, ms));
    }
    case 'enum': {
      const member = domain.members.find((each) => each.toLowerCase() === value.toLowerCase());
      if (member === undefined) throw wrongValue(name, value);
      return member;
    }
    case 'int': {
      const number = Number(value);
      if (value.trim() === '' || !Number.isInteger(number)) {
        throw new SqlError(1232, `Incorrect argument type to variable '${name}'`);
      }
      return String(Math.min(domain.high, Math.max(domain.low, number)));
    }
  }
}

function wrongValue(name: string, value: string): SqlError {
  return new SqlError(1231, `Variable '${name}' can't be set to the value of '${value}'`);
}
