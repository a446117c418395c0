import type { Engine } from '../cluster/tikv/index.ts';
import type { RegionInfo } from '../cluster/tikv/request.ts';
import { boundsIn } from '../cluster/tikv/snapshot.ts';
import { shownPeer, shownRegion } from './tikv-show.ts';
import type { TikvWorld } from './tikv-world.ts';

/**
 * Compares all copies of all regions once nothing happens any more. Answers with what is not as it
 * should be: keys without a region, peers that are missing, lag, or have other data.
 */
export function copiesOf(world: TikvWorld): string[] {
  const complaints: string[] = [];
  let end = '';
  for (const { region } of world.pd.regions.all()) {
    if (region.startKey !== end) complaints.push(`a gap before ${shownRegion(region)}`);
    end = region.endKey;
    complaints.push(...copiesOfRegion(world, region));
  }
  if (end !== '') complaints.push('a gap at the end');
  return complaints;
}

function copiesOfRegion(world: TikvWorld, region: RegionInfo): string[] {
  const complaints: string[] = [];
  let first: readonly string[] | undefined;
  for (const { id, store } of region.peers) {
    const peer = world.store(store)?.raft.peers.get(region.id);
    if (peer === undefined || peer.id !== id) {
      complaints.push(`${shownRegion(region)}: no peer ${id} on tikv-${store}`);
      continue;
    }
    const copy = [`applied ${peer.storage.applied}`, ...contents(peer.store.engine, region)];
    first ??= copy;
    const differs = copy.length !== first.length || copy.some((word, i) => word !== first?.[i]);
    if (differs) complaints.push(`tikv-${store}: other data: ${firstDifference(copy, first)}`);
    if (differs || shownRegion(peer.region) !== shownRegion(region)) {
      complaints.push(`tikv-${store}: ${shownPeer(peer)}, should be ${shownRegion(region)}`);
    }
  }
  return complaints;
}

function firstDifference(some: readonly string[], others: readonly string[]): string {
  const at = some.findIndex((word, i) => word !== others[i]);
  const place = at < 0 ? some.length : at;
  return `${some[place]} instead of ${others[place]}`;
}

/** Every record and lock of a region. */
function contents(engine: Engine, region: RegionInfo): string[] {
  const words: string[] = [];
  for (const tree of engine.allTrees()) {
    tree.eachLeaf(...boundsIn(tree, region), (leaf, from, to) => {
      for (let at = from; at < to; at++) {
        const value = leaf.valuesAt(at).join(',');
        words.push(`${leaf.keyAt(at)}@${leaf.commitTs(at)}.${leaf.type(at)}=${value}`);
      }
    });
  }
  for (const lock of engine.locks.inRange(region.startKey, region.endKey)) {
    words.push(`lock ${lock.key.encoded} ${lock.startTs}`);
  }
  return words;
}
