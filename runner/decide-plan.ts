import { Rng } from '../cluster/sim/rng.ts';
import { makePlan, type Plan } from '../nemesis/plan.ts';
import { nemesesFor, type RunOptions, topologyFor } from './options.ts';

/** The plan given by hand, or the one that nemeses, topology and seed decide. */
export function decidePlan(options: RunOptions): Plan {
  if (options.plan !== undefined) return options.plan;
  return makePlan({
    nemeses: nemesesFor(options),
    mode: options.nemesisMode,
    topology: topologyFor(options),
    lengthUs: options.runTimeUs,
    stream: (label) => new Rng(options.seed, label),
  });
}
