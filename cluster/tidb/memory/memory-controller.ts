import type { Process } from '../../sim/index.ts';
import type { MemoryAlarm } from './alarm.ts';
import type { NodeMemory } from './node-memory.ts';
import type { LimitHost, ServerLimit } from './server-limit.ts';

/** How often TiDB looks at the memory of the process. */
const TICK_US = 100_000;

/**
 * Looks at a node's memory every 100 ms, while there may be something to see: nobody looks at one
 * that stays below all of its thresholds.
 */
export class MemoryController {
  private readonly node: NodeMemory;
  private readonly host: LimitHost;
  private readonly limit: ServerLimit;
  private readonly alarm: MemoryAlarm;
  private ticking = false;
  private knownVersion = -1;
  private wakeAt = Infinity;

  constructor(node: NodeMemory, host: LimitHost, limit: ServerLimit, alarm: MemoryAlarm) {
    this.node = node;
    this.host = host;
    this.limit = limit;
    this.alarm = alarm;
  }

  /** The node's sessions hold so much now. */
  grown(consumed: number): void {
    if (this.ticking) return;
    if (this.host.settings.version !== this.knownVersion) this.learn();
    if (consumed >= this.wakeAt) this.schedule();
  }

  /** Consumption from which on there is something to look at. */
  private learn(): void {
    const { limitBytes, gcTrigger, version } = this.host.settings;
    const limit = limitBytes > 0 ? limitBytes * gcTrigger : Infinity;
    this.knownVersion = version;
    this.wakeAt = Math.min(limit, this.alarm.threshold) - this.node.parts.costs.idleHeapBytes;
  }

  private schedule(): void {
    const { process } = this;
    const { nowUs } = process.world;
    this.ticking = true;
    process.after((Math.floor(nowUs / TICK_US) + 1) * TICK_US - nowUs, () => this.tick());
  }

  private tick(): void {
    this.ticking = false;
    const limit = this.limit.tick();
    const alarm = this.alarm.tick();
    if (limit || alarm) this.schedule();
  }

  private get process(): Process {
    return this.node.parts.process;
  }
}
