import type { Bugs } from '../bugs.ts';
import type { Costs } from '../costs.ts';
import type { Log } from '../log.ts';
import type { Profile } from '../profiles.ts';
import type { Process } from '../sim/index.ts';
import { gcSettings } from './gc-settings.ts';
import type { MemoryObserver } from './memory/observer.ts';
import type { RecordFiles } from './memory/record-files.ts';
import { TidbNode, type TidbShared } from './node.ts';
import { Server } from './server.ts';
import { SqlSession } from './session.ts';
import { SchemaStore } from './sql/catalog.ts';
import { TableStatistics } from './statistics.ts';
import { GlobalVariables } from './sysvar.ts';
import { GcState, GcWorker, TxnClient, TxnStorage } from './txn/index.ts';

export type { TidbShared } from './node.ts';

/** What one incarnation of a TiDB node is started with. */
export interface BootContext {
  readonly process: Process;
  readonly pdNodes: readonly number[];
  readonly shared: TidbShared;
  readonly profile: Profile;
  readonly costs: Costs;
  readonly bugs: Bugs;
  readonly log: Log;
  readonly memoryObserver: MemoryObserver;
  /** `tmp-storage-quota`, bytes; -1 is none. */
  readonly tmpStorageQuota: number;
  /** What outlives the node's incarnations on its disk. */
  readonly files: RecordFiles;
}

/** What the TiDB nodes of a cluster share and no kill loses. */
export function tidbShared(profile: Profile, costs: Costs): TidbShared {
  return {
    schema: new SchemaStore(),
    globals: new GlobalVariables(profile, costs),
    gc: new GcState(),
    statistics: new TableStatistics(),
    instances: new Map(),
  };
}

/** Starts a TiDB node. */
export function bootTidb(context: BootContext): void {
  const { process, pdNodes, shared, bugs, log } = context;
  const client = new TxnClient(process, pdNodes, bugs, log, shared.gc);
  const storage = new TxnStorage(client);
  const node = new TidbNode({ ...context, storage });
  shared.instances.set(process.node, node);
  new Server(process, (connection, hangUp) => new SqlSession(node, connection, hangUp));
  process.spawn(new GcWorker(client, () => gcSettings(shared.globals)).run());
}
