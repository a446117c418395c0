import type { Bugs } from '../../bugs.ts';
import type { Costs } from '../../costs.ts';
import type { Log } from '../../log.ts';
import type { Profile } from '../../profiles.ts';
import type { Process } from '../../sim/index.ts';
import type { ActionSetting } from './action-setting.ts';
import { type AlarmHost, MemoryAlarm } from './alarm.ts';
import { GlobalPanicOnExceed } from './global-panic.ts';
import { LABEL_GLOBAL_MEMORY } from './labels.ts';
import { MemoryController } from './memory-controller.ts';
import { NodeWatch } from './node-watch.ts';
import type { MemoryObserver } from './observer.ts';
import type { RecordFiles } from './record-files.ts';
import { type LimitHost, ServerLimit } from './server-limit.ts';
import type { SessionMemory } from './session-memory.ts';
import { TmpStorage } from './tmp-storage.ts';
import { Tracker } from './tracker.ts';

/** What a node's memory is made from. */
export interface NodeMemoryParts {
  readonly process: Process;
  readonly profile: Profile;
  readonly log: Log;
  readonly bugs: Bugs;
  /** Told of everything, in every incarnation. */
  readonly memoryObserver: MemoryObserver;
  readonly costs: Costs;
  /** `tmp-storage-quota`: bytes that all statements may have on disk; -1 is no limit. */
  readonly tmpStorageQuota: number;
  /** The node's disk, as far as the alarm writes there. */
  readonly files: RecordFiles;
}

/** What a node's memory asks of the node around it. */
export interface MemoryHost extends LimitHost, AlarmHost {}

/** The memory of one TiDB node: the root of all trackers, and its temporary files. */
export class NodeMemory {
  readonly parts: NodeMemoryParts;
  /** How trackers of this version run their actions. */
  readonly setting: ActionSetting;
  /** All that sessions hold. */
  readonly tracker: Tracker;
  readonly storage: TmpStorage;
  /** Those that have trackers of their own. */
  readonly sessions = new Set<SessionMemory>();
  /** `tidb_server_memory_limit`, and what INFORMATION_SCHEMA shows of it. */
  readonly limit: ServerLimit;
  /** Spills of all kinds since the node began: `QUERY_FORCE_DISK`. */
  forcedToDisk = 0;

  constructor(parts: NodeMemoryParts, host: MemoryHost) {
    const { process, profile, costs } = parts;
    const { equalActions, firstLimit, dropsFinishedActions } = profile.memory;
    this.parts = parts;
    this.setting = {
      process,
      equals: equalActions,
      first: firstLimit,
      dropsFinished: dropsFinishedActions,
    };
    this.tracker = new Tracker(LABEL_GLOBAL_MEMORY, -1, this.setting);
    this.limit = new ServerLimit(this, host);
    const alarm = new MemoryAlarm(this, host);
    const controller = new MemoryController(this, host, this.limit, alarm);
    this.tracker.watch = new NodeWatch(process, parts.memoryObserver, controller);
    this.storage = new TmpStorage(process, this.setting, {
      quota: parts.tmpStorageQuota,
      bytesPerUs: costs.spillBytesPerUs,
    });
    this.storage.tracker.addAction(new GlobalPanicOnExceed(profile, parts.bugs), 'hard');
  }

  /** What the process holds in all, so far as it is known: Go's `HeapInuse`. */
  get heapInuse(): number {
    return this.parts.costs.idleHeapBytes + this.tracker.consumed;
  }
}
