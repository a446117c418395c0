import type { Process, Task, Wait } from '../../sim/index.ts';
import { removeFrom } from '../remove-from.ts';
import type { ReplicaRead, ScanSpec } from '../transaction.ts';
import { type Backoffer, BUDGET_MS } from '../txn/backoff.ts';
import type { TxnClient } from '../txn/client.ts';
import { copProfileOf, type PageSizes } from './cop-profile.ts';
import { RateLimitAction } from './rate-limit-action.ts';
import { type CopSettings, INTERNAL_SETTINGS, type ScanReader } from './scan-reader.ts';

/** What sender, workers and reader of one scan share. */
export class CopScan {
  readonly client: TxnClient;
  readonly spec: ScanSpec;
  readonly replica: ReplicaRead;
  /** Slows the reader down when memory is short; only statements have one. */
  readonly action: RateLimitAction | undefined;
  /** How the pages of a task grow; undefined: answers are whole. */
  readonly pages: PageSizes | undefined;
  /** Transactions known to have committed later than this scan reads, or never. */
  bypass: readonly number[] = [];
  closed = false;
  /** Bytes charged for answers and not released yet. */
  private held = 0;
  /** Workers that wait for a store and for nothing else. */
  private readonly asking: Task[] = [];

  constructor(client: TxnClient, spec: ScanSpec, replica: ReplicaRead) {
    this.client = client;
    this.spec = spec;
    this.replica = replica;
    this.action = this.registerAction();
    this.pages = this.pageSizes();
  }

  get process(): Process {
    return this.client.process;
  }

  get reader(): ScanReader | undefined {
    return this.spec.reader;
  }

  get settings(): CopSettings {
    return this.reader?.settings ?? INTERNAL_SETTINGS;
  }

  /** A budget of patience for one task. */
  backoff(): Backoffer {
    const backoff = this.client.backoff(BUDGET_MS.read);
    backoff.interruption = this.reader?.interruption;
    return backoff;
  }

  /** Charges an answer to the reader. False: the caller must `yield* act()` at once. */
  charge(bytes: number): boolean {
    const { reader } = this;
    if (reader === undefined) return true;
    this.held += bytes;
    reader.memory.answered(bytes);
    return reader.tracker.charge(bytes);
  }

  /** Does what the size of an answer asks for. May throw a quota panic. */
  *act(): Wait<void> {
    if (this.reader !== undefined) yield* this.reader.tracker.act();
  }

  /** An answer has gone on. */
  release(bytes: number): void {
    const { reader } = this;
    if (reader === undefined || this.closed) return;
    this.held -= bytes;
    reader.tracker.release(bytes);
  }

  /** Runs a call to a store that is given up when the scan is closed. */
  *cancellable<T>(call: Wait<T>): Wait<T> {
    const task = this.process.world.currentTask();
    this.asking.push(task);
    this.reader?.memory.asks();
    try {
      return yield* call;
    } finally {
      removeFrom(this.asking, task);
      this.reader?.memory.asked();
    }
  }

  /** Nothing that is under way matters any more. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.action?.close();
    const leaks = this.client.bugs.has('mem.trackerLeak');
    this.reader?.tracker.release(leaks ? 0 : this.held);
    for (const task of [...this.asking]) task.cancel();
  }

  private registerAction(): RateLimitAction | undefined {
    const { reader } = this;
    if (reader === undefined) return undefined;
    const { memory, settings } = reader;
    const { registersWhenOff } = copProfileOf(memory.profile);
    if (!settings.rateLimitAction && !registersWhenOff) return undefined;
    const action = new RateLimitAction(memory, settings.rateLimitAction, this.client.bugs);
    memory.addAction(action, 'hard');
    return action;
  }

  private pageSizes(): PageSizes | undefined {
    const { reader, spec } = this;
    if (reader === undefined || !reader.settings.paging || spec.limit !== undefined)
      return undefined;
    return copProfileOf(reader.memory.profile).pages;
  }
}
