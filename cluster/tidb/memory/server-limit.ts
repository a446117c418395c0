import type { SessionActivity } from '../processlist.ts';
import { sqlDigest } from '../sql-digest.ts';
import type { LimitSettings } from './limit-settings.ts';
import type { NodeMemory } from './node-memory.ts';
import type { SessionMemory } from './session-memory.ts';
import { sourceOf } from './stack.ts';
import { UnattendedWatch } from './unattended-watch.ts';

/** One line of MEMORY_USAGE_OPS_HISTORY: a session that was picked. */
export interface KillRecord {
  /** The node's wall clock, µs since the world began. */
  readonly wallUs: number;
  readonly memoryLimit: number;
  readonly memoryCurrent: number;
  readonly connection: number;
  readonly consumed: number;
  readonly disk: number;
  readonly database: string;
  readonly sql: string;
  readonly digest: string;
}

/** One line of MEMORY_USAGE; wall clocks in µs, undefined if never. */
export interface NodeMemoryUsage {
  readonly total: number;
  readonly limit: number;
  readonly current: number;
  readonly maxUsed: number;
  readonly shrinking: boolean;
  readonly killLastUs: number | undefined;
  readonly killTotal: number;
  readonly gcLastUs: number | undefined;
  readonly gcTotal: number;
  readonly diskUsage: number;
  readonly queryForceDisk: number;
}

interface Killing {
  readonly victim: SessionMemory;
  /** When the statement that is to die began. */
  readonly statementUs: number;
  readonly sinceUs: number;
  toldUs: number;
}

const HISTORY_LENGTH = 50;
const SQL_LENGTH = 256;
const LOGGED_SQL_LENGTH = 100;
/** How often a victim that does not die, or a missing one, is told of. */
const TELL_US = 5_000_000;
/** v8 gives a victim up after so long. */
const GIVE_UP_US = 60_000_000;
/** After a collection that the limit caused, it is raised so far and for so long. */
const GC_RAISE = 1.1;
const GC_REST_US = 60_000_000;
/** The heap is measured no more often than this. */
const HEAP_CACHE_US = 300_000;

/** What the limit asks of the node around it. */
export interface LimitHost {
  readonly settings: LimitSettings;
  /** The session of a connection, if it is still open. */
  session(connectionId: number): SessionActivity | undefined;
}

/**
 * `tidb_server_memory_limit`: while a node holds more, the session that holds most is ended, one at
 * a time; at a part of it, Go collects garbage, once a minute. Ticked every 100 ms by the
 * controller. Source: TiDB `util/servermemorylimit`, `util/gctuner`.
 */
export class ServerLimit {
  private readonly node: NodeMemory;
  private readonly host: LimitHost;
  private top: SessionMemory | undefined = undefined;
  /** When it became that, and most that it has held since. */
  private topSinceUs = 0;
  private topPeak = 0;
  private killing: Killing | undefined = undefined;
  private readonly records: KillRecord[] = [];
  private heap = 0;
  private heapReadUs = -HEAP_CACHE_US;
  private maxUsed = 0;
  private killTotal = 0;
  private killLastUs: number | undefined = undefined;
  private gcTotal = 0;
  private gcLastUs: number | undefined = undefined;
  private gcRestUntilUs = 0;
  private nobodyToldUs = -TELL_US;
  private readonly unattended: UnattendedWatch;

  constructor(node: NodeMemory, host: LimitHost) {
    this.node = node;
    this.host = host;
    this.unattended = new UnattendedWatch(node);
  }

  /** Sessions that hold less are never picked. */
  get leastVictim(): number {
    return this.host.settings.sessMinBytes;
  }

  /** The last sessions that were picked, oldest first. */
  get history(): readonly KillRecord[] {
    return this.records;
  }

  /** The node's memory and what was done about it. */
  get usage(): NodeMemoryUsage {
    const { limitBytes } = this.host.settings;
    return {
      total: this.node.parts.costs.memoryBytes,
      limit: limitBytes,
      current: this.node.heapInuse,
      maxUsed: this.maxUsed,
      shrinking: this.killing !== undefined || this.nowUs < this.gcRestUntilUs,
      killLastUs: this.killLastUs,
      killTotal: this.killTotal,
      gcLastUs: this.gcLastUs,
      gcTotal: this.gcTotal,
      diskUsage: this.node.storage.tracker.consumed,
      queryForceDisk: this.node.forcedToDisk,
    };
  }

  /** A session that is large enough has grown: is it the largest? */
  compete(session: SessionMemory): void {
    const { top } = this;
    if (session.current?.exempt === true) return;
    session.grewUs = this.nowUs;
    if (session === top) this.topPeak = Math.max(this.topPeak, session.consumed);
    else if (top === undefined || this.displaces(session, top)) this.remember(session);
  }

  private remember(session: SessionMemory): void {
    this.top = session;
    this.topSinceUs = this.nowUs;
    this.topPeak = session.consumed;
  }

  /** Looks once. True: there is more to do at the next tick. */
  tick(): boolean {
    const { limitBytes, gcTrigger } = this.host.settings;
    if (limitBytes === 0) {
      this.unattended.look(Number.POSITIVE_INFINITY, true);
      return this.killing !== undefined && this.watchVictim();
    }
    const heap = this.readHeap();
    if (heap > this.maxUsed) this.maxUsed = heap;
    this.collectGarbage(heap, limitBytes * gcTrigger);
    if (this.killing !== undefined && this.watchVictim()) return true;
    if (heap > limitBytes) this.killTop(heap, limitBytes);
    this.unattended.look(limitBytes, this.killing !== undefined);
    return this.killing !== undefined || heap >= limitBytes * gcTrigger;
  }

  private displaces(session: SessionMemory, top: SessionMemory): boolean {
    if (this.node.parts.bugs.has('mem.globalKill.wrongVictim')) return false;
    return session.consumed > top.consumed;
  }

  private readHeap(): number {
    if (this.nowUs - this.heapReadUs >= HEAP_CACHE_US) {
      this.heap = this.node.heapInuse;
      this.heapReadUs = this.nowUs;
    }
    return this.heap;
  }

  private collectGarbage(heap: number, threshold: number): void {
    const raised = this.nowUs < this.gcRestUntilUs;
    const { limitBytes } = this.host.settings;
    if (heap < (raised ? limitBytes * GC_RAISE : threshold) || raised) return;
    this.gcTotal++;
    this.gcLastUs = this.wallUs;
    this.gcRestUntilUs = this.nowUs + GC_REST_US;
  }

  /** Whether the victim still has to die. */
  private watchVictim(): boolean {
    const { killing } = this;
    if (killing === undefined) return false;
    const { victim, statementUs, sinceUs } = killing;
    const session = this.host.session(victim.connectionId);
    const running = session?.running !== undefined && session.sinceUs === statementUs;
    if (!running) {
      this.warn('global memory controller killed the top1 memory consumer successfully', []);
      this.forget();
      return false;
    }
    if (this.nowUs - killing.toldUs >= TELL_US) {
      killing.toldUs = this.nowUs;
      const seconds = Math.floor((this.nowUs - sinceUs) / 1_000_000);
      this.warn(`global memory controller failed to kill the top-consumer in ${seconds}s`, []);
    }
    const { serverLimit } = this.node.parts.profile.memory;
    if (serverLimit !== 'v8' || this.nowUs - sinceUs < GIVE_UP_US) return true;
    this.forget();
    return false;
  }

  private forget(): void {
    this.killing = undefined;
    this.top = undefined;
    // The next victim is looked for with fresh figures: a collection is forced in between.
    this.heapReadUs = -HEAP_CACHE_US;
  }

  private killTop(heap: number, limit: number): void {
    const { serverLimit } = this.node.parts.profile.memory;
    if (this.outdated(this.top)) this.top = undefined;
    const session = this.top && this.host.session(this.top.connectionId);
    if (this.top === undefined || session?.running === undefined) {
      if (serverLimit === 'v8') this.tellNobody(heap, limit);
      return;
    }
    this.issue(this.top, session, session.running, heap, limit);
  }

  /** A session that was large once, or runs by now what is to be spared. */
  private outdated(top: SessionMemory | undefined): boolean {
    const { bugs, profile } = this.node.parts;
    if (top === undefined || bugs.has('mem.globalKill.wrongVictim')) return false;
    const small = top.consumed < this.leastVictim;
    return top.current?.exempt === true || (profile.memory.serverLimit === 'v8' && small);
  }

  /** Most that one of those holds who have grown beside the largest and could be picked. */
  private rivalOf(victim: SessionMemory): number {
    let rival = 0;
    for (const session of this.node.sessions) {
      const { consumed, current, grewUs } = session;
      const eligible = current?.exempt === false && consumed >= this.leastVictim;
      if (session === victim || !eligible || grewUs <= this.topSinceUs) continue;
      rival = Math.max(rival, consumed);
    }
    return rival;
  }

  private issue(
    victim: SessionMemory,
    { sinceUs: statementUs, database }: SessionActivity,
    sql: string,
    memoryCurrent: number,
    memoryLimit: number,
  ): void {
    const { connectionId: connection, consumed } = victim;
    const { connectionField } = this.node.parts.profile.memory;
    const digest = sqlDigest(sql);
    this.killing = { victim, statementUs, sinceUs: this.nowUs, toldUs: this.nowUs };
    this.killTotal++;
    this.killLastUs = this.wallUs;
    this.records.push({
      ...{ wallUs: this.wallUs, memoryLimit, memoryCurrent, connection, consumed },
      ...{ disk: victim.diskConsumed, database, sql: sql.slice(0, SQL_LENGTH), digest },
    });
    if (this.records.length > HISTORY_LENGTH) this.records.shift();
    this.warn('global memory controller tries to kill the top1 memory consumer', [
      [connectionField === 'conn' ? 'conn' : 'connID', connection],
      ['sql digest', digest],
      ['sql text', sql.slice(0, LOGGED_SQL_LENGTH)],
      ['tidb_server_memory_limit', memoryLimit],
      ['heap inuse', memoryCurrent],
      ['sql memory usage', consumed],
    ]);
    victim.current?.picked({
      ...{ heap: memoryCurrent, limit: memoryLimit, least: this.leastVictim, consumed },
      ...{ peak: this.topPeak, rival: this.rivalOf(victim) },
    });
    victim.kill('server');
  }

  /** The wording is ours. */
  private tellNobody(heap: number, limit: number): void {
    if (this.nowUs - this.nobodyToldUs < TELL_US) return;
    this.nobodyToldUs = this.nowUs;
    this.warn('global memory controller finds no session that is large enough to be killed', [
      ['tidb_server_memory_limit', limit],
      ['heap inuse', heap],
      ['tidb_server_memory_limit_sess_min_size', this.leastVictim],
    ]);
  }

  private warn(message: string, fields: [string, string | number][]): void {
    const { log, profile } = this.node.parts;
    log('WARN', sourceOf(profile, 'servermemorylimit.go', undefined), message, fields);
  }

  private get nowUs(): number {
    return this.node.parts.process.world.nowUs;
  }

  private get wallUs(): number {
    return this.node.parts.process.wallUs();
  }
}
