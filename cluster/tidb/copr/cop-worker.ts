import { type Channel, sleep, type Wait } from '../../sim/index.ts';
import type { CopReply, CopRequest } from '../../tikv/request.ts';
import { encodedChunkBytes } from '../memory/chunk-bytes.ts';
import { recoverPanic } from '../memory/panic.ts';
import { COP_WORKER } from '../memory/recover-sites.ts';
import type { Frame } from '../memory/stack.ts';
import type { Backoffer } from '../txn/backoff.ts';
import type { CachedRegion } from '../txn/region-cache.ts';
import { logSlowTask } from './cop-log.ts';
import {
  type CopResponse,
  type DataResponse,
  FIN,
  type ResponseDetails,
  responseBytes,
} from './cop-response.ts';
import type { CopScan } from './cop-scan.ts';
import { type CopTask, locateRanges, remainingRanges } from './cop-task.ts';

/** Calls from `Consume` up to where a worker begins. */
const PATH: readonly Frame[] = [
  frame('sendToRespCh', 550),
  frame('handleCopResponse', 1016),
  frame('handleTaskOnce', 789),
  frame('handleTask', 673),
  frame('run', 414),
];

function frame(method: string, line: number): Frame {
  return {
    package: 'store/copr',
    method: `(*copIteratorWorker).${method}`,
    file: 'coprocessor.go',
    line,
  };
}

/**
 * Takes one task after the other, asks its region, and hands the answers on. A task whose region
 * has changed is cut anew; one that met a lock is sent again once that is resolved; one whose page
 * was full goes on behind it. Source: TiDB `copIteratorWorker`.
 */
export class CopWorker {
  private readonly scan: CopScan;
  private readonly shared: Channel<CopResponse> | undefined;
  private readonly alone: boolean;

  /**
   * @param shared where answers go that need no order
   * @param alone the scan has one task
   */
  constructor(scan: CopScan, shared: Channel<CopResponse> | undefined, alone: boolean) {
    this.scan = scan;
    this.shared = shared;
    this.alone = alone;
  }

  /** Works until no more tasks come. */
  *run(tasks: Channel<CopTask>): Wait<void> {
    for (;;) {
      const task = yield* tasks.receive();
      if (task === undefined) return;
      yield* this.runTask(task);
      if (this.scan.closed) return;
    }
  }

  /** Does one task, and tells the reader that it is done. */
  *runTask(task: CopTask): Wait<void> {
    const channel = task.channel ?? (this.shared as Channel<CopResponse>);
    yield* this.handleTask(task, channel);
    if (task.channel === undefined) yield* channel.send(FIN);
    else task.channel.close();
  }

  private *handleTask(task: CopTask, channel: Channel<CopResponse>): Wait<void> {
    const backoffs = new Map<number, Backoffer>();
    let remaining: readonly CopTask[] = [task];
    try {
      for (let [next] = remaining; next !== undefined && !this.scan.closed; [next] = remaining) {
        const { id } = next.region.info;
        const backoff = backoffs.get(id) ?? this.scan.backoff();
        backoffs.set(id, backoff);
        const rest = remaining.slice(1);
        const ends = this.alone && rest.length === 0;
        const instead = yield* this.handleTaskOnce(next, backoff, channel, ends);
        remaining = instead.length === 0 ? rest : [...instead, ...rest];
      }
    } catch (error) {
      yield* channel.send({ kind: 'error', error: this.recovered(error) });
    }
  }

  /** A panic becomes an ordinary error, which is not charged: that might end in another. */
  private recovered(error: unknown): unknown {
    const memory = this.scan.reader?.memory;
    return memory === undefined ? error : recoverPanic(error, COP_WORKER, memory, PATH);
  }

  /** Asks once, so far as the region is what it was; the tasks to do instead, if any. */
  private *handleTaskOnce(
    task: CopTask,
    backoff: Backoffer,
    channel: Channel<CopResponse>,
    ends: boolean,
  ): Wait<readonly CopTask[]> {
    const { client, spec, process, replica } = this.scan;
    const beganUs = process.world.nowUs;
    const request = this.requestFor(task);
    let { region } = task;
    for (let rpcs = 1; ; rpcs++) {
      const address = addressOf(this.scan, region);
      const call = client.sender.read(region, request, backoff, replica);
      const reply = yield* this.scan.cancellable(call);
      const respUs = process.world.nowUs - beganUs;
      if (reply !== undefined) {
        logSlowTask(this.scan, { region, address, respUs, backoff, reply });
        if (reply.locked !== undefined) return yield* this.resolveLock(task, reply, backoff);
        const details = detailsOf(reply, { respUs, rpcs, address, backoff });
        const pages = this.nextPages(task, reply);
        const answer = { reply, details, last: ends && pages.length === 0 };
        yield* this.sendToRespCh(task, answer, channel);
        return pages;
      }
      const parts = yield* locateRanges(client.sender.regions, task.ranges, spec.descending);
      const [only] = parts;
      if (only === undefined || parts.length > 1 || !sameEpoch(only.region, region)) {
        return parts.map((part) => ({ ...task, ...part }));
      }
      region = only.region;
    }
  }

  private requestFor({ ranges, pageSize }: CopTask): CopRequest {
    const { readTs, columns, descending, limit, program } = this.scan.spec;
    const { bypass } = this.scan;
    return {
      kind: 'cop',
      ranges,
      readTs,
      bypass,
      columns,
      descending,
      limit,
      program,
      pageSize,
    };
  }

  private *resolveLock(
    task: CopTask,
    { locked }: CopReply,
    backoff: Backoffer,
  ): Wait<readonly CopTask[]> {
    const { client, spec } = this.scan;
    if (locked === undefined) return [task];
    const resolution = yield* client.resolver.resolve([locked], spec.readTs);
    this.scan.bypass = [...this.scan.bypass, ...resolution.bypass];
    if (resolution.blocked) yield* this.scan.cancellable(backoff.wait('txnLockFast'));
    return [task];
  }

  /** What is left of a task when its page was full. */
  private nextPages(task: CopTask, { resumeAt }: CopReply): readonly CopTask[] {
    const { spec, pages } = this.scan;
    const { ranges, pageSize } = task;
    if (resumeAt === undefined || pages === undefined || pageSize === undefined) return [];
    const left = remainingRanges(ranges, resumeAt, spec.descending);
    const next = Math.min(2 * pageSize, pages.largest);
    return left.length === 0 ? [] : [{ ...task, ranges: left, pageSize: next }];
  }

  /** An answer is charged before there is room for it in the channel. */
  private *sendToRespCh(
    { ranges }: CopTask,
    { reply, details, last }: Pick<DataResponse, 'reply' | 'details' | 'last'>,
    channel: Channel<CopResponse>,
  ): Wait<void> {
    const { scan } = this;
    const { reader, client, action } = scan;
    const rows = { columns: reply.columns, length: reply.rows };
    const weighs = reader !== undefined && reply.rows > 0;
    const encoded = weighs ? encodedChunkBytes(rows, reader.types) : 0;
    const bytes = responseBytes(ranges[0]?.start ?? '', encoded);
    if (!scan.charge(bytes)) yield* scan.act();
    while (client.bugs.has('mem.rateLimit.suspendAll') && action?.isArmed === true) {
      yield* sleep(scan.process, 10_000);
    }
    yield* channel.send({ kind: 'data', reply, details, encoded, bytes, last });
  }
}

function sameEpoch({ info: a }: CachedRegion, { info: b }: CachedRegion): boolean {
  return (
    a.id === b.id && a.epoch.version === b.epoch.version && a.epoch.confVer === b.epoch.confVer
  );
}

/** As PD would tell it. */
function addressOf({ process }: CopScan, { leader }: CachedRegion): string {
  return `${process.world.process(leader)?.name ?? leader}:20160`;
}

const NO_BACKOFFS: ResponseDetails['backoffs'] = new Map();

function detailsOf(
  { processUs, waitUs, totalKeys, processedKeys }: CopReply,
  round: {
    readonly respUs: number;
    readonly rpcs: number;
    readonly address: string;
    readonly backoff: Backoffer;
  },
): ResponseDetails {
  const { respUs, rpcs, address, backoff } = round;
  return {
    processUs,
    waitUs,
    totalKeys,
    processKeys: processedKeys,
    respUs,
    rpcs,
    address,
    backoffUs: backoff.totalMs * 1000,
    backoffs: backoff.kinds.length === 0 ? NO_BACKOFFS : new Map(backoff.sleptMs),
  };
}
