import type { Warning } from '../../executor/context.ts';

/** What hints demand of the statement as a whole. */
export interface StatementDemands {
  /** MEMORY_QUOTA: bytes, instead of the session's quota. */
  readonly memoryQuota: number | undefined;
  /** MAX_EXECUTION_TIME: milliseconds. */
  readonly maxExecutionMs: number | undefined;
}

/** Of a statement without hints. */
export const NO_DEMANDS: StatementDemands = { memoryQuota: undefined, maxExecutionMs: undefined };

/** Joins that can be asked for by the table they are to join. */
export type JoinHint = 'HASH_JOIN' | 'MERGE_JOIN' | 'INL_JOIN';

/** USE_INDEX and its relatives. */
export interface IndexChoice {
  readonly action: 'use' | 'ignore';
  readonly table: string;
  /** Lower case; empty: none is to be used. */
  readonly indexes: readonly string[];
}

/** The hints of one query. */
export interface Hints {
  readonly aggregation: 'HASH_AGG' | 'STREAM_AGG' | undefined;
  /** Tables, in lower case, by the join they want. */
  readonly joins: readonly { readonly hint: JoinHint; readonly tables: readonly string[] }[];
  readonly indexes: readonly IndexChoice[];
  /** STRAIGHT_JOIN, LEADING: tables are joined as they are written. */
  readonly keepsOrder: boolean;
}

/** Of a query without hints. */
export const NO_HINTS: Hints = {
  aggregation: undefined,
  joins: [],
  indexes: [],
  keepsOrder: false,
};

/** Older names of the same hints. */
const SYNONYMS: Readonly<Record<string, string>> = {
  ...{ TIDB_HJ: 'HASH_JOIN', TIDB_SMJ: 'MERGE_JOIN', TIDB_INLJ: 'INL_JOIN' },
  ...{ SM_JOIN: 'MERGE_JOIN', INL_HASH_JOIN: 'INL_JOIN', INL_MERGE_JOIN: 'INL_JOIN' },
  FORCE_INDEX: 'USE_INDEX',
};

/** What a join hint was called before; messages name both. */
const FORMER: Readonly<Record<JoinHint, string>> = {
  HASH_JOIN: 'TIDB_HJ',
  MERGE_JOIN: 'TIDB_SMJ',
  INL_JOIN: 'TIDB_INLJ',
};

/** Hints that TiDB knows and that change nothing here. */
const IDLE: ReadonlySet<string> = new Set([
  ...['READ_FROM_STORAGE', 'QB_NAME', 'USE_TOJA', 'IGNORE_PLAN_CACHE', 'USE_PLAN_CACHE'],
  ...['NO_INDEX_MERGE', 'READ_CONSISTENT_REPLICA', 'AGG_TO_COP', 'LIMIT_TO_COP', 'TIME_RANGE'],
  ...['NTH_PLAN', 'USE_INDEX_MERGE', 'RESOURCE_GROUP', 'SET_VAR', 'HASH_JOIN_BUILD'],
  ...['HASH_JOIN_PROBE', 'NO_HASH_JOIN', 'NO_MERGE_JOIN', 'NO_INDEX_JOIN', 'ORDER_INDEX'],
  ...['NO_ORDER_INDEX', 'MERGE', 'NO_DECORRELATE', 'SEMI_JOIN_REWRITE'],
]);

/** What a list of hints comes to. */
export interface ParsedHints {
  readonly hints: Hints;
  readonly demands: StatementDemands;
  readonly warnings: readonly Warning[];
}

/** Reads hints as the parser leaves them: `HASH_JOIN(t1, t2)`. Unknown ones only earn a warning. */
export function parseHints(texts: readonly string[]): ParsedHints {
  const reader = new HintReader();
  for (const text of texts) reader.read(text);
  return reader;
}

class HintReader implements ParsedHints {
  hints: Hints = NO_HINTS;
  demands: StatementDemands = NO_DEMANDS;
  readonly warnings: Warning[] = [];

  read(text: string): void {
    const [, word = '', inside = ''] = /^(\w+)\s*(?:\(([\s\S]*)\))?$/.exec(text.trim()) ?? [];
    const spelled = word.toUpperCase();
    const name = SYNONYMS[spelled] ?? spelled;
    const names = namesIn(inside);
    switch (name) {
      case 'HASH_AGG':
      case 'STREAM_AGG':
        this.hints = { ...this.hints, aggregation: name };
        return;
      case 'HASH_JOIN':
      case 'MERGE_JOIN':
      case 'INL_JOIN':
        this.hints = {
          ...this.hints,
          joins: [...this.hints.joins, { hint: name, tables: names }],
        };
        return;
      case 'USE_INDEX':
      case 'IGNORE_INDEX':
        this.indexes(name === 'USE_INDEX' ? 'use' : 'ignore', names);
        return;
      case 'STRAIGHT_JOIN':
      case 'LEADING':
        this.hints = { ...this.hints, keepsOrder: true };
        return;
      case 'MEMORY_QUOTA':
      case 'MAX_EXECUTION_TIME':
        this.demand(name, inside);
        return;
      default:
        if (!IDLE.has(name)) this.warn(8061, notSupported(spelled));
    }
  }

  private indexes(action: IndexChoice['action'], [table = '', ...indexes]: string[]): void {
    this.hints = {
      ...this.hints,
      indexes: [...this.hints.indexes, { action, table, indexes }],
    };
  }

  private demand(name: 'MEMORY_QUOTA' | 'MAX_EXECUTION_TIME', inside: string): void {
    const [, digits, unit = ''] = /^\s*(?:@\w+\s+)?(\d+)\s*(MB|GB)?\s*$/i.exec(inside) ?? [];
    if (digits === undefined || (name === 'MEMORY_QUOTA') !== (unit !== '')) {
      this.warn(8061, notSupported(name));
      return;
    }
    const value = Number(digits);
    if (name === 'MAX_EXECUTION_TIME') {
      this.demands = { ...this.demands, maxExecutionMs: value };
      return;
    }
    const bytes = value * (unit.toUpperCase() === 'GB' ? 2 ** 30 : 2 ** 20);
    if (bytes === 0) this.warn(1815, 'Setting the MEMORY_QUOTA to 0 means no memory limit');
    this.demands = { ...this.demands, memoryQuota: bytes };
  }

  private warn(code: number, message: string): void {
    this.warnings.push({ level: 'Warning', code, message });
  }
}

function notSupported(name: string): string {
  return `Optimizer hint ${name} is not supported by TiDB and is ignored`;
}

/** Names between commas or blanks, without their query block, in lower case. */
function namesIn(inside: string): string[] {
  return inside
    .split(/[\s,]+/)
    .filter((name) => name !== '' && !name.startsWith('@'))
    .map((name) => name.replace(/@.*$/, '').replaceAll('`', '').replace(/^.*\./, '').toLowerCase());
}

/** A join hint that could not be followed. Source: TiDB `exhaust_physical_plans.go`. */
export function inapplicable(hint: JoinHint, tables: readonly string[]): Warning {
  const list = tables.join(', ');
  const message = `Optimizer Hint /*+ ${hint}(${list}) */ or /*+ ${FORMER[hint]}(${list}) */ is inapplicable`;
  return { level: 'Warning', code: 1815, message };
}

/** A join hint that names a table the query has not. */
export function unmatched(
  hint: JoinHint,
  tables: readonly string[],
  missing: readonly string[],
): Warning {
  const list = tables.join(', ');
  const message = `There are no matching table names for (${missing.join(', ')}) in optimizer hint /*+ ${hint}(${list}) */ or /*+ ${FORMER[hint]}(${list}) */. Maybe you can use the table alias name`;
  return { level: 'Warning', code: 1815, message };
}
