import type { RegionOperationProgress } from '../../cluster/surface.ts';
import { isRegionOperation } from '../../nemesis/schedulers.ts';
import { type FaultHandler, type FaultHost, wholeOf, wordOf } from './handler.ts';

/** Has PD run a scheduler, and stop it again. */
export const scheduler: FaultHandler = (host, planned) => {
  const name = wordOf(planned, 'scheduler');
  const { pdControl } = host;
  const runs = (): boolean | undefined => pdControl.schedulers()?.includes(name);
  return {
    hit: nameOfLeader(host) ?? planned.target,
    state: `scheduler ${name}`,
    inject: () => pdControl.addScheduler(name),
    heal: () => void pdControl.removeScheduler(name),
    inForce: () => runs() === true,
    isOver: () => runs() === false,
    effect: () => '',
  };
};

/** tipocket's target: the region that holds this key, the first one in a cluster with tables. */
const KEY = '0';

/**
 * Has PD start one operation on the first region. It ends by itself, done or given up, so there is
 * nothing to heal; the record says how far it had come.
 */
export const regionOperation: FaultHandler = (host, planned) => {
  const operation = wordOf(planned, 'operation');
  if (!isRegionOperation(operation)) throw new Error(`no operation "${operation}" on a region`);
  let progress: RegionOperationProgress | undefined;
  return {
    hit: nameOfLeader(host) ?? planned.target,
    inject() {
      const answer = host.pdControl.operate(operation, KEY, wholeOf(planned, 'pick'));
      if (typeof answer === 'string') return answer;
      progress = answer;
      return undefined;
    },
    heal: () => {},
    inForce: () => progress !== undefined,
    isOver: () => true,
    effect: () => (progress === undefined ? '' : `${progress.description}: ${progress.status()}`),
  };
};

function nameOfLeader(host: FaultHost): string | undefined {
  const leader = host.pdLeader();
  return host.nodes().find(({ id }) => id === leader)?.name;
}
