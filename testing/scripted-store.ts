/**
 * Stores that answer coprocessor requests by script, below a real client with one statement: for
 * tests of what is held, when, and what becomes of it. Answers weigh what they are told to; nothing
 * is allocated for it.
 */
import { type Bugs, NO_BUGS } from '../cluster/bugs.ts';
import { IntColumn } from '../cluster/column.ts';
import { prefixEnd } from '../cluster/key.ts';
import type { ProfileName } from '../cluster/profiles.ts';
import { type Process, sleep, type Wait } from '../cluster/sim/index.ts';
import { type ConsumedAnswer, type CopSettings, SelectResult } from '../cluster/tidb/copr/index.ts';
import { encodedChunkBytes } from '../cluster/tidb/memory/chunk-bytes.ts';
import type { ActionEvent } from '../cluster/tidb/memory/observer.ts';
import { SessionMemory } from '../cluster/tidb/memory/session-memory.ts';
import type { Tracker } from '../cluster/tidb/memory/tracker.ts';
import { BIGINT } from '../cluster/tidb/sql/catalog-type.ts';
import type { Interruption, ScanSpec } from '../cluster/tidb/transaction.ts';
import type { CopReply, CopRequest, KvRequest } from '../cluster/tikv/request.ts';
import { KvCluster, keyOf, SPACE } from './kv-cluster.ts';
import { memoryNode } from './memory-node.ts';

/** Rows of an answer, and bytes that they take as TiKV sends them: about 100 MiB, and no array. */
const ROWS = 12_900_000;
/** See above. */
export const ANSWER_BYTES = encodedChunkBytes({ columns: [vacant(ROWS)], length: ROWS }, [BIGINT]);

function vacant(rows: number): IntColumn {
  const column = new IntColumn(0);
  column.length = rows;
  return column;
}

/** What a statement runs under. */
export interface StatementSettings extends CopSettings {
  readonly profile: ProfileName;
  /** Regions of the table. */
  readonly regions: number;
  /** Bytes; 0 is none. */
  readonly quota: number;
  readonly oomAction: 'cancel' | 'log';
  readonly bugs: Bugs;
  /** How long a store takes to answer, µs; undefined: forever. */
  readonly answerUs: (request: CopRequest, nth: number) => number | undefined;
}

const DEFAULTS: StatementSettings = {
  profile: 'v5.5.0-nightly',
  regions: 10,
  quota: 0,
  oomAction: 'cancel',
  bugs: NO_BUGS,
  concurrency: 15,
  rateLimitAction: true,
  paging: false,
  answerUs: () => 1000,
};

/** See above. */
export class ScriptedStores {
  readonly cluster: KvCluster;
  readonly settings: StatementSettings;
  /** Requests as they arrived. */
  readonly asked: CopRequest[] = [];
  /** Answers that the reader has taken in. */
  readonly consumed: ConsumedAnswer[] = [];
  /** What memory actions did. */
  readonly acted: ActionEvent[] = [];
  /** Log lines with their fields. */
  readonly log: string[] = [];
  readonly session: SessionMemory;
  readonly tracker: Tracker;
  readonly interruption: Interruption = { error: undefined };

  constructor(changes: Partial<StatementSettings> = {}) {
    const settings = { ...DEFAULTS, ...changes };
    this.settings = settings;
    this.cluster = new KvCluster('1', settings.bugs);
    const letters = [...'bcdefghijklmnopqrstuvwxyz'].filter((letter) => letter !== 'm');
    for (const letter of letters.slice(0, settings.regions - 2)) this.cluster.split(letter);
    this.cluster.run(this.cluster.client.sender.regions.locate(keyOf('a').encoded));
    for (const store of this.cluster.engines.keys()) this.script(store);
    const node = memoryNode({
      process: this.cluster.process,
      profile: settings.profile,
      log: (level, source, message, fields = []) => {
        const shown = fields.map(([name, value]) => ` ${name}=${value}`);
        this.log.push(`${level} ${source} ${message}${shown.join('')}`);
      },
      observer: { acted: (event) => this.acted.push(event) },
    });
    const { quota, oomAction } = settings;
    this.session = new SessionMemory(node, 7, {
      ...{ quota, oomAction, spillAllowed: true, sql: 'SELECT', bufferedBytes: 0 },
      exceeded: () => {},
      inTransaction: false,
    });
    this.session.begin(undefined);
    this.tracker = this.session.statement.newExecutorTracker(23);
  }

  get process(): Process {
    return this.cluster.process;
  }

  /** Most that the statement has held. */
  get peak(): number {
    return this.session.statement.tracker.maxConsumed;
  }

  /** Starts a scan of the whole table. */
  open(changes: Partial<ScanSpec> = {}): SelectResult {
    const { settings, session, tracker, interruption, consumed } = this;
    const plain = { columns: [0], keepOrder: false, descending: false, limit: undefined };
    const spec: ScanSpec = {
      ranges: [{ space: SPACE, start: SPACE.prefix, end: prefixEnd(SPACE.prefix) }],
      ...{ readTs: Number.MAX_SAFE_INTEGER, ...plain, ...changes },
      reader: {
        ...{ memory: session.statement, tracker, types: [BIGINT], interruption, settings },
        consumed: (answer) => consumed.push(answer),
      },
    };
    return new SelectResult(this.cluster.client, spec, 'leader');
  }

  /** Reads a scan to its end, each answer taking its consumer a while; how many rows came. */
  *read(scan: SelectResult, eachUs = 100): Wait<number> {
    let rows = 0;
    try {
      for (let chunk = yield* scan.next(); chunk !== undefined; chunk = yield* scan.next()) {
        rows += chunk.length;
        yield* sleep(this.process, eachUs);
      }
    } finally {
      scan.close();
    }
    return rows;
  }

  private script(store: number): void {
    const process = this.cluster.world.process(store) as Process;
    const accept = process.accept.bind(process);
    process.accept = (call) => {
      const { body } = call.request as KvRequest;
      if (body.kind !== 'cop') return accept(call);
      call.server = process;
      const us = this.settings.answerUs(body, this.asked.push(body));
      if (us !== undefined) process.after(us, () => call.respond({ body: answer(us) }, 0));
      return true;
    };
  }
}

/** Rows of a table of so many regions. */
export function rowsOf(regions: number): number {
  return regions * ROWS;
}

function answer(processUs: number): CopReply {
  const keys = { processedKeys: ROWS, totalKeys: ROWS + 5 };
  return { kind: 'cop', columns: [vacant(ROWS)], rows: ROWS, ...keys, processUs, waitUs: 0 };
}
