/** 64-bit integers as two halves of 32 bits, so that columns of them can be typed arrays. */
export interface Int64Halves {
  readonly high: number;
  readonly low: number;
}

/** The halves of a decimal string. Throws a SyntaxError if it is none. */
export function halvesOf(text: string): Int64Halves {
  const value = BigInt(text);
  return {
    high: Number(BigInt.asIntN(32, value >> 32n)),
    low: Number(BigInt.asIntN(32, value)),
  };
}

/** The decimal string of two halves. */
export function textOfHalves(high: number, low: number): string {
  return String((BigInt(high) << 32n) | BigInt.asUintN(32, BigInt(low)));
}
