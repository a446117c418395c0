import { NO_BUGS } from '../cluster/bugs.ts';
import { type Costs, costsAtScale } from '../cluster/costs.ts';
import type { Log } from '../cluster/log.ts';
import { PROFILES, type ProfileName } from '../cluster/profiles.ts';
import type { Process } from '../cluster/sim/index.ts';
import { RecordFiles } from '../cluster/tidb/index.ts';
import { type MemoryHost, NodeMemory } from '../cluster/tidb/memory/node-memory.ts';
import type { MemoryObserver } from '../cluster/tidb/memory/observer.ts';

/** A node without a limit, an alarm or sessions that anybody could ask for. */
export const QUIET_HOST: MemoryHost = {
  settings: {
    ...{ version: 0, limitBytes: 0, sessMinBytes: Infinity, gcTrigger: 0.7 },
    ...{ alarmRatio: 0, keepRecords: 5 },
  },
  session: () => undefined,
  running: () => [],
};

/** What a test wants of the memory of a node. */
export interface MemoryNodeOptions {
  readonly process: Process;
  readonly profile: ProfileName;
  readonly log?: Log;
  readonly observer?: Partial<MemoryObserver>;
  readonly host?: MemoryHost;
  readonly costs?: Costs;
  readonly files?: RecordFiles;
  readonly tmpStorageQuota?: number;
}

/** The memory of a node that does nothing else. A leak is an error. */
export function memoryNode(options: MemoryNodeOptions): NodeMemory {
  const leaked: MemoryObserver['leaked'] = ({ memory, disk }) => {
    throw new Error(`something is left:${memory}${disk}`);
  };
  return new NodeMemory(
    {
      process: options.process,
      profile: PROFILES[options.profile],
      bugs: NO_BUGS,
      log: options.log ?? (() => {}),
      memoryObserver: {
        ...{ acted: () => {}, panicked: () => {}, picked: () => {}, unattended: () => {} },
        ...{ ended: () => {}, leaked, level: () => {} },
        ...options.observer,
      },
      costs: options.costs ?? costsAtScale(1),
      files: options.files ?? new RecordFiles(),
      tmpStorageQuota: options.tmpStorageQuota ?? -1,
    },
    options.host ?? QUIET_HOST,
  );
}
