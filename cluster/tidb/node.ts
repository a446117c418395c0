import type { Bugs } from '../bugs.ts';
import type { Costs } from '../costs.ts';
import type { Datum } from '../datum.ts';
import type { Log } from '../log.ts';
import type { Profile } from '../profiles.ts';
import { Cpu, type Process, type Wait } from '../sim/index.ts';
import type { SessionView } from './executor/context.ts';
import { ExpensiveWatch } from './expensive-watch.ts';
import { NodeMemory } from './memory/index.ts';
import type { MemoryObserver } from './memory/observer.ts';
import type { RecordFiles } from './memory/record-files.ts';
import { TidbMemoryHost } from './memory-host.ts';
import { OpenSessions } from './processlist.ts';
import type { SchemaStore } from './sql/catalog.ts';
import {
  BIGINT,
  DOUBLE,
  decimalType,
  NULL_TYPE,
  type SqlType,
  TEXT,
  UNSIGNED_BIGINT,
} from './sql/catalog-type.ts';
import { StatementCache } from './sql/index.ts';
import { type Plannable, type Planned, planStatement } from './sql/planner/index.ts';
import type { ExplainTexts } from './sql/planner/texts.ts';
import type { TableStatistics } from './statistics.ts';
import { systemTable } from './system-tables.ts';
import type { GlobalVariables } from './sysvar.ts';
import type { Storage } from './transaction.ts';
import type { GcState } from './txn/index.ts';

/** Row ids are taken from PD in batches of this size (`tidb_auto_id_step`). */
const ID_STEP = 30_000;

/** What all TiDB nodes of a cluster share and none of them owns. */
export interface TidbShared {
  readonly schema: SchemaStore;
  readonly globals: GlobalVariables;
  readonly gc: GcState;
  readonly statistics: TableStatistics;
  /** Nodes by number, in their latest incarnation, also if that has ended. */
  readonly instances: Map<number, TidbNode>;
}

/** What one TiDB node is made from. */
export interface NodeParts {
  readonly process: Process;
  readonly storage: Storage;
  readonly shared: TidbShared;
  readonly profile: Profile;
  readonly costs: Costs;
  readonly bugs: Bugs;
  readonly log: Log;
  readonly memoryObserver: MemoryObserver;
  /** `tmp-storage-quota`, bytes; -1 is none. */
  readonly tmpStorageQuota: number;
  /** What outlives its incarnations on its disk. */
  readonly files: RecordFiles;
}

interface IdRange {
  next: number;
  end: number;
}

interface CachedPlan {
  readonly planned: Planned;
  readonly schemaVersion: number;
}

/** What the sessions of one node share; lost when the node dies. */
export class TidbNode {
  readonly parts: NodeParts;
  readonly cpu: Cpu;
  readonly memory: NodeMemory;
  readonly statements = new StatementCache();
  readonly sessions = new OpenSessions();
  readonly expensive: ExpensiveWatch;
  private readonly plans = new WeakMap<Plannable, Map<string, CachedPlan>>();
  private readonly ids = new Map<number, IdRange>();

  constructor(parts: NodeParts) {
    this.parts = parts;
    this.cpu = new Cpu(parts.process, parts.costs.tidbCores);
    this.expensive = new ExpensiveWatch(this);
    this.memory = new NodeMemory(parts, new TidbMemoryHost(this));
  }

  /** The plan of a statement, from the cache while the schema stays as it is. */
  plan(statement: Plannable, session: SessionView, params: readonly Datum[]): Planned {
    const { schema } = this.parts.shared;
    const key = planKey(session, params);
    let cached = this.plans.get(statement);
    const known = cached?.get(key);
    if (known !== undefined && known.schemaVersion === schema.version) return known.planned;
    const planned = this.planAnew(statement, session, params, undefined);
    if (planned.volatile) return planned;
    if (cached === undefined) {
      cached = new Map();
      this.plans.set(statement, cached);
    }
    cached.set(key, { planned, schemaVersion: schema.version });
    return planned;
  }

  /** A plan that nobody else has seen: EXPLAIN's, with the texts of its lines. */
  planAnew(
    statement: Plannable,
    session: SessionView,
    params: readonly Datum[],
    texts: ExplainTexts | undefined,
  ): Planned {
    const { schema, statistics } = this.parts.shared;
    const { database } = session;
    const paramTypes = params.map(typeOfParameter);
    const systemTableOf = (of: string, name: string) => systemTable(this, of, name);
    const request = { schema, statistics, systemTableOf, database, session, paramTypes, texts };
    return planStatement(statement, request);
  }

  /** The next row id or AUTO_INCREMENT value of a table; nodes draw from ranges of their own. */
  *nextId(tableId: number): Wait<number> {
    let range = this.ids.get(tableId);
    if (range === undefined || range.next === range.end) {
      const first = yield* this.parts.storage.allocateIds(ID_STEP);
      // Somebody else may have drawn a range while this one waited.
      const other = this.ids.get(tableId);
      range =
        other !== undefined && other !== range ? other : { next: first, end: first + ID_STEP };
      this.ids.set(tableId, range);
    }
    return range.next++;
  }

  /** Values up to `value` are taken: the rest of the range lies above. */
  reserveIds(tableId: number, value: number | bigint): void {
    const range = this.ids.get(tableId);
    if (range !== undefined && value >= range.next && value < range.end) {
      range.next = Number(value) + 1;
    }
  }
}

/** What a statement's plan depends on beside the schema. */
function planKey({ database }: SessionView, params: readonly Datum[]): string {
  if (params.length === 0) return database;
  return `${database}|${params.map((param) => signature(typeOfParameter(param))).join()}`;
}

/** What of a parameter's type a plan may depend on. */
function signature({ name, unsigned, scale }: SqlType): string {
  return `${name}${unsigned ? 'U' : ''}${scale}`;
}

function typeOfParameter(param: Datum): SqlType {
  if (param === null) return NULL_TYPE;
  if (typeof param === 'string') return TEXT;
  if (typeof param === 'object') {
    return param.kind === 'real' ? DOUBLE : decimalType(40, param.scale);
  }
  return typeof param === 'bigint' && param > 0x7fff_ffff_ffff_ffffn ? UNSIGNED_BIGINT : BIGINT;
}
