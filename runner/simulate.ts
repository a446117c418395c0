import type { CaseContext } from '../cases/case.ts';
import type { CheckResult, HistoryJudge } from '../checker/checker.ts';
import type { Op } from '../checker/history.ts';
import { judgeQuota } from '../checker/quota.ts';
import type { MemoryUsage } from '../cluster/memory-record.ts';
import { formatDuration, SECOND_US } from './duration.ts';
import { Injector } from './inject.ts';
import type { Phase, PhaseName } from './report.ts';
import {
  completeness,
  faultChecks,
  invariantCheck,
  type Violation,
  violationIn,
} from './run-checks.ts';
import { bucketLengthUs, SeriesCollector } from './series.ts';
import type { RunState, SimulationInput, SimulationResult } from './simulation.ts';
import { Tally } from './tally.ts';

/** Virtual time between two looks at what goes on; a look changes nothing. */
const STEP_US = SECOND_US / 10;
/** A case that has not ended a phase so long after it should have never will. Virtual µs. */
const PATIENCE_US = 7200 * SECOND_US;

/**
 * The heart of a run, without files, clocks or a terminal, so that it runs in a browser too:
 *
 *     setup ─▶ safety: case and plan together ─▶ heal all ─▶ liveness, final reads ─▶ checks
 *
 * Whatever should outlive it goes through the observer while it runs. Rejects when the observer
 * throws, and with `Halted` at the moment that the input says; a case or a database that fails is a
 * result.
 */
export async function simulate(input: SimulationInput): Promise<SimulationResult> {
  return new Simulation(input).run();
}

/** The world stands still, as it was asked to: at a moment, or where an assertion was violated. */
export class Halted extends Error {
  readonly violation: Violation | undefined;

  constructor(violation: Violation | undefined) {
    super('the world stands still');
    this.name = 'Halted';
    this.violation = violation;
  }
}

/** How a phase ended. */
interface Ending {
  /** Why the run cannot go on; empty if it can. */
  readonly why: string;
  readonly crashed: boolean;
}

const WELL: Ending = { why: '', crashed: false };

class Simulation {
  private readonly input: SimulationInput;
  private readonly context: CaseContext;
  private readonly judge: HistoryJudge;
  private readonly tally = new Tally();
  private readonly series: SeriesCollector;
  private readonly phases: Phase[] = [];
  private injector: Injector | undefined = undefined;
  private operations = 0;
  private stopped = false;
  private violation: Violation | undefined = undefined;
  private trouble: { readonly error: unknown } | undefined = undefined;

  constructor(input: SimulationInput) {
    this.input = input;
    this.judge = input.case.judge();
    this.series = new SeriesCollector(bucketLengthUs(input.runTimeUs));
    this.context = this.makeContext();
  }

  async run(): Promise<SimulationResult> {
    const { cluster } = this.input;
    const ending = await this.allPhases();
    this.injector?.healAll();
    this.drainLogs();
    const faults = this.injector?.records() ?? [];
    const simulatedUs = cluster.nowUs();
    const outcome = {
      phases: this.phases,
      nodes: cluster.nodes().map(({ name, kind }) => ({ name, kind })),
      faults,
      planStartUs: this.safety()?.fromUs ?? simulatedUs,
      series: this.series.finish(simulatedUs),
      tally: this.tally,
      counters: cluster.counters(),
      memory: cluster.memory(),
      events: cluster.events,
      // Taken before the world is torn down: what a stop does is not part of the run.
      hash: cluster.hash(),
      simulatedUs,
      crashed: ending.crashed,
    };
    cluster.stop();
    const checks = [
      completeness(ending.why),
      invariantCheck(this.violation),
      ...faultChecks(faults),
      ...this.quotaChecks(outcome.memory),
      ...this.judge.conclude(),
    ];
    return { ...outcome, checks };
  }

  private quotaChecks(memory: MemoryUsage): CheckResult[] {
    return judgeQuota({ version: this.input.version, ...memory });
  }

  private async allPhases(): Promise<Ending> {
    const { cluster, plan, runTimeUs, case: workload } = this.input;
    const set = await this.phase('setup', 0, () => workload.setup(this.context));
    // A database that cannot be prepared is not the harness's fault.
    if (set.why !== '') return { why: set.why, crashed: false };
    const startUs = cluster.nowUs();
    this.injector = new Injector(cluster, plan, startUs);
    const untilUs = startUs + runTimeUs;
    const ran = await this.phase('safety', runTimeUs, () => workload.run(this.context, untilUs));
    if (ran.why !== '') return ran;
    this.injector.healAll();
    return this.phase('liveness', 0, async () => {
      await this.untilHealed();
      await workload.finish(this.context);
    });
  }

  /**
   * The bound of liveness counts from when nothing is wrong any more: some heals take their time.
   */
  private async untilHealed(): Promise<void> {
    while ((this.injector?.running ?? 0) > 0) await this.input.cluster.sleep(SECOND_US);
  }

  /**
   * Lets the world run until the case says that the phase is over, or there is reason to give up.
   */
  private async phase(name: PhaseName, dueUs: number, work: () => Promise<void>): Promise<Ending> {
    const { cluster, observer } = this.input;
    const fromUs = cluster.nowUs();
    const patientUntilUs = fromUs + dueUs + PATIENCE_US;
    const phase = { name, fromUs, untilUs: fromUs + dueUs };
    this.phases.push(phase);
    const box: { ending: Ending | undefined } = { ending: undefined };
    work().then(
      () => {
        box.ending = WELL;
      },
      (error: unknown) => {
        box.ending = { why: `${name} failed: ${messageOf(error)}`, crashed: true };
      },
    );
    while (box.ending === undefined) {
      await this.advance();
      if (this.violation !== undefined) box.ending = this.gaveUp('ended by an assertion', name);
      this.drainLogs();
      if (this.trouble !== undefined) throw this.trouble.error;
      observer.step(this.state(name));
      if (observer.stopping()) {
        this.stopped = true;
        box.ending ??= this.gaveUp('interrupted', name);
      }
      if (cluster.nowUs() > patientUntilUs) box.ending ??= this.gaveUp('never ended', name);
    }
    phase.untilUs = cluster.nowUs();
    return box.ending;
  }

  /**
   * Lets a little time pass. A violated assertion is a result; the world is not to be trusted then.
   */
  private async advance(): Promise<void> {
    const { cluster, haltUs } = this.input;
    try {
      const nextUs = cluster.nowUs() + STEP_US;
      await cluster.advanceTo(haltUs === undefined ? nextUs : Math.min(nextUs, haltUs));
    } catch (error) {
      this.violation = violationIn(error, cluster.nowUs());
      if (this.violation === undefined) throw error;
    }
    if (haltUs === undefined) return;
    if (cluster.nowUs() >= haltUs || this.violation !== undefined) {
      throw new Halted(this.violation);
    }
  }

  private gaveUp(what: string, phase: PhaseName): Ending {
    const at = formatDuration(this.input.cluster.nowUs());
    return { why: `${what} in the ${phase} phase, at ${at} of virtual time`, crashed: false };
  }

  private makeContext(): CaseContext {
    const { cluster, observer, random, source = cluster.source } = this.input;
    return {
      source,
      history: { record: (op) => this.record({ index: this.operations++, ...op }) },
      sleepUs: (us) => cluster.sleep(us),
      nowUs: () => cluster.nowUs(),
      rng: random,
      // Not the observer's answer: that may change in the middle of a step, and no replay could
      // know.
      stopping: () => this.stopped,
      log: (text) => observer.say(text),
    };
  }

  /** Called by the case, which must not meet our own troubles: they wait for the next step. */
  private record(op: Op): void {
    try {
      this.input.observer.operation(op);
    } catch (error) {
      this.trouble ??= { error };
    }
    this.judge.observe(op);
    this.series.add(op);
    this.tally.add(op);
  }

  private drainLogs(): void {
    const { cluster, observer } = this.input;
    const atUs = cluster.nowUs();
    cluster.drainLogs((node, line) => observer.log({ atUs, node, line }));
  }

  private safety(): Phase | undefined {
    return this.phases.find(({ name }) => name === 'safety');
  }

  private state(phase: PhaseName): RunState {
    const { cluster, plan } = this.input;
    const { begun = 0, running = 0 } = this.injector ?? {};
    return {
      phase,
      nowUs: cluster.nowUs(),
      safety: this.safety(),
      tally: this.tally,
      faults: { begun, running, planned: plan.faults.length },
      events: cluster.events,
    };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
