import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type AuthPlugin, type Digests, isSameProof, scramble } from './auth.ts';

const DIGESTS: Digests = { sha1: digest('sha1'), sha256: digest('sha256') };
const NONCE = new TextEncoder().encode('abcdefghijklmnopqrst');

function digest(algorithm: string): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => new Uint8Array(createHash(algorithm).update(bytes).digest());
}

function proof(plugin: AuthPlugin, password: string): Uint8Array {
  return scramble(plugin, password, NONCE, DIGESTS);
}

describe('proofs', () => {
  test.each([
    ['mysql_native_password', 20],
    ['caching_sha2_password', 32],
  ] as const)('%s proves a password in %i bytes, and no other password', (plugin, length) => {
    const right = proof(plugin, 'secret');
    expect(right).toHaveLength(length);
    expect(isSameProof(right, proof(plugin, 'secret'))).toBe(true);
    expect(isSameProof(right, proof(plugin, 'Secret'))).toBe(false);
    expect(isSameProof(right, right.subarray(1))).toBe(false);
    expect(isSameProof(right, new Uint8Array(0))).toBe(false);
  });

  test('an empty password is proved by nothing, or by one zero byte, and by nothing else', () => {
    const empty = proof('caching_sha2_password', '');
    expect(empty).toHaveLength(0);
    expect(isSameProof(empty, new Uint8Array(0))).toBe(true);
    expect(isSameProof(empty, new Uint8Array(1))).toBe(true);
    expect(isSameProof(empty, proof('caching_sha2_password', 'x'))).toBe(false);
  });

  test('the hash of a hash undoes a native proof, as a server that stores only that would', () => {
    const once = DIGESTS.sha1(new TextEncoder().encode('secret'));
    const stored = DIGESTS.sha1(once);
    const mask = DIGESTS.sha1(new Uint8Array([...NONCE, ...stored]));
    const unmasked = proof('mysql_native_password', 'secret').map((b, i) => b ^ (mask[i] ?? 0));
    expect(DIGESTS.sha1(unmasked)).toEqual(stored);
  });
});
