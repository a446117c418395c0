import type { SqlError } from '../../errors.ts';
import { QuotaPanic } from './panic.ts';
import { type QuotaReason, quotaError } from './quota-error.ts';
import type { SessionMemory } from './session-memory.ts';
import { sourceOf } from './stack.ts';
import type { Tracker, TrackerWatch } from './tracker.ts';

/**
 * Stands at a session's tracker and ends what the session runs at its next growth: where the
 * server's limit has picked it or, from v7.6, where it has exceeded its quota. Until v7.5 a flag
 * has the last of its actions act; from v7.6 a signal is thrown at everybody who grows. Source:
 * TiDB `util/sqlkiller`, `Tracker.NeedKill`.
 */
export class SessionGuard implements TrackerWatch {
  private readonly session: SessionMemory;
  private signal: SqlError | undefined = undefined;
  private needKill = false;
  private received = false;

  constructor(session: SessionMemory) {
    this.session = session;
  }

  grown({ consumed }: Tracker, bytes: number): boolean {
    this.session.current?.measured(consumed, bytes);
    const { limit } = this.session.node;
    if (consumed >= limit.leastVictim) limit.compete(this.session);
    return this.signal === undefined && !this.needKill;
  }

  leavesPeak(): void {}

  check(): boolean {
    if (this.signal !== undefined) throw new QuotaPanic(this.signal, []);
    if (this.needKill && !this.received) {
      this.received = true;
      this.warn('memory_controller.go', RECEIVED, [['conn', this.session.connectionId]]);
    }
    return this.needKill;
  }

  /** Whether what the session runs is to end, for whatever reason. */
  get killed(): boolean {
    return this.signal !== undefined || this.needKill;
  }

  /** Ends what the session runs. */
  kill(reason: QuotaReason): void {
    const { connectionId, node } = this.session;
    const { bugs, profile } = node.parts;
    if (reason === 'server' && bugs.has('mem.globalKill.ineffective')) return;
    if (profile.memory.quotaError === 'short') {
      this.needKill = true;
      return;
    }
    if (this.signal !== undefined) return;
    this.signal = quotaError(profile, connectionId, reason);
    this.warn('sqlkiller.go', 'kill initiated', [
      ['connection ID', connectionId],
      ['reason', `[executor:${this.signal.code}]${this.signal.message}`],
    ]);
  }

  /** The statement has ended: the next one is not to suffer for it. */
  statementEnded(): void {
    if (this.signal !== undefined) {
      this.warn('sqlkiller.go', 'kill finished', [['conn', this.session.connectionId]]);
    }
    this.signal = undefined;
    this.needKill = false;
    this.received = false;
  }

  private warn(file: string, message: string, fields: [string, string | number][]): void {
    const { log, profile } = this.session.node.parts;
    log('WARN', sourceOf(profile, file, undefined), message, fields);
  }
}

const RECEIVED = 'global memory controller, NeedKill signal is received successfully';
