import type { Bugs } from '../../bugs.ts';
import { SqlError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Profile } from '../../profiles.ts';
import type { Process, Wait } from '../../sim/index.ts';
import type { ActionName, LimitKind, MemoryAction, Untried } from './action.ts';
import { ExecDetails } from './exec-details.ts';
import { isExempt } from './exempt.ts';
import { hintedQuota } from './hinted-quota.ts';
import { LABEL_STATEMENT } from './labels.ts';
import { LogOnExceed } from './log-on-exceed.ts';
import { type InFlight, type PickEvent, snapshotOf, type TrackerSnapshot } from './observer.ts';
import { PanicOnExceed } from './panic-on-exceed.ts';
import type { SessionMemory } from './session-memory.ts';
import type { NamedOperator, Progress, StatementMemory } from './statement-memory.ts';
import { StatementFiles } from './tmp-storage.ts';
import { Tracker, type TrackerWatch } from './tracker.ts';

/** What a session says about the memory of its statements. */
export interface MemorySettings {
  /** Bytes; 0 or less is none. */
  readonly quota: number;
  readonly oomAction: 'cancel' | 'log';
  readonly spillAllowed: boolean;
  /** Text of the statement that runs. */
  readonly sql: string;
  /** Bytes that the open transaction has buffered; 0 without one. */
  readonly bufferedBytes: number;
  /** Writes the `expensive_query` line of the statement that runs. */
  exceeded(): void;
  /** A transaction is open. */
  readonly inTransaction: boolean;
}

/** Part of the quota from which on it is kept who held what at the peak. */
const PEAK_PART = 1 / 8;

const SPILLS: ReadonlySet<ActionName> = new Set(['spill', 'sort-spill', 'agg-spill']);

const NOTHING: readonly Untried[] = [];

/** The memory of the statement that a session is running. Its trackers are made when needed. */
export class LiveStatement implements StatementMemory, TrackerWatch {
  private readonly session: SessionMemory;
  private readonly settings: MemorySettings;
  private quotaInForce: number | undefined = undefined;
  private root: Tracker | undefined = undefined;
  private diskRoot: Tracker | undefined = undefined;
  /** Its syntax tree, for the log. */
  readonly tree: unknown;
  /** Timestamp of its transaction; 0 before there is one. */
  txnStartTs = 0;
  private readonly beganUs: number;
  private spared: boolean | undefined = undefined;
  private ended = false;
  private actions = 0;
  private wasPicked = false;
  private readonly startedInTransaction: boolean;
  private requests = 0;
  private answersAtBreach = 0;
  private largestAnswer = 0;
  private largestCharge = 0;
  private over = false;
  private crossedFrom = 0;
  private crossedBy = 0;
  private files: StatementFiles | undefined = undefined;
  private plan: NamedOperator | undefined = undefined;
  private peak: TrackerSnapshot | undefined = undefined;
  private progress: Progress | undefined = undefined;
  private execDetails: ExecDetails | undefined = undefined;
  private executors: Map<number, Tracker> | undefined = undefined;
  private diskOf: Map<number, Tracker> | undefined = undefined;

  constructor(session: SessionMemory, settings: MemorySettings, tree: unknown) {
    this.session = session;
    this.tree = tree;
    this.beganUs = this.process.world.nowUs;
    this.settings = settings;
    this.startedInTransaction = settings.inTransaction;
  }

  get quota(): number {
    this.quotaInForce ??= hintedQuota(this.tree) ?? this.settings.quota;
    return this.quotaInForce;
  }

  demandQuota(bytes: number): void {
    this.quotaInForce = bytes;
  }

  get spillAllowed(): boolean {
    return this.settings.spillAllowed;
  }

  get tracker(): Tracker {
    this.root ??= this.makeRoot();
    return this.root;
  }

  get disk(): Tracker {
    if (this.diskRoot === undefined) {
      this.diskRoot = new Tracker(LABEL_STATEMENT);
      this.diskRoot.attachTo(this.session.disk);
    }
    return this.diskRoot;
  }

  /** Bytes now. */
  get consumed(): number {
    return this.root?.consumed ?? 0;
  }

  /** Most bytes so far: of the statement or, from v6.4, of its session since it began. */
  get peakConsumed(): number {
    return (this.session.hasRoot ? this.session.tracker : this.root)?.maxConsumed ?? 0;
  }

  /** Bytes on disk now. */
  get diskConsumed(): number {
    return this.diskRoot?.consumed ?? 0;
  }

  get storage(): StatementFiles {
    this.files ??= new StatementFiles(this.session.node.storage);
    return this.files;
  }

  get process(): Process {
    return this.session.node.parts.process;
  }

  get profile(): Profile {
    return this.session.node.parts.profile;
  }

  get bugs(): Bugs {
    return this.session.node.parts.bugs;
  }

  get log(): Log {
    return this.session.node.parts.log;
  }

  get details(): ExecDetails {
    this.execDetails ??= new ExecDetails();
    return this.execDetails;
  }

  get sql(): string {
    return this.settings.sql;
  }

  get connectionId(): number {
    return this.session.connectionId;
  }

  newExecutorTracker(planId: number): Tracker {
    this.executors ??= new Map();
    return newTracker(planId, this.tracker, this.executors);
  }

  newDiskTracker(planId: number): Tracker {
    this.diskOf ??= new Map();
    return newTracker(planId, this.disk, this.diskOf);
  }

  maxConsumed(planId: number): { readonly memory?: number; readonly disk?: number } {
    const memory = this.executors?.get(planId)?.maxConsumed;
    const disk = this.diskOf?.get(planId)?.maxConsumed;
    return {
      ...(memory === undefined ? {} : { memory }),
      ...(disk === undefined ? {} : { disk }),
    };
  }

  addAction(action: MemoryAction, kind: LimitKind): void {
    this.tracker.addAction(action, kind);
  }

  /** Whether the server's limit spares it. */
  get exempt(): boolean {
    this.spared ??= isExempt(this.tree);
    return this.spared;
  }

  *buffered(bytes: number): Wait<void> {
    const { memBuffer } = this.session;
    if (memBuffer === undefined || bytes <= memBuffer.consumed) return;
    // The actions that this may trigger are those of the statement.
    this.root ??= this.makeRoot();
    yield* memBuffer.consume(bytes - memBuffer.consumed);
  }

  quotaExceeded(): void {
    if (this.profile.memory.quotaError === 'typed') this.session.kill('query');
  }

  runsIn(txnStartTs: number, progress: Progress): void {
    this.txnStartTs = txnStartTs;
    this.progress = progress;
  }

  /** Rows changed so far. */
  get affectedRows(): number {
    return this.progress?.affectedRows ?? 0;
  }

  acted(action: ActionName, tracker: Tracker, tokensLeft?: number): void {
    const { node } = this.session;
    if (SPILLS.has(action)) node.forcedToDisk++;
    const { consumed, limit } = tracker;
    const cancels = action === 'cancel';
    this.actions++;
    node.parts.memoryObserver.acted({
      atUs: this.process.world.nowUs,
      node: this.process.name,
      connection: this.connectionId,
      beganUs: this.beganUs,
      action,
      consumed,
      quota: limit,
      tokensLeft,
      forServer: this.session.killed,
      untried: cancels ? tracker.untried() : NOTHING,
      crossedFrom: cancels ? this.crossedFrom : undefined,
      crossedBy: cancels ? this.crossedBy : undefined,
    });
  }

  /** The server's limit has picked it. */
  picked(pick: Omit<PickEvent, 'atUs' | 'node' | 'connection' | 'beganUs' | 'exempt'>): void {
    const { beganUs, connectionId: connection, exempt } = this;
    const { name: node, world } = this.process;
    this.wasPicked = true;
    this.answersAtBreach = Math.max(this.answersAtBreach, this.requests);
    const { memoryObserver } = this.session.node.parts;
    memoryObserver.picked({ atUs: world.nowUs, node, connection, beganUs, exempt, ...pick });
  }

  runsPlan(root: NamedOperator): void {
    this.plan = root;
  }

  asks(): void {
    this.requests++;
  }

  asked(): void {
    this.requests--;
  }

  answered(bytes: number): void {
    if (bytes > this.largestAnswer) this.largestAnswer = bytes;
  }

  panicked(message: string): void {
    const { parts } = this.session.node;
    const { beganUs, connectionId: connection } = this;
    const { name: node, world } = this.process;
    parts.memoryObserver.panicked({ atUs: world.nowUs, node, connection, beganUs, message });
  }

  /** The tracker that has the quota has grown by so much. */
  measured(consumed: number, bytes: number): void {
    if (consumed < this.quota || consumed - bytes >= this.quota) return;
    this.crossedFrom = consumed - bytes;
    this.crossedBy = bytes;
  }

  grown({ consumed }: Tracker, bytes: number): boolean {
    if (!this.session.hasRoot) this.measured(consumed, bytes);
    if (this.ended) this.checkBaseline();
    if (bytes > this.largestCharge) this.largestCharge = bytes;
    const over = this.quota > 0 && consumed >= this.quota;
    if (over && !this.over) this.answersAtBreach = Math.max(this.answersAtBreach, this.requests);
    this.over = over;
    return true;
  }

  /** Who held what is worth knowing of those that come near their quota. */
  leavesPeak(root: Tracker): void {
    if (this.quota > 0 && root.consumed >= this.quota * PEAK_PART) this.peak = snapshotOf(root);
  }

  check(): boolean {
    return false;
  }

  /** Ends with this error, if any. All operators are closed, and have given everything back. */
  end(failure: unknown): void {
    if (this.root === undefined && this.diskRoot === undefined) return;
    this.ended = true;
    this.checkBaseline();
    const { process, session } = this;
    session.node.parts.memoryObserver.ended({
      node: process.name,
      connection: session.connectionId,
      sql: this.sql,
      beganUs: this.beganUs,
      endedUs: process.world.nowUs,
      maxConsumed: this.root?.maxConsumed ?? 0,
      maxDisk: this.diskRoot?.maxConsumed ?? 0,
      quota: this.quota,
      actions: this.actions,
      picked: this.wasPicked,
      errorCode: failure instanceof SqlError ? failure.code : undefined,
      errorText: failure instanceof Error ? failure.message : undefined,
      inTransaction: {
        before: this.startedInTransaction,
        after: this.settings.inTransaction,
      },
      inFlight: this.inFlight(),
      lateWrites: this.files?.lateWrites ?? 0,
      left: { requests: this.requests, files: this.files?.count ?? 0 },
      peak: this.peak,
      operators: this.peak === undefined ? [] : namesOf(this.plan),
    });
    this.root?.detach();
    this.diskRoot?.detach();
  }

  private inFlight(): InFlight {
    return {
      answers: this.answersAtBreach,
      largestAnswer: this.largestAnswer,
      operators: this.executors?.size ?? 0,
      largestCharge: this.largestCharge,
    };
  }

  private checkBaseline(): void {
    if (isEmpty(this.root) && isEmpty(this.diskRoot)) return;
    this.session.node.parts.memoryObserver.leaked({
      node: this.process.name,
      connection: this.connectionId,
      sql: this.sql,
      memory: this.tracker,
      disk: this.disk,
    });
  }

  private makeRoot(): Tracker {
    const { session, quota } = this;
    const holder = session.hasRoot ? session.tracker : undefined;
    const tracker = new Tracker(LABEL_STATEMENT, holder ? -1 : quota, session.node.setting);
    if (holder !== undefined) {
      holder.dropActions();
      holder.limit = quota;
      tracker.actionsAt = holder;
    }
    tracker.watch = this;
    tracker.attachTo(session.tracker);
    const hook = (): void => this.settings.exceeded();
    const cancels = this.settings.oomAction === 'cancel';
    const last = cancels ? new PanicOnExceed(this, hook) : new LogOnExceed(this, hook);
    tracker.addAction(last, 'hard');
    return tracker;
  }
}

/** `HashJoin_24` and the like, by number. */
function namesOf(plan: NamedOperator | undefined): (readonly [number, string])[] {
  if (plan === undefined) return [];
  const { id, name, inputs } = plan;
  return [[id, `${name}_${id}`], ...inputs.flatMap(namesOf)];
}

/** Nothing is held, and nobody has given back too much. */
function isEmpty(tracker: Tracker | undefined): boolean {
  return tracker === undefined || (tracker.consumed === 0 && tracker.children.every(isEmpty));
}

/** A second operator of the same number (a subquery run again) shares the first one's maximum. */
function newTracker(planId: number, parent: Tracker, known: Map<number, Tracker>): Tracker {
  const tracker = new Tracker(planId);
  tracker.attachTo(parent);
  const before = known.get(planId);
  if (before !== undefined) tracker.maxConsumed = before.maxConsumed;
  known.set(planId, tracker);
  return tracker;
}
