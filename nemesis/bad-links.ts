import type { Nemesis, Origin } from './nemesis.ts';
import { allAtOnce, type Deed, oneToThreeMinutesUs } from './round.ts';

/**
 * Bad links: netem on the interface of every node at once, with tipocket's figures. It works on
 * what a node sends, also to the machine that the case's sessions come from.
 */
function everyNode(
  name: string,
  origin: Origin,
  summary: string,
  deed: Omit<Deed, 'target'>,
): Nemesis {
  return {
    ...{ name, origin, summary },
    generate(occasion) {
      const deeds = occasion.topology.nodes.map((node) => ({ ...deed, target: node.name }));
      return allAtOnce(occasion, oneToThreeMinutesUs(occasion.random), deeds);
    },
  };
}

/** Packets vanish; TCP sends them again, so it shows as delay. */
export const loss: Nemesis = everyNode(
  'loss',
  'tipocket',
  'every node loses 25 % of what it sends for 60 to 179 s',
  { fault: 'loss', parameters: { percent: 25, correlation: 25 } },
);

/** Packets are late. */
export const delay: Nemesis = everyNode(
  'delay',
  'tipocket',
  'what any node sends is late by 90 ms, give or take 90 ms, for 60 to 179 s',
  { fault: 'delay', parameters: { latencyUs: 90_000, jitterUs: 90_000, correlation: 25 } },
);

/** One-way messages come twice; of a call, TCP drops the copy. */
export const duplicate: Nemesis = everyNode(
  'duplicate',
  'tipocket',
  'every node sends 40 % of its packets twice for 60 to 179 s; messages arrive twice, late',
  { fault: 'duplicate', parameters: { percent: 40, correlation: 25 } },
);

/** Packets are dropped by their checksum, sent again, and now and then a connection breaks. */
export const corrupt: Nemesis = everyNode(
  'corrupt',
  'tipocket',
  'a bit flips in 40 % of what any node sends for 60 to 179 s; the checksum drops it',
  { fault: 'corrupt', parameters: { percent: 40, correlation: 25 } },
);

/** One-way messages overtake each other, as they do on links without a stream. */
export const reorder: Nemesis = everyNode(
  'reorder',
  'wavetank',
  '40 % of the messages between nodes are overtaken by later ones for 60 to 179 s',
  { fault: 'reorder', parameters: { percent: 40, correlation: 25 } },
);
