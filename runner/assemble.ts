import { CASES, type Case, LEDGER_PRESETS, type LedgerOptions } from '../cases/index.ts';
import { createCluster } from '../cluster/cluster.ts';
import { Rng } from '../cluster/sim/rng.ts';
import type { LoadableCluster } from '../cluster/surface.ts';
import { decidePlan } from './decide-plan.ts';
import { systemVariables } from './memory-overrides.ts';
import type { RunOptions } from './options.ts';
import type { Observer, SimulationInput } from './simulation.ts';

/**
 * Options → everything a simulation needs. No files and no clock here: a browser assembles its run
 * with the same function and gets the same trace.
 */
export function assemble(
  options: RunOptions,
  observer: Observer,
  drain: () => Promise<void>,
): SimulationInput & { readonly cluster: LoadableCluster } {
  const { seed, tidb, tikv, pd, profile, scaleDenominator, bugs, runTimeUs, memory } = options;
  const { tmpStorageQuotaBytes: tmpStorageQuota } = memory;
  const variables = systemVariables(memory);
  return {
    cluster: createCluster({
      ...{ seed, tidb, tikv, pd, profile, scaleDenominator, bugs, drain, variables },
      ...(tmpStorageQuota === undefined ? {} : { tmpStorageQuota }),
    }),
    version: profile,
    case: caseFor(options),
    plan: decidePlan(options),
    runTimeUs,
    random: (label) => new Rng(seed, label),
    observer,
  };
}

/** The case of a run. */
export function caseFor(options: RunOptions): Case {
  return CASES[options.case](ledgerOptions(options));
}

/** Options of the ledger: its preset at the run's scale, and over it what was set by hand. */
export function ledgerOptions(options: RunOptions): LedgerOptions {
  return { ...LEDGER_PRESETS[options.preset](options.scaleDenominator), ...options.caseOverrides };
}
