import type { RpcError } from '../cluster/sim/index.ts';
import type { KvReply, RegionError } from '../cluster/tikv/request.ts';

/** What is known of one key. Values are 1, 2, 3 … in the order in which their writes began. */
interface KeyHistory {
  written: number;
  /** The greatest value that a client was told of, by the answer to its write or by a read. */
  known: number;
  /** Values whose writes were refused for good. */
  readonly refused: Set<number>;
}

/**
 * Judges what clients of single keys are told. A write begins with a fresh timestamp and is refused
 * if something was committed above it, hence values are committed in their order; so a read shows
 * nothing older than what anybody knew when it began, and nothing that was refused.
 */
export class TikvOracle {
  readonly violations: string[] = [];
  private readonly keys = new Map<string, KeyHistory>();

  /** A write begins: the value it is to write. */
  writes(key: string): number {
    return ++this.history(key).written;
  }

  /** Whether the write was acknowledged; its answer is judged. */
  wrote(
    key: string,
    value: number,
    reply: KvReply | undefined,
    error: RpcError | undefined,
  ): boolean {
    const history = this.history(key);
    const { body, regionError } = reply ?? {};
    if (error !== undefined) return false;
    if (regionError !== undefined) {
      if (isFinal(regionError)) this.refused(key, value);
      return false;
    }
    if (body?.kind !== 'prewrite') throw new Error('a write is answered as a prewrite');
    if (body.errors.length > 0) {
      this.refused(key, value);
      return false;
    }
    if (history.refused.has(value)) this.violations.push(`${key}=${value} is told both ways`);
    history.known = Math.max(history.known, value);
    return true;
  }

  /** A read begins: the least value it may show. */
  reads(key: string): number {
    return this.history(key).known;
  }

  /** A read was answered; undefined stands for no value. */
  saw(key: string, least: number, value: number | undefined): void {
    const history = this.history(key);
    const seen = value ?? 0;
    if (seen < least) this.violations.push(`${key}=${seen} is read, ${least} was known`);
    if (history.refused.has(seen)) this.violations.push(`${key}=${seen} is read, but was refused`);
    history.known = Math.max(history.known, seen);
  }

  private refused(key: string, value: number): void {
    const history = this.history(key);
    if (history.known === value) this.violations.push(`${key}=${value} is refused, but was read`);
    history.refused.add(value);
  }

  private history(key: string): KeyHistory {
    let history = this.keys.get(key);
    if (history === undefined) {
      history = { written: 0, known: 0, refused: new Set() };
      this.keys.set(key, history);
    }
    return history;
  }
}

/** A peer that is destroyed does not know what becomes of what it had proposed. */
function isFinal({ kind }: RegionError): boolean {
  return kind !== 'RegionNotFound';
}
