/**
 * Typed columns that grow: what hours of history are kept in. A million postings as objects would
 * take hundreds of megabytes; here they take tens.
 */
abstract class Growing<A extends Int32Array | Float64Array | Uint8Array> {
  /** The values; only the first `length` are in use. */
  values: A;
  length = 0;

  protected constructor(values: A) {
    this.values = values;
  }

  /** Appends a value. */
  push(value: number): void {
    if (this.length === this.values.length) {
      const next = this.allocate(this.length * 2);
      next.set(this.values);
      this.values = next;
    }
    this.values[this.length++] = value as never;
  }

  /** The value at `index`, which must be in use. */
  at(index: number): number {
    return this.values[index] as number;
  }

  /** Forgets all values. */
  clear(): void {
    this.length = 0;
  }

  protected abstract allocate(length: number): A;
}

const FIRST_CAPACITY = 256;

/** Integers of 32 bits. */
export class GrowingInt32 extends Growing<Int32Array> {
  constructor() {
    super(new Int32Array(FIRST_CAPACITY));
  }

  protected override allocate(length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(length);
  }
}

/** Integers up to 2^53, and NaN. */
export class GrowingFloat64 extends Growing<Float64Array> {
  constructor() {
    super(new Float64Array(FIRST_CAPACITY));
  }

  protected override allocate(length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(length);
  }
}

/** Integers of 8 bits. */
export class GrowingUint8 extends Growing<Uint8Array> {
  constructor() {
    super(new Uint8Array(FIRST_CAPACITY));
  }

  protected override allocate(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(length);
  }
}
