import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GroupIndex } from './group-index.ts';
import { halvesOf } from './int64-halves.ts';

it('numbers 64-bit groups by first appearance and spells them back', () => {
  const groups = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 60 });
  fc.assert(
    fc.property(groups, fc.bigInt({ min: 0n, max: 9n }), (values, absent) => {
      const texts = [...values, ...values.slice(0, 5)].map(String);
      const index = new GroupIndex(texts.length);
      const distinct = [...new Set(texts)];
      for (const text of texts) {
        const { high, low } = halvesOf(text);
        expect(index.numberOf(high, low)).toBe(distinct.indexOf(text));
      }
      expect(distinct.map((_, number) => index.text(number))).toEqual(distinct);
      const { high, low } = halvesOf(String(absent));
      expect(index.find(high, low)).toBe(distinct.indexOf(String(absent)));
    }),
    { seed: 1, numRuns: 200 },
  );
});
