const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A packet that ends before what it says it holds, or says what cannot be. */
export class MalformedPacket extends Error {
  constructor() {
    super('Malformed communication packet.');
    this.name = 'MalformedPacket';
  }
}

/**
 * Reads a packet's payload from front to end. Every method throws `MalformedPacket` past the end.
 */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  skip(count: number): void {
    this.advance(count);
  }

  u8(): number {
    return this.view.getUint8(this.advance(1));
  }

  i8(): number {
    return this.view.getInt8(this.advance(1));
  }

  u16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  i16(): number {
    return this.view.getInt16(this.advance(2), true);
  }

  u24(): number {
    return this.u16() | (this.u8() << 16);
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  i32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  u64(): bigint {
    return this.view.getBigUint64(this.advance(8), true);
  }

  i64(): bigint {
    return this.view.getBigInt64(this.advance(8), true);
  }

  f32(): number {
    return this.view.getFloat32(this.advance(4), true);
  }

  f64(): number {
    return this.view.getFloat64(this.advance(8), true);
  }

  /** A view of the next bytes, not a copy. */
  raw(count: number): Uint8Array {
    const from = this.advance(count);
    return this.bytes.subarray(from, from + count);
  }

  /** UTF-8 up to a zero byte, or up to the end where that byte is missing. */
  zeroEnded(): string {
    const zero = this.bytes.indexOf(0, this.at);
    if (zero < 0) return this.rest();
    const text = UTF8.decode(this.raw(zero - this.at));
    this.at++;
    return text;
  }

  /** UTF-8 up to the end. */
  rest(): string {
    return UTF8.decode(this.raw(this.left));
  }

  /** A length-encoded integer. */
  lenenc(): number {
    const first = this.u8();
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.u16();
    if (first === 0xfd) return this.u24();
    if (first !== 0xfe) throw new MalformedPacket();
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedPacket();
    return Number(value);
  }

  /** Bytes led by their number. */
  lenencBytes(): Uint8Array {
    return this.raw(this.lenenc());
  }

  /** UTF-8 led by its number of bytes. */
  lenencText(): string {
    return UTF8.decode(this.lenencBytes());
  }

  private advance(count: number): number {
    const from = this.at;
    if (count > this.bytes.length - from) throw new MalformedPacket();
    this.at += count;
    return from;
  }
}

/** Bytes as a string of one character each: what a binary string is in a column. */
export function binaryText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += BINARY_SLICE) {
    text += String.fromCharCode(...bytes.subarray(at, at + BINARY_SLICE));
  }
  return text;
}

/** So many arguments a call takes on every engine. */
const BINARY_SLICE = 8192;
