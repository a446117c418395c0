import type { HistoryJudge } from '../checker/checker.ts';
import { LedgerJudge } from '../checker/ledger.ts';
import type { Case, CaseContext } from './case.ts';
import { Client } from './client.ts';
import { adminCheck, readTable } from './ledger-final-read.ts';
import { createTable, type LoadAccounts, loadAccounts } from './ledger-loader.ts';
import { type LedgerOptions, ledgerSettings, validateLedgerOptions } from './ledger-options.ts';
import { LedgerReader } from './ledger-reader.ts';
import { TableSlices } from './ledger-table-scan.ts';
import { LedgerVerifier } from './ledger-verifier.ts';
import { LedgerWorker } from './ledger-worker.ts';
import { READ_KINDS } from './memory-mix.ts';
import { ArrivalSchedule } from './pacing.ts';
import { proveProgress } from './progress.ts';

const SECOND_US = 1_000_000;
/** Loaders at work at the same time, as in tipocket. */
const LOADERS = 100;
/** With fewer than three the server's limit would have nobody to spare. */
const READERS = 3;
/** They do not rest longer than this, however rarely is verified. */
const READER_PAUSE_US = 2 * SECOND_US;
/**
 * The ledger: accounts that only ever grow rows. A posting moves an amount between two of them by
 * appending to each chain a row with the next causality id and the new balance. Nothing but the
 * lock on a chain's last row, which is never changed, keeps two postings from appending the same
 * id: that is why this workload finds what is wrong with locking, and why the sum of the last
 * balances, which must be 0, is checked along with every link of every chain.
 *
 * Process numbers: worker i is i, then the verifier, then the loaders, then the readers.
 */
export class LedgerCase implements Case {
  readonly name = 'ledger';
  readonly summary = 'postings between accounts; the last balances must always sum to 0';
  readonly settings: readonly (readonly [string, string])[];
  private readonly options: LedgerOptions;
  private readonly load: LoadAccounts;
  private readonly slices: TableSlices;
  private workers: readonly LedgerWorker[] = [];
  private verifier: LedgerVerifier | undefined = undefined;
  private readers: readonly LedgerReader[] = [];

  /**
   * Throws a RangeError for options that make no sense.
   *
   * @param load gives the accounts their first rows: by INSERT, as tipocket does
   */
  constructor(options: LedgerOptions, load: LoadAccounts = loadAccounts) {
    validateLedgerOptions(options);
    this.options = options;
    this.load = load;
    this.settings = ledgerSettings(options);
    this.slices = new TableSlices(options.accounts);
  }

  async setup(ctx: CaseContext): Promise<void> {
    const { accounts, concurrency, intervalUs, verifyFrom: from } = this.options;
    const firstLoader = concurrency + 1;
    await createTable(ctx, this.client(ctx, firstLoader), this.options);
    const loaders: Client[] = [];
    for (let i = 0; i < LOADERS; i++) loaders.push(this.client(ctx, firstLoader + i));
    await this.load(ctx, loaders, accounts);
    const client = this.client(ctx, concurrency);
    this.verifier = new LedgerVerifier(ctx, client, { slices: this.slices, intervalUs, from });
    await this.verifier.verifyLoaded();
  }

  async run(ctx: CaseContext, untilUs: number): Promise<void> {
    const workers: LedgerWorker[] = [];
    for (let i = 0; i < this.options.concurrency; i++) workers.push(this.worker(ctx, i));
    this.workers = workers;
    const loops = workers.map((worker) => worker.start(untilUs));
    this.readers = this.makeReaders(ctx);
    for (const reader of this.readers) loops.push(reader.start(untilUs));
    if (this.verifier !== undefined) loops.push(this.verifier.start(untilUs));
    await Promise.race([Promise.all(loops), ctx.sleepUs(untilUs - ctx.nowUs())]);
  }

  async finish(ctx: CaseContext): Promise<void> {
    const { livenessBoundUs, concurrency } = this.options;
    const deadlineUs = ctx.nowUs() + livenessBoundUs;
    await Promise.all(this.workers.map((worker) => proveProgress(ctx, worker, deadlineUs)));
    for (const worker of this.workers) worker.client.close();
    const verifyDeadlineUs = ctx.nowUs() + livenessBoundUs;
    if (this.verifier !== undefined) await proveProgress(ctx, this.verifier, verifyDeadlineUs);
    const readingDeadlineUs = ctx.nowUs() + livenessBoundUs;
    await Promise.all(this.readers.map((each) => proveProgress(ctx, each, readingDeadlineUs)));
    for (const reader of this.readers) reader.client.close();
    const reader = this.client(ctx, concurrency + 1);
    const readDeadlineUs = ctx.nowUs() + livenessBoundUs;
    await within(ctx, readDeadlineUs, adminCheck(ctx, reader, readDeadlineUs));
    await within(ctx, readDeadlineUs, readTable(ctx, reader, this.slices, readDeadlineUs));
    reader.close();
  }

  judge(): HistoryJudge {
    return new LedgerJudge(this.options);
  }

  private client(ctx: CaseContext, process: number): Client {
    const { concurrency, connect } = this.options;
    const spread = connect === 'spread';
    const processes = concurrency + 1 + LOADERS + this.readerCount;
    return new Client(ctx, { process, processes, node: spread ? process : 0, spread });
  }

  private get readerCount(): number {
    return this.options.memoryMix === undefined ? 0 : READERS;
  }

  private makeReaders(ctx: CaseContext): LedgerReader[] {
    const { concurrency, memoryMix: mix } = this.options;
    const intervalUs = Math.min(this.options.intervalUs, READER_PAUSE_US);
    if (mix === undefined) return [];
    const kinds = READ_KINDS.filter((kind) => mix[kind] > 0);
    const readers: LedgerReader[] = [];
    for (let i = 0; i < READERS; i++) {
      const name = `reader-${i}`;
      const client = this.client(ctx, concurrency + 1 + LOADERS + i);
      const random = ctx.rng(`ledger-${name}`);
      const proves = kinds.filter((_kind, at) => at % READERS === i);
      readers.push(new LedgerReader(ctx, { name, client, random, mix, proves, intervalUs }));
    }
    return readers;
  }

  private worker(ctx: CaseContext, i: number): LedgerWorker {
    const { accounts, concurrency, transfersPerSecond } = this.options;
    const random = ctx.rng(`ledger-worker-${i}`);
    let schedule: ArrivalSchedule | undefined;
    if (transfersPerSecond !== undefined) {
      const periodUs = Math.max(1, Math.round((concurrency * SECOND_US) / transfersPerSecond));
      schedule = new ArrivalSchedule(ctx.nowUs() + random.nextInt(periodUs), periodUs);
    }
    const client = this.client(ctx, i);
    return new LedgerWorker(ctx, { name: `worker-${i}`, accounts, random, client, schedule });
  }
}

/** Waits for `work`, but not beyond `deadlineUs`. */
async function within(ctx: CaseContext, deadlineUs: number, work: Promise<void>): Promise<void> {
  await Promise.race([work, ctx.sleepUs(Math.max(0, deadlineUs - ctx.nowUs()))]);
}
