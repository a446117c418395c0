import type { RaftCommand } from './command.ts';
import type { RegionEpoch, RegionInfo } from './request.ts';

/** Which parts of the epoch a command depends on. */
const DEPENDS: Readonly<Record<RaftCommand['kind'], { version: boolean; confVer: boolean }>> = {
  write: { version: true, confVer: false },
  gc: { version: true, confVer: false },
  'ingest-sst': { version: true, confVer: false },
  'batch-split': { version: true, confVer: true },
  'change-peer': { version: false, confVer: true },
  'prepare-merge': { version: true, confVer: true },
  'commit-merge': { version: true, confVer: true },
  'rollback-merge': { version: true, confVer: true },
  'compact-log': { version: false, confVer: false },
};

/**
 * Whether a command means the region as it is. Asked when it is proposed and again when it is
 * applied: in between, the region may have been split, merged or moved. Source: TiKV
 * `raftstore::store::util::compare_region_epoch`.
 */
export function commandFits({ kind, epoch }: RaftCommand, region: RegionInfo): boolean {
  const { version, confVer } = DEPENDS[kind];
  if (version && epoch.version !== region.epoch.version) return false;
  return !confVer || epoch.confVer === region.epoch.confVer;
}

/** Whether `a` is older than `b` in any part: what it says is out of date. */
export function isOlder(a: RegionEpoch, b: RegionEpoch): boolean {
  return a.version < b.version || a.confVer < b.confVer;
}

/** Whether two key ranges have keys in common. */
export function overlaps(a: RegionInfo, b: RegionInfo): boolean {
  return (a.endKey === '' || a.endKey > b.startKey) && (b.endKey === '' || b.endKey > a.startKey);
}
