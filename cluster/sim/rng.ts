/**
 * Keyed randomness. A stream belongs to (seed, label): a link, a worker, a nemesis each draw from
 * their own, so removing one shifts no draw of another. xoshiro128** (Blackman, Vigna 2018), seeded
 * through splitmix32; siblings are separated by hashing the label, never by consecutive seeds.
 */
export class Rng {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** The stream of `label` under `seed` (any text; the decimal spelling of a 64-bit number). */
  constructor(seed: string, label: string) {
    let state = hashText(`${seed}\u0000${label}`);
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) >>> 0;
    };
    this.a = next();
    this.b = next() ^ hashText(label);
    this.c = next() ^ hashText(seed);
    this.d = next() | 1;
    for (let i = 0; i < 8; i++) this.nextU32();
  }

  /** 32 random bits. */
  nextU32(): number {
    const scrambled = Math.imul(this.b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** A uniform integer in `[0, bound)`; `bound` up to 2^53. */
  nextInt(bound: number): number {
    if (bound <= 4294967296) return Math.floor((this.nextU32() * bound) / 4294967296);
    const wide = (this.nextU32() % 2097152) * 4294967296 + this.nextU32();
    return wide % bound;
  }

  /** A uniform 63-bit integer, as Go's `rand.Int63`. */
  nextInt63(): bigint {
    return (BigInt(this.nextU32() >>> 1) << 32n) | BigInt(this.nextU32());
  }

  /** True with probability `numerator / denominator`: exact, hence the same on every engine. */
  chance(numerator: number, denominator: number): boolean {
    return this.nextInt(denominator) < numerator;
  }

  /** An exponentially distributed integer with the given mean, from a fixed table of quantiles. */
  nextExponential(mean: number): number {
    return Math.round((EXPONENTIAL[this.nextU32() >>> 24] as number) * mean);
  }
}

/** FNV-1a over UTF-16 units, finished as murmur3 does. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * −ln(1−u) at the middles of 256 equal slices of [0,1), by series: Math.log may differ in its last
 * digit between engines, and a trace hash must not.
 */
const EXPONENTIAL = new Float64Array(256);
for (let i = 0; i < 256; i++) EXPONENTIAL[i] = negativeLog(1 - (i + 0.5) / 256);

function negativeLog(x: number): number {
  const y = (1 - x) / (1 + x);
  let sum = 0;
  let power = y;
  for (let n = 1; n < 4000; n += 2) {
    sum += power / n;
    power *= y * y;
  }
  return 2 * sum;
}
