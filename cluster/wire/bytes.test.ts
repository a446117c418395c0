import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, binaryText, MalformedPacket } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readDatetime, readTime, writeDatetime, writeTime } from './temporal.ts';

function written(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter();
  write(out);
  return out.take();
}

describe('length-encoded values', () => {
  test.each([
    [0, [0]],
    [250, [250]],
    [251, [0xfc, 251, 0]],
    [65_535, [0xfc, 0xff, 0xff]],
    [65_536, [0xfd, 0, 0, 1]],
    [16_777_215, [0xfd, 0xff, 0xff, 0xff]],
    [16_777_216, [0xfe, 0, 0, 0, 1, 0, 0, 0, 0]],
  ])('%i is %j', (value, bytes) => {
    expect([...written((out) => out.lenenc(value))]).toEqual(bytes);
    expect(new ByteReader(new Uint8Array(bytes)).lenenc()).toBe(value);
  });

  test('any text comes back, beside what is written after it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 })), (texts) => {
        const bytes = written((out) => {
          for (const text of texts) out.lenencText(text);
        });
        const reader = new ByteReader(bytes);
        expect(texts.map(() => reader.lenencText())).toEqual(texts);
        expect(reader.left).toBe(0);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test('a string of bytes takes one byte a character, and refuses other characters', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const text = binaryText(bytes);
    const out = written((writer) => expect(writer.lenencBinary(text)).toBe(true));
    expect(new ByteReader(out).lenencBytes()).toEqual(bytes);
    expect(written((writer) => expect(writer.lenencBinary('€')).toBe(false))).toHaveLength(0);
  });

  test('nothing is read past the end', () => {
    const short = () => new ByteReader(new Uint8Array([5, 1, 2]));
    expect(() => short().lenencText()).toThrow(MalformedPacket);
    expect(() => short().u32()).toThrow(MalformedPacket);
    expect(() => new ByteReader(new Uint8Array([0xfb])).lenenc()).toThrow(MalformedPacket);
  });
});

describe('dates and times', () => {
  test.each([
    ['2024-02-29', 4],
    ['0000-00-00', 0],
    ['2024-02-29 00:00:00', 4],
    ['2024-02-29 23:59:58', 7],
    ['2024-02-29 23:59:58.000120', 11],
  ])('%s takes %i bytes and a length', (text, length) => {
    const bytes = written((out) => writeDatetime(out, text));
    expect(bytes).toHaveLength(length + 1);
    const back = readDatetime(new ByteReader(bytes), !text.includes(':'));
    expect(back).toBe(text);
  });

  test.each([
    ['00:00:00', 0],
    ['12:34:56', 8],
    ['-838:59:59', 8],
    ['25:00:00.500000', 12],
  ])('the time %s takes %i bytes and a length', (text, length) => {
    const bytes = written((out) => writeTime(out, text));
    expect(bytes).toHaveLength(length + 1);
    expect(readTime(new ByteReader(bytes))).toBe(text);
  });

  test('a length that no date has is malformed', () => {
    expect(() => readDatetime(new ByteReader(new Uint8Array([5, 1, 1, 1, 1, 1])), false)).toThrow(
      MalformedPacket,
    );
  });
});
