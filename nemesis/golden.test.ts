import { Rng } from '../cluster/sim/rng.ts';
import { type Command, runGoldenScripts, unknownCommand } from '../testing/golden-script.ts';
import { findNemesis } from './index.ts';
import { makePlan } from './plan.ts';
import { topologyOf } from './targets.ts';

const SECOND_US = 1_000_000;

/** `plan <nemesis,…> seed=… nodes=<tidb>,<tikv>,<pd> seconds=…`: one line a fault. */
function plan({ args }: Command): string[] {
  const names = args.next('the nemeses').split(',');
  const seed = args.text('seed');
  const [tidb = 0, tikv = 0, pd = 0] = args.text('nodes').split(',').map(Number);
  const { faults } = makePlan({
    nemeses: names.map(findNemesis).filter((nemesis) => nemesis !== undefined),
    topology: topologyOf({ tidb, tikv, pd }),
    lengthUs: args.integer('seconds') * SECOND_US,
    stream: (label) => new Rng(seed, label),
  });
  return faults.map(({ atUs, untilUs, fault, target, nemesis }) => {
    const from = `${atUs / SECOND_US}s`.padEnd(5);
    const until = `${untilUs / SECOND_US}s`.padEnd(5);
    return `${from} to ${until} ${fault} ${target} (${nemesis})`;
  });
}

runGoldenScripts(new URL('./testdata/', import.meta.url), () => ({
  run(command) {
    if (command.name === 'plan') return plan(command);
    return unknownCommand(command);
  },
}));
