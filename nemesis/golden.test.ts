import { Rng } from '../cluster/sim/rng.ts';
import { type Command, runGoldenScripts, unknownCommand } from '../testing/golden-script.ts';
import type { PlannedFault } from './fault.ts';
import { findNemesis } from './index.ts';
import { makePlan } from './plan.ts';
import { planProblems } from './plan-problems.ts';
import { topologyOf } from './targets.ts';

const SECOND_US = 1_000_000;

/** `plan <nemesis,…> seed=… nodes=<tidb>,<tikv>,<pd> seconds=… [overlap]`: a line a fault. */
function plan({ args }: Command): string[] {
  const names = args.next('the nemeses').split(',');
  const seed = args.text('seed');
  const [tidb = 0, tikv = 0, pd = 0] = args.text('nodes').split(',').map(Number);
  const overlap = args.flag('overlap');
  const topology = topologyOf({ tidb, tikv, pd });
  const lengthUs = args.integer('seconds') * SECOND_US;
  const made = makePlan({
    nemeses: names.map(findNemesis).filter((nemesis) => nemesis !== undefined),
    mode: overlap ? 'overlap' : 'round-robin',
    ...{ topology, lengthUs },
    stream: (label) => new Rng(seed, label),
  });
  return [
    ...made.faults.map(shown),
    ...planProblems(made, topology, lengthUs).map(({ message }) => `problem: ${message}`),
  ];
}

function shown({ atUs, untilUs, fault, target, parameters, nemesis }: PlannedFault): string {
  const from = `${atUs / SECOND_US}s`.padEnd(5);
  const until = `${untilUs / SECOND_US}s`.padEnd(5);
  const told = Object.entries(parameters).map(([name, value]) => ` ${name}=${value}`);
  return `${from} to ${until} ${fault} ${target}${told.join('')} (${nemesis})`;
}

runGoldenScripts(new URL('./testdata/', import.meta.url), () => ({
  run(command) {
    if (command.name === 'plan') return plan(command);
    return unknownCommand(command);
  },
}));
