import { FULL_PACKET, HEADER_LENGTH } from './packet-writer.ts';

/** What a client sent at once: one payload, out of as many packets as it took. */
export interface Received {
  readonly payload: Uint8Array;
  /** Sequence id of its first packet: 0 for a command. */
  readonly firstSequence: number;
  /** Sequence id that an answer begins with. */
  readonly nextSequence: number;
}

/** Why the bytes cannot be read any further. */
export type FramingError = 'too large' | 'out of order';

const EMPTY = new Uint8Array(0);

/** Bytes as they come → payloads. Packets may arrive in any pieces. */
export class PacketReader {
  private readonly limit: number;
  private pending = EMPTY;
  private from = 0;
  private until = 0;
  private parts: Uint8Array[] = [];
  private partsLength = 0;
  private firstSequence = 0;
  private nextSequence = 0;

  /** @param limit longest payload taken, in bytes (`max_allowed_packet`) */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Adds what has arrived; it is copied. */
  feed(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.pending.set(bytes, this.until);
    this.until += bytes.length;
  }

  /** The next payload; undefined while it is not complete. */
  next(): Received | FramingError | undefined {
    for (;;) {
      const length = this.packetLength();
      if (length === undefined) return undefined;
      if (this.partsLength + length > this.limit) return 'too large';
      if (this.until - this.from < HEADER_LENGTH + length) return undefined;
      const sequence = this.pending[this.from + 3] as number;
      const first = this.parts.length === 0;
      if (first) this.firstSequence = sequence;
      else if (sequence !== this.nextSequence) return 'out of order';
      this.nextSequence = (sequence + 1) & 0xff;
      const start = this.from + HEADER_LENGTH;
      this.from = start + length;
      const part = this.pending.slice(start, this.from);
      if (length < FULL_PACKET && first) return this.received(part);
      this.parts.push(part);
      this.partsLength += length;
      if (length < FULL_PACKET) return this.received(this.joined());
    }
  }

  private packetLength(): number | undefined {
    const { pending, from } = this;
    if (this.until - from < HEADER_LENGTH) return undefined;
    const [low = 0, middle = 0, high = 0] = pending.subarray(from, from + 3);
    return low | (middle << 8) | (high << 16);
  }

  private received(payload: Uint8Array): Received {
    const { firstSequence, nextSequence } = this;
    return { payload, firstSequence, nextSequence };
  }

  private joined(): Uint8Array {
    const payload = new Uint8Array(this.partsLength);
    let at = 0;
    for (const part of this.parts) {
      payload.set(part, at);
      at += part.length;
    }
    this.parts = [];
    this.partsLength = 0;
    return payload;
  }

  /** Room for more bytes: what has been read makes it first. */
  private reserve(count: number): void {
    if (this.until + count <= this.pending.length) return;
    const kept = this.until - this.from;
    const needed = kept + count;
    const room =
      needed <= this.pending.length / 2 ? this.pending : new Uint8Array(Math.max(needed * 2, 1024));
    room.set(this.pending.subarray(this.from, this.until));
    this.pending = room;
    this.from = 0;
    this.until = kept;
  }
}
