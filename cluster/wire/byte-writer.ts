const UTF8 = new TextEncoder();
const FIRST_CAPACITY = 1024;
/** A UTF-16 unit takes at most so many bytes of UTF-8. */
const BYTES_PER_UNIT = 3;
/** What stands for NULL where a length is expected, in rows of text. */
const LENENC_NULL = 0xfb;

/**
 * Bytes in the making, in the protocol's spelling: little-endian integers, length-encoded integers
 * (1, 3, 4 or 9 bytes) and strings led by one. Grows as needed.
 */
export class ByteWriter {
  private bytes = new Uint8Array(FIRST_CAPACITY);
  private view = new DataView(this.bytes.buffer);
  private end = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.end;
  }

  /** Leaves room, filled with zeros; gives where it begins. */
  skip(count: number): number {
    this.reserve(count);
    const at = this.end;
    this.bytes.fill(0, at, at + count);
    this.end += count;
    return at;
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.end++] = value;
  }

  u16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.end, value, true);
    this.end += 2;
  }

  u24(value: number): void {
    this.u16(value & 0xffff);
    this.u8(value >>> 16);
  }

  u32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.end, value, true);
    this.end += 4;
  }

  /** A 64-bit integer of either sign. */
  u64(value: number | bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.end, BigInt.asIntN(64, BigInt(value)), true);
    this.end += 8;
  }

  f32(value: number): void {
    this.reserve(4);
    this.view.setFloat32(this.end, value, true);
    this.end += 4;
  }

  f64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.end, value, true);
    this.end += 8;
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** UTF-8 without a length: to the packet's end. */
  text(text: string): void {
    this.reserve(text.length * BYTES_PER_UNIT);
    this.end += this.encode(text, this.end);
  }

  /** UTF-8 ended by a zero byte. */
  zeroEnded(text: string): void {
    this.text(text);
    this.u8(0);
  }

  /** A length-encoded integer. */
  lenenc(value: number | bigint): void {
    if (value < LENENC_NULL) this.u8(Number(value));
    else if (value <= 0xffff) {
      this.u8(0xfc);
      this.u16(Number(value));
    } else if (value <= 0xff_ffff) {
      this.u8(0xfd);
      this.u24(Number(value));
    } else {
      this.u8(0xfe);
      this.u64(value);
    }
  }

  /** Bytes led by their number. */
  lenencBytes(bytes: Uint8Array): void {
    this.lenenc(bytes.length);
    this.raw(bytes);
  }

  /** UTF-8 led by its number of bytes. */
  lenencText(text: string): void {
    const most = text.length * BYTES_PER_UNIT;
    if (most >= LENENC_NULL) {
      this.lenencBytes(UTF8.encode(text));
      return;
    }
    // The length fits one byte, so the text can be encoded in its place.
    this.reserve(most + 1);
    const written = this.encode(text, this.end + 1);
    this.bytes[this.end] = written;
    this.end += written + 1;
  }

  /** One byte per character: a binary string. Gives false, writing nothing, for any other. */
  lenencBinary(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
    this.lenenc(text.length);
    this.reserve(text.length);
    for (let i = 0; i < text.length; i++) this.bytes[this.end++] = text.charCodeAt(i);
    return true;
  }

  /** NULL in a row of text. */
  lenencNull(): void {
    this.u8(LENENC_NULL);
  }

  /** Writes three bytes where room was left. */
  patchU24(at: number, value: number): void {
    this.view.setUint16(at, value & 0xffff, true);
    this.bytes[at + 2] = value >>> 16;
  }

  /** Writes one byte where room was left. */
  patchU8(at: number, value: number): void {
    this.bytes[at] = value;
  }

  /** Sets bits of a byte written before. */
  setBits(at: number, bits: number): void {
    this.bytes[at] = (this.bytes[at] as number) | bits;
  }

  /** Moves `[from, until)` so that it begins at `to`. */
  move(from: number, until: number, to: number): void {
    this.bytes.copyWithin(to, from, until);
  }

  /** All bytes written; the writer begins anew. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.end);
    this.end = 0;
    return taken;
  }

  private encode(text: string, at: number): number {
    // Short texts are mostly ASCII: a loop beats the call out of the engine.
    if (text.length <= 32) {
      let i = 0;
      for (; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code > 0x7f) break;
        this.bytes[at + i] = code;
      }
      if (i === text.length) return i;
    }
    return UTF8.encodeInto(text, this.bytes.subarray(at)).written;
  }

  private reserve(count: number): void {
    const needed = this.end + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.end));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
