import type { NodeMemory } from './node-memory.ts';

/**
 * Looks whether the server's limit does its work: tells of each stretch of looks at which the node
 * held more than its limit, sessions that could be picked had grown since the look before, and
 * nobody was being ended. It goes by what is held, not by what the limit remembers.
 */
export class UnattendedWatch {
  private readonly node: NodeMemory;
  private lookedUs = 0;
  private fromUs: number | undefined = undefined;
  private heap = 0;

  constructor(node: NodeMemory) {
    this.node = node;
  }

  /** One look; `attended` if somebody is being ended. */
  look(limit: number, attended: boolean): void {
    const { nowUs } = this.node.parts.process.world;
    const { heapInuse } = this.node;
    if (heapInuse > limit && !attended && this.anybodyGrew()) {
      this.fromUs ??= nowUs;
      this.heap = Math.max(this.heap, heapInuse);
    } else this.tell(nowUs, limit);
    this.lookedUs = nowUs;
  }

  private anybodyGrew(): boolean {
    const { limit, sessions } = this.node;
    for (const { consumed, current, grewUs } of sessions) {
      const eligible = current?.exempt === false && consumed >= limit.leastVictim;
      if (eligible && grewUs > this.lookedUs) return true;
    }
    return false;
  }

  private tell(untilUs: number, limit: number): void {
    const { fromUs, heap } = this;
    if (fromUs === undefined) return;
    const { memoryObserver, process } = this.node.parts;
    memoryObserver.unattended({ node: process.name, fromUs, untilUs, limit, heap });
    this.fromUs = undefined;
    this.heap = 0;
  }
}
