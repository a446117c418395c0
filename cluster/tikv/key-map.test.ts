import { array, assert, constantFrom, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { keySpace, makeKey } from '../key.ts';
import { KeyMap } from './key-map.ts';

const SPACE = keySpace({
  tableId: 1,
  indexId: 0,
  name: 't',
  keyKinds: ['int'],
  valueKinds: [],
});

test('it answers as a Map does, in the same order', () => {
  const step = tuple(constantFrom('set', 'set', 'delete', 'get'), integer({ min: 0, max: 40 }));
  assert(
    property(array(step, { maxLength: 200 }), (steps) => {
      const model = new Map<number, number>();
      const map = new KeyMap<number>();
      steps.forEach(([what, id], i) => {
        const key = makeKey(SPACE, [id]);
        const before = model.get(id);
        if (what === 'set') {
          model.set(id, i);
          expect(map.set(key, i)).toBe(before);
        } else if (what === 'delete') {
          model.delete(id);
          expect(map.delete(key)).toBe(before);
        } else expect(map.get(key)).toBe(before);
      });
      expect(map.size).toBe(model.size);
      expect([...map.values()]).toEqual([...model.values()]);
    }),
  );
});
