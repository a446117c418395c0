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
 * keys at once, so two can never wait for each other. Source: TiKV `storage::txn::latch` (which
 * hashes keys to slots; here each key is its own slot).
 */
export class Latches {
  /** Who owns a key, and who queues behind; nobody queues on most. */
  private readonly owners = new Map<string, Latched>();
  private readonly queues = new Map<string, Latched[]>();

  /** Queues a command; starts it at once if nobody is before it. */
  acquire(command: Latched): void {
    const { owners, queues } = this;
    for (const key of command.latchKeys) {
      if (!owners.has(key)) {
        owners.set(key, command);
        command.owned++;
        continue;
      }
      const queue = queues.get(key);
      if (queue === undefined) queues.set(key, [command]);
      else queue.push(command);
    }
    if (command.owned === command.latchKeys.length) command.start();
  }

  /** Releases everything a command owns and starts whoever is next. */
  release(command: Latched): void {
    let ready: Latched[] | undefined;
    for (const key of command.latchKeys) {
      const next = this.handOver(key);
      if (next === undefined || ++next.owned < next.latchKeys.length) continue;
      ready ??= [];
      ready.push(next);
    }
    if (ready !== undefined) for (const next of ready) next.start();
  }

  private handOver(key: string): Latched | undefined {
    const queue = this.queues.get(key);
    const next = queue?.shift();
    if (next === undefined) this.owners.delete(key);
    else this.owners.set(key, next);
    if (queue !== undefined && queue.length === 0) this.queues.delete(key);
    return next;
  }
}
