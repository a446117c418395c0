import type { ByteWriter } from './byte-writer.ts';

/** Length of a packet's header: three bytes of length, one of sequence id. */
export const HEADER_LENGTH = 4;
/** A packet of this length says: the payload goes on in the next. */
export const FULL_PACKET = 0xff_ffff;

/** Puts payloads into packets: numbers them, and splits what is longer than a packet can be. */
export class PacketWriter {
  /** Id of the next packet; wraps at 256. Each command of the client begins again at its own. */
  sequence = 0;
  readonly bytes: ByteWriter;
  private start = 0;

  constructor(bytes: ByteWriter) {
    this.bytes = bytes;
  }

  /** Begins a payload, which is then written to `bytes`. */
  begin(): void {
    this.start = this.bytes.skip(HEADER_LENGTH);
  }

  /** Ends the payload. */
  end(): void {
    const length = this.bytes.length - this.start - HEADER_LENGTH;
    if (length >= FULL_PACKET) this.split(length);
    else this.header(this.start, length);
  }

  /**
   * Makes room for a header after every full packet, from the last to the first. A payload that
   * fills its packets exactly is followed by an empty one.
   */
  private split(length: number): void {
    const { bytes, start } = this;
    const full = Math.floor(length / FULL_PACKET);
    bytes.skip(full * HEADER_LENGTH);
    for (let i = full; i >= 1; i--) {
      const from = start + HEADER_LENGTH + i * FULL_PACKET;
      const until = start + HEADER_LENGTH + Math.min(length, (i + 1) * FULL_PACKET);
      bytes.move(from, until, from + i * HEADER_LENGTH);
    }
    for (let i = 0; i <= full; i++) {
      const size = i < full ? FULL_PACKET : length - full * FULL_PACKET;
      this.header(start + i * (FULL_PACKET + HEADER_LENGTH), size);
    }
  }

  private header(at: number, length: number): void {
    this.bytes.patchU24(at, length);
    this.bytes.patchU8(at + 3, this.sequence);
    this.sequence = (this.sequence + 1) & 0xff;
  }
}
