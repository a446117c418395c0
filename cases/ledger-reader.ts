import { LEDGER_F, type ReadingValue } from '../checker/ledger-ops.ts';
import { SqlError } from '../cluster/errors.ts';
import type { Session } from '../cluster/session.ts';
import { answerDigest } from './answer-digest.ts';
import type { CaseContext, CaseRandom } from './case.ts';
import type { Client } from './client.ts';
import { LedgerClient } from './ledger-client.ts';
import { drawKind, type MemoryMix, READ_QUERIES, type ReadKind } from './memory-mix.ts';

/** Quotas are drawn from 8 KiB to 8 MiB, each power of two and those above it as often. */
const LEAST_POWER = 13;
const GREATEST_POWER = 22;
/** One in so many readings has the quota that the session was opened with. */
const UNCHANGED_ONE_IN = 4;
/** What `tidb_mem_quota_query` is where there is to be none. */
const NO_QUOTA = -1;
/** After the heal each kind is read with quotas that grow by this factor, until one is enough. */
const STEP = 4;
const LARGEST_PROVING = 2 ** 30;
/** Codes by which a statement is told that it, or its node, holds too much. */
const DENIALS: ReadonlySet<number> = new Set([8175, 8176]);
const DENIED_SINCE_V5 = 'Out Of ';

/** What a reader needs to know of its run. */
export interface ReaderOptions {
  /** Name in the history: `reader-1`. */
  readonly name: string;
  readonly client: Client;
  readonly random: CaseRandom;
  readonly mix: MemoryMix;
  /** Kinds that it shows to be answered after the heal, each compared once. */
  readonly proves: readonly ReadKind[];
  /** Pause between two readings, µs. */
  readonly intervalUs: number;
}

/**
 * Reads the ledger in ways that take much memory, under a quota of its own that it draws for each
 * reading; an answer that came in spite of it is compared with what the same query answers at the
 * same snapshot without any. What was written to disk on the way and read back must not show.
 */
export class LedgerReader extends LedgerClient {
  private readonly options: ReaderOptions;
  /** What is left to be shown after the heal, and with what quota. */
  private toProve: ReadKind[];
  private provingQuota = 2 ** LEAST_POWER;

  constructor(ctx: CaseContext, options: ReaderOptions) {
    super(ctx, options.name, options.client);
    this.options = options;
    this.toProve = [...options.proves];
  }

  /**
   * Each kind in turn with ever larger quotas until one is enough. To be denied is an answer, too:
   * only a reader that is not answered at all gets nowhere.
   */
  async attempt(untilUs: number): Promise<boolean> {
    for (;;) {
      const [kind] = this.toProve;
      if (kind === undefined) return true;
      const quota = this.provingQuota;
      const end = await this.read(kind, quota, untilUs);
      if (end === 'failed') return false;
      this.provingQuota = quota * STEP;
      if (end === 'denied' && quota < LARGEST_PROVING) continue;
      this.toProve.shift();
      this.provingQuota = 2 ** LEAST_POWER;
    }
  }

  /** Reads, pauses, and so on, pausing first. */
  protected async loop(untilUs: number): Promise<void> {
    const { random, intervalUs, mix } = this.options;
    const nextInt = (bound: number): number => random.nextInt(bound);
    while (await this.pause(intervalUs, untilUs)) {
      // Drawn whatever becomes of the reading before: none shifts another.
      const kind = drawKind(mix, nextInt);
      const power = LEAST_POWER + nextInt(GREATEST_POWER - LEAST_POWER + 1);
      const unchanged = nextInt(UNCHANGED_ONE_IN) === 0;
      const quota = 2 ** power + nextInt(2 ** power);
      await this.read(kind, unchanged ? undefined : quota, untilUs);
    }
  }

  /** One reading in a transaction of its own: denied is answered by an error about memory. */
  private async read(
    kind: ReadKind,
    quota: number | undefined,
    untilUs: number,
  ): Promise<'answered' | 'denied' | 'failed'> {
    const session = await this.client.open(untilUs);
    if (session === undefined) return 'failed';
    const unanswered: ReadingValue = { kind, quota: quota ?? null };
    const operation = { f: LEDGER_F.reading, unanswered };
    const failed = await this.readOnly<ReadingValue>(session, operation, async () => ({
      ...unanswered,
      ...(await ask(session, READ_QUERIES[kind], quota)),
    }));
    if (failed === undefined) return 'answered';
    return isDenial(failed.thrown) ? 'denied' : 'failed';
  }
}

/** The answer under a quota, and the one without at the same snapshot. */
async function ask(
  session: Session,
  sql: string,
  quota: number | undefined,
): Promise<Pick<ReadingValue, 'answer' | 'unlimited'>> {
  await session.execute('BEGIN');
  if (quota !== undefined) await session.execute(setQuota(quota));
  const answer = answerDigest((await session.execute(sql)).rows);
  await session.execute(setQuota(NO_QUOTA));
  const unlimited = answerDigest((await session.execute(sql)).rows);
  await session.execute(RESTORE_QUOTA);
  return { answer, unlimited };
}

function setQuota(bytes: number): string {
  return `SET tidb_mem_quota_query = ${bytes}`;
}

const RESTORE_QUOTA = 'SET tidb_mem_quota_query = @@global.tidb_mem_quota_query';

function isDenial(error: unknown): boolean {
  if (!(error instanceof SqlError)) return false;
  return DENIALS.has(error.code) || error.message.startsWith(DENIED_SINCE_V5);
}
