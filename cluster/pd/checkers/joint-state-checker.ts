/**
 * Ends joint states that no operator is going to end: one was cancelled half-way, or the leader of
 * PD changed. In a joint state every decision needs two majorities, so a region should not stay in
 * it. A leader that is being demoted hands over first. Source: PD `checker/joint_state_checker.go`.
 */
import { leaveJointOperator } from '../create-operator.ts';
import type { RegionHeartbeat } from '../heartbeat.ts';
import { type Operator, OperatorKind, Priority } from '../operator.ts';
import { isInJointState } from '../region-view.ts';
import type { ScheduleContext } from '../schedule-context.ts';

const PURPOSE = {
  description: 'leave-joint-state',
  kind: OperatorKind.region,
  priority: Priority.high,
};

/** The operator that ends a region's joint state, if it is in one. */
export function checkJointState(
  context: ScheduleContext,
  region: RegionHeartbeat,
): Operator | undefined {
  if (!isInJointState(region)) return undefined;
  const operator = leaveJointOperator(context, PURPOSE, region);
  return typeof operator === 'string' ? undefined : operator;
}
