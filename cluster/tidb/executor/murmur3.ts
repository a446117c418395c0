const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

function mixBlock(block: number): number {
  const rotated = Math.imul(block, C1);
  return Math.imul((rotated << 15) | (rotated >>> 17), C2);
}

/**
 * The 32-bit murmur3 of the first `length` bytes, seed 0, as an unsigned integer. TiDB spreads
 * groups over workers and spill partitions by it. Source: Austin Appleby's MurmurHash3_x86_32.
 */
export function murmur3(bytes: Uint8Array, length: number): number {
  const tail = length & ~3;
  let hash = 0;
  for (let at = 0; at < tail; at += 4) {
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    const high = ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    hash ^= mixBlock(low | high);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  let rest = 0;
  for (let at = length - 1; at >= tail; at--) rest = (rest << 8) | (bytes[at] as number);
  if (length > tail) hash ^= mixBlock(rest);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
