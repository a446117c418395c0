import fc from 'fast-check';
import { expect, test } from 'vitest';
import { playTikvChaos, TIKV_KINDS, type TikvStep } from '../../testing/tikv-chaos.ts';

const STEPS = 80;

const steps: fc.Arbitrary<TikvStep[]> = fc.array(
  fc.tuple(fc.nat(TIKV_KINDS - 1), fc.nat(11), fc.nat(999)),
  { minLength: STEPS / 2, maxLength: STEPS, size: 'max' },
);
const seed = fc.nat(1_000_000);

const TITLE =
  'whatever fails, what was acknowledged is read, nothing refused is, and all works again';

test(TITLE, () => {
  const law = fc.property(seed, steps, (drawn, schedule) => {
    expect(playTikvChaos(drawn, schedule)).toEqual([]);
  });
  fc.assert(law, { seed: 1, numRuns: 40 });
});
