/** What operators under way will have done to one store. */
export interface StoreInfluence {
  leaderCount: number;
  regionBytes: number;
  /** What is spent of the store's limits; see `store-limit.ts`. */
  addCost: number;
  removeCost: number;
}

const NONE: Readonly<StoreInfluence> = {
  leaderCount: 0,
  regionBytes: 0,
  addCost: 0,
  removeCost: 0,
};

/**
 * What a set of operators will have done to the stores when they are finished. Balancers look at
 * the cluster as it will be, or else they would move the same surplus again and again while the
 * first move is on its way. Source: PD `operator.OpInfluence`.
 */
export class Influence {
  private readonly stores = new Map<number, StoreInfluence>();

  /** The influence on one store, to be read. */
  on(store: number): Readonly<StoreInfluence> {
    return this.stores.get(store) ?? NONE;
  }

  /** The influence on one store, to be added to. */
  of(store: number): StoreInfluence {
    let influence = this.stores.get(store);
    if (influence === undefined) {
      influence = { ...NONE };
      this.stores.set(store, influence);
    }
    return influence;
  }

  /** Every store that is influenced. */
  entries(): Iterable<[store: number, influence: Readonly<StoreInfluence>]> {
    return this.stores.entries();
  }
}
