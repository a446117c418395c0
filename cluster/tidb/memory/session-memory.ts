import { LABEL_MEM_BUFFER, LABEL_SESSION } from './labels.ts';
import { LiveStatement, type MemorySettings } from './live-statement.ts';
import type { NodeMemory } from './node-memory.ts';
import type { QuotaReason } from './quota-error.ts';
import { SessionGuard } from './session-guard.ts';
import { Tracker } from './tracker.ts';

/**
 * The memory of one session. From v6.4 it has a tracker of its own, which holds the quota and the
 * actions; before, each statement hangs directly under the node.
 */
export class SessionMemory {
  readonly node: NodeMemory;
  readonly connectionId: number;
  private readonly settings: MemorySettings;
  private readonly root: Tracker | undefined;
  private readonly diskRoot: Tracker | undefined;
  /** What the open transaction has buffered; where that is charged. */
  readonly memBuffer: Tracker | undefined;
  private readonly guard: SessionGuard | undefined;
  private closing = false;
  /** When it last grew while it was large enough for the server's limit, µs. */
  grewUs = -1;
  /** The statement that runs, or the one before. */
  last: LiveStatement | undefined = undefined;
  private live: LiveStatement | undefined = undefined;

  constructor(node: NodeMemory, connectionId: number, settings: MemorySettings) {
    this.node = node;
    this.connectionId = connectionId;
    this.settings = settings;
    if (node.parts.profile.memory.quotaAt === 'statement') return;
    this.root = new Tracker(LABEL_SESSION, -1, node.setting);
    this.guard = new SessionGuard(this);
    this.root.watch = this.guard;
    this.root.attachTo(node.tracker);
    node.sessions.add(this);
    if (node.parts.profile.memory.chargesMemBuffer) {
      this.memBuffer = new Tracker(LABEL_MEM_BUFFER);
      this.memBuffer.attachTo(this.root);
    }
    this.diskRoot = new Tracker(LABEL_SESSION);
    this.diskRoot.attachTo(node.storage.tracker);
  }

  /** What statements hang under. */
  get tracker(): Tracker {
    return this.root ?? this.node.tracker;
  }

  /** The same for their disk. */
  get disk(): Tracker {
    return this.diskRoot ?? this.node.storage.tracker;
  }

  /** Whether the session has a tracker of its own. */
  get hasRoot(): boolean {
    return this.root !== undefined;
  }

  /** The statement that runs, if one does. */
  get current(): LiveStatement | undefined {
    return this.live;
  }

  /** The statement that runs. */
  get statement(): LiveStatement {
    if (this.live === undefined) throw new Error('no statement is running');
    return this.live;
  }

  /** Bytes now: of the session, or of its statement where sessions have no tracker. */
  get consumed(): number {
    return this.root?.consumed ?? this.live?.consumed ?? 0;
  }

  /** Bytes on disk now. */
  get diskConsumed(): number {
    return this.diskRoot?.consumed ?? this.live?.diskConsumed ?? 0;
  }

  /** A statement begins; `tree` is its syntax tree, for the log. */
  begin(tree: unknown): void {
    if (this.root !== undefined) this.root.maxConsumed = this.root.consumed;
    this.live = new LiveStatement(this, this.settings, tree);
    this.last = this.live;
  }

  /** It has ended, with this error if any, and all of its operators are closed. */
  end(failure: unknown): void {
    this.live?.end(failure);
    const { memBuffer } = this;
    if (memBuffer !== undefined && memBuffer.consumed > 0) {
      // A statement that failed has given back what it buffered; so has a transaction that ended.
      memBuffer.release(Math.max(0, memBuffer.consumed - this.settings.bufferedBytes));
    }
    this.live = undefined;
    this.guard?.statementEnded();
    if (this.closing) this.leave();
  }

  /** Whether the server's limit, or an earlier consumer, has had it ended. */
  get killed(): boolean {
    return this.guard?.killed === true;
  }

  /** Ends what runs, at its next growth; only where sessions have a tracker. */
  kill(reason: QuotaReason): void {
    this.guard?.kill(reason);
  }

  /** The connection is closed; a statement that still runs is waited for. */
  close(): void {
    this.closing = true;
    if (this.live === undefined) this.leave();
  }

  private leave(): void {
    this.root?.detach();
    this.node.sessions.delete(this);
    this.diskRoot?.detach();
  }
}
