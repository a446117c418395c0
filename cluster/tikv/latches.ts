import type { Key } from '../key.ts';
import { KeyMap } from './key-map.ts';

/** A command that must be alone on some keys from its snapshot until it is applied. */
export interface Latched {
  /** The same key may be named twice. */
  readonly latchKeys: readonly Key[];
  /** How many keys it waits for; kept by {@link Latches}. */
  missing: number;
  /** Called when it owns all. */
  start(): void;
}

/**
 * Serialises commands that touch the same keys, in order of arrival. A command queues on all of its
 * keys at once, so two can never wait for each other. Source: TiKV `storage::txn::latch` (which
 * hashes keys to slots; here each key is its own slot).
 */
export class Latches {
  /** Who owns a key, and who queues behind; nobody queues on most. */
  private readonly owners = new KeyMap<Latched>();
  private readonly queues = new KeyMap<Latched[]>();

  /** Queues a command; starts it at once if nobody is before it. */
  acquire(command: Latched): void {
    for (const key of command.latchKeys) {
      const owner = this.owners.get(key);
      if (owner === undefined) this.owners.set(key, command);
      else if (owner !== command) this.queue(command, key);
    }
    if (command.missing === 0) command.start();
  }

  /** Releases everything a command owns and starts whoever is next. */
  release(command: Latched): void {
    let ready: Latched[] | undefined;
    for (const key of command.latchKeys) {
      if (this.owners.get(key) !== command) continue;
      const next = this.handOver(key);
      if (next === undefined || --next.missing > 0) continue;
      ready ??= [];
      ready.push(next);
    }
    if (ready !== undefined) for (const next of ready) next.start();
  }

  private queue(command: Latched, key: Key): void {
    const queue = this.queues.get(key);
    if (queue?.at(-1) === command) return;
    command.missing++;
    if (queue === undefined) this.queues.set(key, [command]);
    else queue.push(command);
  }

  private handOver(key: Key): Latched | undefined {
    const queue = this.queues.size === 0 ? undefined : this.queues.get(key);
    const next = queue?.shift();
    if (next === undefined) this.owners.delete(key);
    else this.owners.set(key, next);
    if (queue?.length === 0) this.queues.delete(key);
    return next;
  }
}
