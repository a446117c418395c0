import fc from 'fast-check';
import { CHAOS_KINDS, type ChaosSetting, type ChaosStep } from './raft-chaos.ts';

const STEPS = 400;

/** What a random run begins with. */
export const chaosSetting: fc.Arbitrary<ChaosSetting> = fc.record({
  seed: fc.nat(1_000_000),
  voters: fc.constantFrom(3, 3, 5),
  slowDisks: fc.oneof(fc.constant(0), fc.nat(31)),
  preVote: fc.boolean(),
  checkQuorum: fc.boolean(),
  broadcastCommit: fc.boolean(),
});

/** A random schedule. */
export const chaosSteps: fc.Arbitrary<ChaosStep[]> = fc.array(
  fc.tuple(fc.nat(CHAOS_KINDS - 1), fc.nat(4), fc.nat(999)),
  { minLength: STEPS / 2, maxLength: STEPS, size: 'max' },
);
