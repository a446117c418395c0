import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Dictionary } from './dictionary.ts';

test('labels sort as the strings they stand for, however those arrive', () => {
  const law = fc.property(fc.array(fc.string({ maxLength: 4 }), { maxLength: 2000 }), (texts) => {
    const dictionary = new Dictionary();
    for (const text of texts) dictionary.order.label(dictionary.code(text));
    const byLabel = [...new Set(texts)].sort(
      (a, b) =>
        dictionary.order.label(dictionary.code(a)) - dictionary.order.label(dictionary.code(b)),
    );
    expect(byLabel).toEqual([...new Set(texts)].sort());
  });
  fc.assert(law, { seed: 5, numRuns: 60 });
});

test('strings that always fall between the same two force the labels to be spread anew', () => {
  const dictionary = new Dictionary();
  const label = (text: string): number => dictionary.order.label(dictionary.code(text));
  label('a');
  label('b');
  let text = 'a';
  for (let i = 0; i < 200; i++) {
    text += 'a';
    label(text);
  }
  let longer = `${text}a`;
  for (let i = 0; i < 200; i++) {
    label(longer);
    longer = `${text}${'a'.repeat(200 - i)}`;
  }
  expect(dictionary.order.version).toBeGreaterThan(0);
  const texts = [...dictionary.strings].sort();
  const labels = texts.map(label);
  expect([...labels].sort((x, y) => x - y)).toEqual(labels);
});
