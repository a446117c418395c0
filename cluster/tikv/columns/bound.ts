import { Bound, type KeySpace, type StorageKind, type Stored } from '../../key.ts';

/** Reads an encoded range end back into a bound of `space`. Ends outside the space are clamped. */
export function decodeBound(space: KeySpace, encoded: string): Bound {
  if (encoded <= space.prefix) return new Bound(encoded, [], false);
  if (!encoded.startsWith(space.prefix)) {
    return new Bound(encoded, [], encoded > space.prefix);
  }
  const values: Stored[] = [];
  let at = space.prefix.length;
  while (at < encoded.length) {
    const mark = encoded.charCodeAt(at);
    if (mark === 0xffff) return new Bound(encoded, values, true);
    at++;
    if (mark === 1) {
      values.push(null);
      continue;
    }
    const kind = space.keyKinds[values.length] as StorageKind;
    if (kind === 'string') {
      const end = terminator(encoded, at);
      values.push(unescapeString(encoded.slice(at, end)));
      at = end + 2;
    } else {
      values.push(kind === 'int' ? decodeInt(encoded, at) : decodeReal(encoded, at));
      at += 4;
    }
  }
  return new Bound(encoded, values, false);
}

/** Order of stored values of one column: NULL first. */
export function compareStored(a: Stored, b: Stored): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Position of the two NULs that end a string; an escaped NUL is followed by 1. */
function terminator(encoded: string, from: number): number {
  let at = from;
  for (;;) {
    at = encoded.indexOf('\u0000', at);
    if (at < 0) throw new Error('unterminated string in a key');
    if (encoded.charCodeAt(at + 1) === 0) return at;
    at += 2;
  }
}

function unescapeString(text: string): string {
  return text.includes('\u0000') ? text.replaceAll('\u0000\u0001', '\u0000') : text;
}

function decodeInt(encoded: string, at: number): number | bigint {
  const high = ((encoded.charCodeAt(at) ^ 0x8000) << 16) | encoded.charCodeAt(at + 1) | 0;
  const low = encoded.charCodeAt(at + 2) * 65536 + encoded.charCodeAt(at + 3);
  if (high >= -2097152 && high < 2097152) {
    const value = high * 4294967296 + low;
    if (Number.isSafeInteger(value)) return value;
  }
  return (BigInt(high) << 32n) + BigInt(low);
}

const view = new DataView(new ArrayBuffer(8));

function decodeReal(encoded: string, at: number): number {
  const ordered = BigInt(decodeInt(encoded, at));
  const bits = ordered < 0n ? BigInt.asIntN(64, ~(ordered ^ (-1n << 63n))) : ordered;
  view.setBigInt64(0, bits);
  return view.getFloat64(0);
}
