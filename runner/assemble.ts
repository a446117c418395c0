import { CASES, type Case, LEDGER_PRESETS, type LedgerOptions } from '../cases/index.ts';
import { createCluster } from '../cluster/cluster.ts';
import { Rng } from '../cluster/sim/rng.ts';
import { makePlan, type Plan } from '../nemesis/plan.ts';
import { nemesesFor, type RunOptions, topologyFor } from './options.ts';
import type { Observer, SimulationInput } from './simulation.ts';

/**
 * Options → everything a simulation needs. No files and no clock here: a browser assembles its run
 * with the same function and gets the same trace.
 */
export function assemble(
  options: RunOptions,
  observer: Observer,
  drain: () => Promise<void>,
): SimulationInput {
  const { seed, tidb, tikv, pd, profile, scaleDenominator, bugs, runTimeUs } = options;
  return {
    cluster: createCluster({ seed, tidb, tikv, pd, profile, scaleDenominator, bugs, drain }),
    case: caseFor(options),
    plan: planFor(options),
    runTimeUs,
    random: (label) => new Rng(seed, label),
    observer,
  };
}

/** The plan given by hand, or the one that nemeses, topology and seed decide. */
export function planFor(options: RunOptions): Plan {
  if (options.plan !== undefined) return options.plan;
  return makePlan({
    nemeses: nemesesFor(options),
    topology: topologyFor(options),
    lengthUs: options.runTimeUs,
    stream: (label) => new Rng(options.seed, label),
  });
}

/** The case of a run: its preset at the run's scale, and over it what was set by hand. */
export function caseFor(options: RunOptions): Case {
  const preset = LEDGER_PRESETS[options.preset](options.scaleDenominator);
  const ledger: LedgerOptions = { ...preset, ...options.caseOverrides };
  return CASES[options.case](ledger);
}
