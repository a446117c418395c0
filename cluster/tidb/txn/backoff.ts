import { SqlError } from '../../errors.ts';
import { type Process, type Rng, sleep, type Wait } from '../../sim/index.ts';
import type { Interruption } from '../transaction.ts';

/** How one kind of trouble is waited out, and what is said when that was in vain. */
interface BackoffConfig {
  readonly baseMs: number;
  readonly capMs: number;
  readonly jitter: boolean;
  readonly code: number;
  readonly text: string;
}

/** The kinds of back-off. Source: client-go `retry/config.go`; codes are TiDB's. */
const KINDS = {
  tikvRPC: { baseMs: 100, capMs: 2000, jitter: true, code: 9002, text: 'TiKV server timeout' },
  txnLock: { baseMs: 100, capMs: 3000, jitter: true, code: 9004, text: 'Resolve lock timeout' },
  txnLockFast: { baseMs: 2, capMs: 3000, jitter: true, code: 9004, text: 'Resolve lock timeout' },
  pdRPC: { baseMs: 500, capMs: 3000, jitter: true, code: 9001, text: 'PD server timeout' },
  regionMiss: { baseMs: 2, capMs: 500, jitter: false, code: 9005, text: 'Region is unavailable' },
  regionScheduling: {
    baseMs: 2,
    capMs: 500,
    jitter: false,
    code: 9005,
    text: 'Region is unavailable',
  },
  tikvServerBusy: {
    baseMs: 2000,
    capMs: 10_000,
    jitter: true,
    code: 9003,
    text: 'TiKV server is busy',
  },
  txnNotFound: { baseMs: 2, capMs: 500, jitter: false, code: 9004, text: 'Resolve lock timeout' },
  maxTsNotSynced: {
    baseMs: 2,
    capMs: 500,
    jitter: false,
    code: 9011,
    text: 'TiKV max timestamp is not synced',
  },
  staleCommand: {
    baseMs: 2,
    capMs: 1000,
    jitter: false,
    code: 9010,
    text: 'TiKV server reports stale command',
  },
} as const satisfies Record<string, BackoffConfig>;

/** Name of a kind of back-off, as log lines show it. */
export type BackoffKind = keyof typeof KINDS;

/** Budgets of a statement's parts in ms, before the weight. Source: client-go. */
export const BUDGET_MS = {
  tso: 15_000,
  locate: 20_000,
  read: 20_000,
  prewrite: 40_000,
  commitPrimary: 40_000,
  commitSecondary: 41_000,
  lock: 20_000,
  rollback: 20_000,
  status: 20_000,
  keepAlive: 20_000,
  asyncResolve: 40_000,
  gcResolve: 100_000,
} as const;

/** `tidb_backoff_weight`. */
const WEIGHT = 2;
/** Waiting for a busy store is not charged to the budget, up to this. */
const BUSY_LIMIT_MS = 600_000;

const NEVER_SLEPT: ReadonlyMap<BackoffKind, number> = new Map();

/** One budget of patience. Each further wait of a kind is longer, up to its cap. */
export class Backoffer {
  /** Kinds waited for, in order: the `backoff_types` of a slow-log line. */
  readonly kinds: BackoffKind[] = [];
  /** Time spent waiting, ms. */
  totalMs = 0;
  /** What KILL has to say to whoever waits. */
  interruption: Interruption | undefined = undefined;
  private readonly process: Process;
  private readonly rng: Rng;
  private readonly budgetMs: number;
  private chargedMs = 0;
  /** Made when one waits, which most never do. */
  private slept: Map<BackoffKind, number> | undefined = undefined;

  constructor(process: Process, rng: Rng, budgetMs: number) {
    this.process = process;
    this.rng = rng;
    this.budgetMs = budgetMs * WEIGHT;
  }

  /** Time spent waiting by kind, ms. */
  get sleptMs(): ReadonlyMap<BackoffKind, number> {
    return this.slept ?? NEVER_SLEPT;
  }

  /** Waits; throws the error of the kind that was waited for longest when the budget is spent. */
  *wait(kind: BackoffKind): Wait<void> {
    if (this.exhausted(kind)) throw this.error();
    if (this.interruption?.error !== undefined) throw this.interruption.error;
    const ms = this.nextMs(kind);
    this.slept ??= new Map();
    this.slept.set(kind, (this.slept.get(kind) ?? 0) + ms);
    this.kinds.push(kind);
    this.totalMs += ms;
    if (kind !== 'tikvServerBusy') this.chargedMs += ms;
    yield* sleep(this.process, ms * 1000);
  }

  private exhausted(kind: BackoffKind): boolean {
    if (kind === 'tikvServerBusy') return (this.sleptMs.get(kind) ?? 0) >= BUSY_LIMIT_MS;
    return this.chargedMs >= this.budgetMs;
  }

  private nextMs(kind: BackoffKind): number {
    const { baseMs, capMs, jitter } = KINDS[kind];
    const attempts = this.kinds.filter((other) => other === kind).length;
    const doubled = baseMs * 2 ** Math.min(attempts, 20);
    const ms = Math.min(capMs, doubled);
    return jitter ? Math.ceil(ms / 2) + this.rng.nextInt(Math.ceil(ms / 2)) : ms;
  }

  private error(): SqlError {
    let longest: BackoffKind = 'regionMiss';
    let most = -1;
    for (const [kind, ms] of this.sleptMs) {
      if (ms > most) {
        longest = kind;
        most = ms;
      }
    }
    return new SqlError(KINDS[longest].code, KINDS[longest].text);
  }
}
