import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from './byte-writer.ts';
import { type FramingError, PacketReader, type Received } from './packet-reader.ts';
import { FULL_PACKET, HEADER_LENGTH, PacketWriter } from './packet-writer.ts';

const LIMIT = 64 * 1024 * 1024;

function framed(payloads: readonly Uint8Array[], sequence = 0): Uint8Array {
  const packets = new PacketWriter(new ByteWriter());
  packets.sequence = sequence;
  for (const payload of payloads) {
    packets.begin();
    packets.bytes.raw(payload);
    packets.end();
  }
  return packets.bytes.take();
}

function all(reader: PacketReader): (Received | FramingError)[] {
  const found: (Received | FramingError)[] = [];
  for (;;) {
    const next = reader.next();
    if (next === undefined) return found;
    found.push(next);
    if (typeof next === 'string') return found;
  }
}

describe('packets', () => {
  test('payloads come out as they went in, however the bytes are cut', () => {
    const payload = fc.uint8Array({ maxLength: 600 });
    const cuts = fc.array(fc.nat(200), { maxLength: 40 });
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 12 }), cuts, (payloads, sizes) => {
        const bytes = framed(payloads);
        const reader = new PacketReader(LIMIT);
        const found: (Received | FramingError)[] = [];
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          reader.feed(bytes.subarray(at, at + size));
          at = Math.min(bytes.length, at + size);
          found.push(...all(reader));
        }
        expect(found.map((one) => (typeof one === 'string' ? one : one.payload))).toEqual(payloads);
        const sequences = found.map((one) => (typeof one === 'string' ? -1 : one.firstSequence));
        expect(sequences).toEqual(payloads.map((_, i) => i & 0xff));
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  test.each([
    ['one byte short of full', FULL_PACKET - 1, 1],
    ['exactly full: an empty packet follows', FULL_PACKET, 2],
    ['one byte more', FULL_PACKET + 1, 2],
    ['two and a bit', 2 * FULL_PACKET + 5, 3],
  ])('a payload that is %s takes so many packets and survives', (_, length, packets) => {
    const payload = new Uint8Array(length);
    for (let at = 0; at < length; at += 65_521) payload[at] = at % 251;
    payload[length - 1] = 77;
    const bytes = framed([payload], 3);
    expect(bytes.length).toBe(length + packets * HEADER_LENGTH);
    const reader = new PacketReader(LIMIT);
    reader.feed(bytes);
    const [received] = all(reader);
    if (typeof received !== 'object') throw new Error(String(received));
    expect(received.nextSequence).toBe(3 + packets);
    expect(received.payload.length).toBe(length);
    expect(Buffer.compare(received.payload, payload)).toBe(0);
  });

  test('a payload beyond the limit is refused before it has come', () => {
    const reader = new PacketReader(1000);
    reader.feed(new Uint8Array([0xe9, 0x03, 0, 0]));
    expect(reader.next()).toBe('too large');
  });

  test('packets of one payload must be numbered in order', () => {
    const bytes = framed([new Uint8Array(FULL_PACKET + 1)]);
    bytes[FULL_PACKET + HEADER_LENGTH + 3] = 9;
    const reader = new PacketReader(LIMIT);
    reader.feed(bytes);
    expect(reader.next()).toBe('out of order');
  });
});
