import type { NodeInfo, NodeKind } from '../../cluster/surface.ts';
import { type FaultHandler, wholeOf } from './handler.ts';

const KINDS: readonly NodeKind[] = ['tidb', 'tikv', 'pd'];

/** Adds nodes of one component; the heal has the same nodes leave. */
export const scaleOut: FaultHandler = (host, planned) => {
  const kind = KINDS.find((known) => known === planned.target);
  if (kind === undefined) throw new Error(`no component "${planned.target}"`);
  const count = wholeOf(planned, 'count');
  const added: number[] = [];
  const members = (): NodeInfo[] => host.nodes().filter(({ id }) => added.includes(id));
  return {
    hit: kind,
    inject() {
      while (added.length < count) {
        const id = host.scaling.addNode(kind);
        if (typeof id === 'string') return id;
        added.push(id);
      }
      return undefined;
    },
    heal() {
      for (const { id } of members()) host.scaling.removeNode(id);
    },
    inForce: () => added.length === count && members().length === count,
    isOver: () => members().length === 0,
    effect: () =>
      `added ${members()
        .map(({ name }) => name)
        .join(', ')}`,
  };
};
