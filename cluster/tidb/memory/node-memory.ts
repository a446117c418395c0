import type { Costs } from '../../costs.ts';
import type { Log } from '../../log.ts';
import type { Profile } from '../../profiles.ts';
import type { Process } from '../../sim/index.ts';
import type { ActionSetting } from './action-setting.ts';
import { LABEL_GLOBAL_MEMORY } from './labels.ts';
import { LevelWatch } from './level-watch.ts';
import type { MemoryObserver } from './observer.ts';
import { TmpStorage } from './tmp-storage.ts';
import { Tracker } from './tracker.ts';

/** What a node's memory is made from. */
export interface NodeMemoryParts {
  readonly process: Process;
  readonly profile: Profile;
  readonly log: Log;
  /** Told of everything, in every incarnation. */
  readonly memoryObserver: MemoryObserver;
  readonly costs: Costs;
}

/** The memory of one TiDB node: the root of all trackers, and its temporary files. */
export class NodeMemory {
  readonly parts: NodeMemoryParts;
  /** How trackers of this version run their actions. */
  readonly setting: ActionSetting;
  /** All that sessions hold. */
  readonly tracker: Tracker;
  readonly storage: TmpStorage;
  /** Spills of all kinds since the node began: `QUERY_FORCE_DISK`. */
  forcedToDisk = 0;

  constructor(parts: NodeMemoryParts) {
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
    this.tracker.watch = new LevelWatch(process, parts.memoryObserver);
    this.storage = new TmpStorage(process, this.setting, {
      quota: -1,
      bytesPerUs: costs.spillBytesPerUs,
    });
  }
}
