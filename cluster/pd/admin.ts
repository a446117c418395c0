import {
  decree,
  mergeOperators,
  movePeerOperator,
  splitRegionOperator,
  transferLeaderOperator,
} from './create-operator.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import type { Operator } from './operator.ts';
import type { Refusal } from './operator-builder.ts';
import type { ScheduleContext } from './schedule-context.ts';

/** What an administrator can have done with regions (`pd-ctl operator add …`). Stores by node. */
export type AdminRequest =
  | { readonly kind: 'transfer-leader'; readonly region: number; readonly store: number }
  | {
      readonly kind: 'move-peer';
      readonly region: number;
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: 'merge-region'; readonly region: number; readonly target: number }
  | { readonly kind: 'split-region'; readonly region: number };

/** The operators of a decree, or why there are none. Source: PD `server/handler.go`. */
export function adminOperators(
  context: ScheduleContext,
  request: AdminRequest,
): readonly Operator[] | Refusal {
  const region = context.cluster.region(request.region);
  if (region === undefined) return `no region ${request.region}`;
  const found = operatorsFor(context, request, region);
  if (typeof found === 'string') return found;
  return 'status' in found ? [found] : found;
}

function operatorsFor(
  context: ScheduleContext,
  request: AdminRequest,
  region: RegionHeartbeat,
): Operator | readonly Operator[] | Refusal {
  const purpose = decree(`admin-${request.kind}`);
  switch (request.kind) {
    case 'transfer-leader':
      return transferLeaderOperator(context, purpose, region, request.store);
    case 'move-peer':
      return movePeerOperator(context, purpose, region, request.from, request.to);
    case 'split-region':
      return splitRegionOperator(context, purpose, region);
    case 'merge-region': {
      const target = context.cluster.region(request.target);
      if (target === undefined) return `no region ${request.target}`;
      if (!context.cluster.neighbours(region).includes(target)) return 'they are no neighbours';
      return mergeOperators(context, purpose, region, target);
    }
  }
}
