import type {
  ActionEvent,
  MemoryLeak,
  MemoryLevel,
  MemoryObserver,
  PanicEvent,
  PickEvent,
  StatementEvent,
  UnattendedEvent,
} from './tidb/memory/observer.ts';

/** What has become of the memory of SQL since the cluster was made. */
export interface MemoryUsage {
  /** The quota that most statements had, bytes; 0 where there was none. */
  readonly quota: number;
  /** Most bytes that one statement held. */
  readonly peakTracked: number;
  /** How often each action acted. */
  readonly counts: Readonly<Record<string, number>>;
  /** Actions in order of time, the first {@link EVENTS_KEPT} of them. */
  readonly actions: readonly ActionEvent[];
  /**
   * Statements that exceeded their quota, on whose behalf an action acted, that were picked, or
   * that left something, as far as they are kept.
   */
  readonly statements: readonly StatementEvent[];
  /** Workers that ended by a panic, the first of them. */
  readonly panics: readonly PanicEvent[];
  /** Sessions that the server's limit picked, the first of them. */
  readonly picks: readonly PickEvent[];
  /** When a node was left above its limit, the first of them. */
  readonly neglects: readonly UnattendedEvent[];
  /** Statements that have ended, of which something was left. */
  readonly leaks: readonly LeakEvent[];
  /** Statements that held memory and have ended. */
  readonly measured: number;
  /** The statement that fared worst: of those that failed, or else of all, who held most. */
  readonly worst: StatementEvent | undefined;
  readonly levels: readonly MemoryLevel[];
}

/** Bytes that a statement had in memory and on disk after it had ended. */
export interface LeakEvent {
  readonly node: string;
  readonly connection: number;
  readonly sql: string;
  readonly memory: number;
  readonly disk: number;
}

/** How a kill by the server's limit is counted, which is not an action of a statement's chain. */
export const SERVER_KILL = 'server-kill';

/** A run that does nothing but exceed its quota is not to fill the harness. */
const EVENTS_KEPT = 100_000;

/** Writes down what TiDB nodes tell of their memory. */
export class MemoryRecord implements MemoryObserver, MemoryUsage {
  peakTracked = 0;
  worst: StatementEvent | undefined = undefined;
  readonly actions: ActionEvent[] = [];
  readonly statements: StatementEvent[] = [];
  readonly panics: PanicEvent[] = [];
  readonly picks: PickEvent[] = [];
  readonly neglects: UnattendedEvent[] = [];
  readonly leaks: LeakEvent[] = [];
  measured = 0;
  readonly levels: MemoryLevel[] = [];
  private readonly byName = new Map<string, number>();
  /** How many statements had which quota. */
  private readonly quotas = new Map<number, number>();
  private readonly onLeak: (leak: MemoryLeak) => void;

  /** @param onLeak ends the run */
  constructor(onLeak: (leak: MemoryLeak) => void) {
    this.onLeak = onLeak;
  }

  get quota(): number {
    let most = 0;
    let found = 0;
    for (const [quota, statements] of this.quotas) {
      if (statements > most || (statements === most && quota > found)) {
        most = statements;
        found = quota;
      }
    }
    return found;
  }

  get counts(): Readonly<Record<string, number>> {
    const sorted = [...this.byName].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted);
  }

  acted(event: ActionEvent): void {
    this.count(event.action);
    if (this.actions.length < EVENTS_KEPT) this.actions.push(event);
  }

  panicked(event: PanicEvent): void {
    if (this.panics.length < EVENTS_KEPT) this.panics.push(event);
  }

  picked(event: PickEvent): void {
    this.count(SERVER_KILL);
    if (this.picks.length < EVENTS_KEPT) this.picks.push(event);
  }

  unattended(event: UnattendedEvent): void {
    if (this.neglects.length < EVENTS_KEPT) this.neglects.push(event);
  }

  ended(event: StatementEvent): void {
    this.measured++;
    if (event.quota > 0) this.quotas.set(event.quota, (this.quotas.get(event.quota) ?? 0) + 1);
    this.peakTracked = Math.max(this.peakTracked, event.maxConsumed);
    if (this.worst === undefined || severity(event) > severity(this.worst)) this.worst = event;
    const { lateWrites, left, picked } = event;
    const over = event.quota > 0 && event.maxConsumed >= event.quota;
    const told =
      over || event.actions > 0 || picked || lateWrites > 0 || left.requests > 0 || left.files > 0;
    if (told && this.statements.length < EVENTS_KEPT) this.statements.push(event);
  }

  private count(name: string): void {
    this.byName.set(name, (this.byName.get(name) ?? 0) + 1);
  }

  leaked(leak: MemoryLeak): void {
    const { memory, disk, ...statement } = leak;
    this.leaks.push({ ...statement, memory: memory.consumed, disk: disk.consumed });
    this.onLeak(leak);
  }

  level(level: MemoryLevel): void {
    this.levels.push(level);
  }
}

/** One that was acted for and failed all the same is worse than any that came through. */
function severity({ maxConsumed, quota, actions, errorText }: StatementEvent): number {
  const part = quota > 0 ? maxConsumed / quota : 0;
  return actions > 0 && errorText !== undefined ? FAILED + part : part;
}

/** No statement holds so many times its quota. */
const FAILED = 1_000_000;
