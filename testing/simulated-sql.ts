import { setImmediate } from 'node:timers/promises';
import { createCluster } from '../cluster/cluster.ts';
import type { Datum } from '../cluster/datum.ts';
import type { MemoryUsage } from '../cluster/memory-record.ts';
import type { ProfileName } from '../cluster/profiles.ts';
import type { QueryResult, Session } from '../cluster/session.ts';
import type { SimulatedCluster } from '../cluster/surface.ts';
import { formatDecimal } from '../cluster/tidb/executor/decimal.ts';
import { formatReal } from '../cluster/tidb/executor/value.ts';

/** How finely time passes while an answer is awaited; virtual µs. */
const STEP_US = 1000;
/** By then PD has a leader and the stores have told it of themselves; virtual µs. */
const UP_US = 30_000_000;

/** A small simulated cluster for tests that talk SQL; virtual time passes only while they wait. */
export class SimulatedSql {
  private readonly cluster: SimulatedCluster;

  /** @param scaleDenominator memory is by so much smaller */
  constructor(profile: ProfileName = 'v8.5.0', scaleDenominator = 1) {
    this.cluster = createCluster({
      ...{ seed: '1', tidb: 1, tikv: 3, pd: 1, scaleDenominator, profile },
      ...{ bugs: [], drain: async () => setImmediate() },
    });
  }

  /** What has become of the memory of SQL. */
  get memory(): MemoryUsage {
    return this.cluster.memory();
  }

  /** The log lines of TiDB since the last call. */
  logs(): string[] {
    const lines: string[] = [];
    this.cluster.drainLogs((node, line) => {
      if (node.startsWith('tidb')) lines.push(line);
    });
    return lines;
  }

  /** Virtual time, µs. */
  get nowUs(): number {
    return this.cluster.nowUs();
  }

  /** A connection to a cluster that has come up. Throws if none can be had. */
  async connect(): Promise<Session> {
    if (this.cluster.nowUs() < UP_US) await this.cluster.advanceTo(UP_US);
    const session = await this.settle(this.cluster.source.connect(), 60_000_000);
    if (session === undefined) throw new Error('no connection');
    return session;
  }

  /** Runs a text to its end, however long that takes. */
  async execute(session: Session, sql: string): Promise<QueryResult> {
    const result = await this.settle(session.execute(sql), 600_000_000);
    if (result === undefined) throw new Error(`no answer to ${sql}`);
    return result;
  }

  /** Lets time pass until a promise is settled; undefined if it is not within `patienceUs`. */
  async settle<T>(promise: Promise<T>, patienceUs: number): Promise<T | undefined> {
    const state: { value?: T; error?: unknown; done: boolean } = { done: false };
    promise.then(
      (value) => Object.assign(state, { value, done: true }),
      (error: unknown) => Object.assign(state, { error, done: true }),
    );
    const until = this.cluster.nowUs() + patienceUs;
    while (!state.done && this.cluster.nowUs() < until) {
      await this.cluster.advanceTo(this.cluster.nowUs() + STEP_US);
    }
    if (state.error !== undefined) throw state.error;
    return state.value;
  }
}

/** A value as the text protocol spells it; NULL by that name. */
export function datumText(value: Datum): string {
  if (value === null) return 'NULL';
  if (typeof value !== 'object') return String(value);
  return value.kind === 'real' ? formatReal(value.value) : formatDecimal(value);
}
