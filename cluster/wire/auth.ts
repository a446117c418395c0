/**
 * Passwords. The server sends a nonce; the client proves that it knows the password without sending
 * it, and each plugin has its own way:
 *
 * - `mysql_native_password`: SHA1(password) xor SHA1(nonce + SHA1(SHA1(password)))
 * - `caching_sha2_password`: SHA256(password) xor SHA256(SHA256(SHA256(password)) + nonce), which a
 *   server can check only while its cache holds SHA256(SHA256(password)). Without that the client
 *   has to send the password itself, over TLS or under the server's RSA key ("full
 *   authentication"). This server is given its account's password when it starts, so its cache is
 *   never cold: the fast path always decides, and neither TLS nor RSA is needed.
 *
 * Hash functions are handed in: the protocol itself touches no platform.
 */

/** The plugins, by MySQL's names. */
export const AUTH_PLUGINS = ['caching_sha2_password', 'mysql_native_password'] as const;

/** One of them. */
export type AuthPlugin = (typeof AUTH_PLUGINS)[number];

/** Length of a nonce in bytes. */
export const NONCE_LENGTH = 20;

/** A hash function. */
export type Digest = (bytes: Uint8Array) => Uint8Array;

/** The hash functions that the plugins need. */
export interface Digests {
  readonly sha1: Digest;
  readonly sha256: Digest;
}

/** The account there is. */
export interface Account {
  readonly user: string;
  /** Empty: none is asked for. */
  readonly password: string;
  /** What its password is checked by; a client that begins with another is told to switch. */
  readonly plugin: AuthPlugin;
}

/** What a client that knows the password answers to `nonce`; nothing for an empty password. */
export function scramble(
  plugin: AuthPlugin,
  password: string,
  nonce: Uint8Array,
  digests: Digests,
): Uint8Array {
  if (password === '') return new Uint8Array(0);
  const secret = new TextEncoder().encode(password);
  if (plugin === 'mysql_native_password') {
    const once = digests.sha1(secret);
    return xor(once, digests.sha1(concat(nonce, digests.sha1(once))));
  }
  const once = digests.sha256(secret);
  return xor(once, digests.sha256(concat(digests.sha256(once), nonce)));
}

/** Whether a client's answer is the expected one. An empty password may come as one zero byte. */
export function isSameProof(expected: Uint8Array, answer: Uint8Array): boolean {
  const blank = answer.length === 1 && answer[0] === 0;
  if (expected.length === 0) return answer.length === 0 || blank;
  if (expected.length !== answer.length) return false;
  let difference = 0;
  for (const [i, byte] of expected.entries()) difference |= byte ^ (answer[i] as number);
  return difference === 0;
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function xor(first: Uint8Array, second: Uint8Array): Uint8Array {
  return first.map((byte, i) => byte ^ (second[i] as number));
}
