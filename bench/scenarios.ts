import { performance } from 'node:perf_hooks';
import type { Case } from '../cases/case.ts';
import { LedgerCase } from '../cases/ledger.ts';
import { sleep, type Wait, World } from '../cluster/sim/index.ts';
import { assemble, ledgerOptions } from '../runner/assemble.ts';
import { resolveOptions } from '../runner/options.ts';
import { drain } from '../runner/run.ts';
import type { Settings } from '../runner/settings.ts';
import { simulate } from '../runner/simulate.ts';
import type { Observer, RunState } from '../runner/simulation.ts';
import { analytic } from './analytic.ts';
import { importAccounts } from './import-accounts.ts';

/** What the run of TiDB issue 32624 went through. */
const SEED_NEMESES = [
  'random_kill',
  'kill_tikv_1node_5min',
  'shuffle-leader-scheduler',
  'shuffle-region-scheduler',
  'random-merge-scheduler',
  'subcritical_skews',
] as const;

type Figures = Readonly<Record<string, number>>;

const SECOND_US = 1_000_000;

/** Postings without pause and without faults. */
const POSTINGS: Settings = { runTimeUs: 3 * SECOND_US, preset: 'hot', nemeses: [] };

/** What is measured, by name. Each runs in a fresh process. */
export const SCENARIOS = {
  'bare-loop': bareLoop,
  'ledger-unpaced': () =>
    ledger({
      runTimeUs: 8 * SECOND_US,
      preset: 'hot',
      accounts: 100_000,
      nemeses: [],
    }),
  'ledger-six': () =>
    ledger({
      runTimeUs: 20 * SECOND_US,
      preset: 'hot',
      accounts: 100_000,
      tikv: 4,
      nemeses: SEED_NEMESES,
      nemesisMode: 'overlap',
    }),
  // The same work on tables of different size, and on one cut into many regions.
  'rows-10k': () => ledger({ ...POSTINGS, accounts: 10_000 }, { imports: true }),
  'rows-100k': () => ledger({ ...POSTINGS, accounts: 100_000 }, { imports: true }),
  'rows-1m': () => ledger({ ...POSTINGS, accounts: 1_000_000 }, { imports: true }),
  'regions-10': () => ledger({ ...POSTINGS, accounts: 100_000 }, { imports: true, regions: 10 }),
  'regions-1000': () =>
    ledger({ ...POSTINGS, accounts: 100_000 }, { imports: true, regions: 1000 }),
  'ledger-hot': () =>
    ledger({
      runTimeUs: 60 * SECOND_US,
      preset: 'hot',
      nemeses: ['random_kill'],
    }),
  // The verification query, beside other databases; see `analytic.ts`.
  'verify-1m': () => analytic(1_000_000),
  'verify-11m': () => analytic(10_900_000),
  'ledger-default': () => ledger({ runTimeUs: 3600 * SECOND_US, nemeses: ['random_kill'] }),
} as const;

/** Name of a scenario. */
export type ScenarioName = keyof typeof SCENARIOS;

/** 200 tasks that do nothing but sleep: what an event costs at least. */
async function bareLoop(): Promise<Figures> {
  const world = new World('1', { minUs: 100, tailUs: 50 });
  const process = world.start(0, 'loop');
  function* body(us: number): Wait<void> {
    for (;;) yield* sleep(process, us);
  }
  for (let i = 0; i < 200; i++) process.spawn(body(50 + i));
  const startMs = performance.now();
  world.scheduler.runUntil(3 * SECOND_US);
  const seconds = (performance.now() - startMs) / 1000;
  return { 'events per second': world.scheduler.trace.events / seconds };
}

/** How the table of a ledger comes to be. */
interface Preparation {
  /** Accounts are imported, not inserted. */
  readonly imports?: boolean;
  /** Into so many regions the records are cut. */
  readonly regions?: number;
}

/** A ledger run without files; only its safety phase is timed. */
async function ledger(settings: Settings, preparation: Preparation = {}): Promise<Figures> {
  const clock = new PhaseClock();
  const options = resolveOptions('ledger', settings, () => '1');
  const input = assemble(options, clock.observer, drain);
  const { imports = false, regions } = preparation;
  const ledgerCase = imports
    ? new LedgerCase(ledgerOptions(options), importAccounts(input.cluster))
    : input.case;
  if (regions !== undefined) {
    const { accounts } = ledgerOptions(options);
    const borders = Array.from({ length: regions - 1 }, (_, i) => ((i + 1) * accounts) / regions);
    cutAfterSetup(ledgerCase, borders);
  }
  const result = await simulate({ ...input, case: ledgerCase });
  if (result.checks.some(({ verdict }) => verdict === 'invalid')) {
    throw new Error('a benchmark run must be valid');
  }
  const { seconds, first, last } = clock.safety();
  const transfers = last.transfers - first.transfers;
  return {
    'transfers per second': transfers / seconds,
    'events per second': (last.events - first.events) / seconds,
    'events per transfer': (last.events - first.events) / transfers,
    'simulated / wall': (last.nowUs - first.nowUs) / SECOND_US / seconds,
    'peak memory, MiB': process.resourceUsage().maxRSS / 1024,
  };
}

/** Has a case cut the records of the ledger before some accounts once they are loaded. */
function cutAfterSetup(ledgerCase: Case, accounts: readonly number[]): void {
  const setup = ledgerCase.setup.bind(ledgerCase);
  ledgerCase.setup = async (ctx) => {
    await setup(ctx);
    const session = await ctx.source.connect(0);
    const borders = accounts.map((account) => `('acc${account}', 0)`).join(', ');
    await session.execute(`SPLIT TABLE ledger_accounts BY ${borders}`);
    session.close();
  };
}

interface Moment {
  readonly wallMs: number;
  readonly nowUs: number;
  readonly events: number;
  readonly transfers: number;
}

/** Notes when the safety phase began and ended. */
class PhaseClock {
  readonly observer: Observer;
  private first: Moment | undefined = undefined;
  private last: Moment | undefined = undefined;

  constructor() {
    let transfers = 0;
    this.observer = {
      operation: (op) => {
        if (op.f === 'transfer' && op.outcome === 'ok') transfers++;
      },
      log: () => {},
      say: () => {},
      step: (state) => this.note(state, transfers),
      stopping: () => false,
    };
  }

  /** The phase in wall seconds, and what was counted at its ends. */
  safety(): { seconds: number; first: Moment; last: Moment } {
    const { first, last } = this;
    if (first === undefined || last === undefined) throw new Error('the run had no safety phase');
    return { seconds: (last.wallMs - first.wallMs) / 1000, first, last };
  }

  private note({ phase, nowUs, events }: RunState, transfers: number): void {
    if (phase !== 'safety') return;
    const moment = { wallMs: performance.now(), nowUs, events, transfers };
    this.first ??= moment;
    this.last = moment;
  }
}
