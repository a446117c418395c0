import { performance } from 'node:perf_hooks';
import { sleep, type Wait, World } from '../cluster/sim/index.ts';
import { assemble } from '../runner/assemble.ts';
import { resolveOptions } from '../runner/options.ts';
import { drain } from '../runner/run.ts';
import type { Settings } from '../runner/settings.ts';
import { simulate } from '../runner/simulate.ts';
import type { Observer, RunState } from '../runner/simulation.ts';

type Figures = Readonly<Record<string, number>>;

const SECOND_US = 1_000_000;

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
  'ledger-hot': () =>
    ledger({
      runTimeUs: 60 * SECOND_US,
      preset: 'hot',
      nemeses: ['random_kill'],
    }),
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

/** A ledger run without files; only its safety phase is timed. */
async function ledger(settings: Settings): Promise<Figures> {
  const clock = new PhaseClock();
  const options = resolveOptions('ledger', settings, () => '1');
  const result = await simulate(assemble(options, clock.observer, drain));
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
