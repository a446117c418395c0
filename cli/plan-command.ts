import { decidePlan } from '../runner/decide-plan.ts';
import { writePlan } from '../runner/plan-file.ts';
import type { RunFlags } from './outcome.ts';
import { resolve } from './resolve.ts';

/** `wavetank plan`: prints the faults of a run on standard output, without running anything. */
export async function planCommand(caseName: string | undefined, flags: RunFlags): Promise<number> {
  const { options } = resolve(caseName, flags);
  const plan = decidePlan(options);
  const { seed } = options;
  const text =
    flags.json === true
      ? `${JSON.stringify({ schema: 'wavetank.plan/1', seed, faults: plan.faults })}\n`
      : `# seed ${seed}\n${writePlan(plan)}`;
  process.stdout.write(text);
  return 0;
}
