import type { Compiled } from './context.ts';
import { frameAggregate } from './window-aggregate.ts';
import type { WindowFunction } from './window-function.ts';
import type { WindowPartition } from './window-partition.ts';
import {
  CumulativeState,
  PercentRankState,
  RankState,
  RowNumberState,
  TileState,
} from './window-rank.ts';
import type { WindowState } from './window-state.ts';
import { FrameValueState, NeighbourState } from './window-value.ts';

/** A function about to go over a partition. Throws 1210 for arguments that make no sense. */
export function newWindowState(fn: WindowFunction, partition: WindowPartition): WindowState {
  const { name, args } = fn;
  switch (name) {
    case 'ROW_NUMBER':
      return new RowNumberState();
    case 'RANK':
    case 'DENSE_RANK':
      return new RankState(partition, name === 'DENSE_RANK');
    case 'PERCENT_RANK':
      return new PercentRankState(partition);
    case 'CUME_DIST':
      return new CumulativeState(partition);
    case 'NTILE':
      return new TileState(partition, args[0] as Compiled);
    case 'LAG':
    case 'LEAD':
      return new NeighbourState(partition, fn);
    case 'FIRST_VALUE':
    case 'LAST_VALUE':
    case 'NTH_VALUE':
      return new FrameValueState(partition, fn);
    default:
      return frameAggregate(name, args, partition);
  }
}
