/** A command that must be alone on some keys from its snapshot until it is applied. */
export interface Latched {
  readonly latchKeys: readonly string[];
  /** How many of them it owns; kept by {@link Latches}. */
  owned: number;
  /** Called when it owns all. */
  start(): void;
}

/**
 * Serialises commands that touch the same keys, in order of arrival. A command queues on all of its
 * keys at once, so two can never wait for each other. Source: TiKV `storage::txn::latch` (which hashes
 * keys to slots; here each key is its own slot).
 */
export class Latches {
  private readonly queues = new Map<string, Latched[]>();

  /** Queues a command; starts it at once if nobody is before it. */
  acquire(command: Latched): void {
    for (const key of command.latchKeys) {
      const queue = this.queues.get(key);
      if (queue === undefined) {
        this.queues.set(key, [command]);
        command.owned++;
      } else queue.push(command);
    }
    if (command.owned === command.latchKeys.length) command.start();
  }

  /** Releases everything a command owns and starts whoever is next. */
  release(command: Latched): void {
    const ready: Latched[] = [];
    for (const key of command.latchKeys) {
      const queue = this.queues.get(key) as Latched[];
      queue.shift();
      const next = queue[0];
      if (next === undefined) this.queues.delete(key);
      else if (++next.owned === next.latchKeys.length) ready.push(next);
    }
    for (const next of ready) next.start();
  }
}
