import type { NodeInfo } from '../../cluster/surface.ts';
import type { PlannedFault } from '../../nemesis/fault.ts';
import { isRole, type Role } from '../../nemesis/targets.ts';
import type { ArmedFault, FaultHandler, FaultHost, NotNow } from './handler.ts';
import { nodeNamed } from './handler.ts';

/**
 * Faults that take a process away. They share one state of the world, *this process does not
 * answer*: two of them on one node at once are over when the later one ends, and a pause of a node
 * that is down anyway adds nothing.
 */
function processFault(
  act: (host: FaultHost, id: number) => void,
  isAway: (host: FaultHost, id: number) => boolean,
): FaultHandler {
  return (host, planned): ArmedFault | NotNow => {
    const node = nodeFor(host, planned);
    if (typeof node === 'string') return node;
    const { id, name } = node;
    return {
      hit: name,
      state: `process of ${name}`,
      inject() {
        act(host, id);
        return undefined;
      },
      heal() {
        host.resume(id);
        host.restart(id);
      },
      inForce: () => isAway(host, id),
      isOver: () => host.isAlive(id) && !host.isPaused(id),
      effect: () => '',
    };
  };
}

/** The process ends; what the kernel was given survives. */
export const kill = processFault(
  (host, id) => host.kill(id),
  (host, id) => !host.isAlive(id),
);

/** The machine loses power. */
export const powerCut = processFault(
  (host, id) => host.powerCut(id),
  (host, id) => !host.isAlive(id),
);

/** The process stops, and goes on later. */
export const pause = processFault(
  (host, id) => host.pause(id),
  (host, id) => host.isPaused(id) || !host.isAlive(id),
);

/** The node a fault is aimed at, with roles filled in as the cluster is now. */
function nodeFor(host: FaultHost, planned: PlannedFault): NodeInfo | NotNow {
  const { target } = planned;
  if (!isRole(target)) return nodeNamed(host, target);
  const candidates = holders(host, target);
  const { pick } = planned.parameters;
  const place = typeof pick === 'number' ? pick : 0;
  return candidates[place % candidates.length] ?? NOBODY[target];
}

const NOBODY: Readonly<Record<Role, NotNow>> = {
  'pd-leader': 'no member of PD leads',
  'pd-follower': 'PD has no leader, or no other member that is alive',
};

/** The nodes that fill a role now. */
function holders(host: FaultHost, role: Role): NodeInfo[] {
  const leader = host.pdLeader();
  if (leader === undefined) return [];
  return host
    .nodes()
    .filter(
      ({ id, kind, alive }) => kind === 'pd' && alive && (id === leader) === (role === 'pd-leader'),
    );
}
