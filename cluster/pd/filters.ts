/**
 * Which stores may give something, and which may get it. Schedulers choose at random among those
 * that pass. Labels, placement rules and paused stores are left out: there are none. Source: PD
 * `server/schedule/filter/filters.go`, `StoreStateFilter`.
 *
 * | | gone | removing | down | silent | busy | slow | space | limit | snapshots | pending |
 * |---|---|---|---|---|---|---|---|---|---|---|
 * | leader source | no | | no | no | | | | | | |
 * | leader target | no | no | no | no | no | no | | | | |
 * | region source | | | | | no | | | remove | no | |
 * | region target | no | no | no | no | no | | no | add | no | no |
 */
import type { ScheduleContext } from './schedule-context.ts';
import type { StoreInfo } from './store-info.ts';

/** A rule that a store passes or not. */
export type StoreFilter = (store: StoreInfo, context: ScheduleContext) => boolean;

/** May be relieved of leaders. */
export const isLeaderSource: StoreFilter = (store, { nowUs }) =>
  !store.isTombstone && !store.isDown(nowUs) && !store.isDisconnected(nowUs);

/** May be given leaders. */
export const isLeaderTarget: StoreFilter = (store, context) =>
  isAlive(store, context) && !store.isBusy && !store.isSlow;

/** May be relieved of peers. */
export const isRegionSource: StoreFilter = (store, { nowUs }) =>
  !store.isBusy && store.removeLimit.isAvailable(nowUs) && !store.hasManySnapshots;

/** May be given peers. */
export const isRegionTarget: StoreFilter = (store, context) =>
  isAlive(store, context) &&
  !store.isBusy &&
  !store.hasLowSpace &&
  store.addLimit.isAvailable(context.nowUs) &&
  !store.hasManySnapshots &&
  !store.hasManyPendingPeers;

/** The stores that pass, by id. */
export function storesPassing(context: ScheduleContext, filter: StoreFilter): StoreInfo[] {
  return context.cluster.stores.filter((store) => filter(store, context));
}

/** One of the stores, each with the same chance. */
export function pickStore(
  { rng }: ScheduleContext,
  stores: readonly StoreInfo[],
): StoreInfo | undefined {
  return stores.length === 0 ? undefined : stores[rng.nextInt(stores.length)];
}

function isAlive(store: StoreInfo, { nowUs }: ScheduleContext): boolean {
  return store.state(nowUs) === 'up';
}
