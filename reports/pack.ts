import { gzipSync } from 'node:zlib';

/**
 * Any JSON value as base64 of gzip: text that may stand inside a script element whatever strings it
 * holds, because its alphabet has neither `<` nor quotes. The page reads it by DecompressionStream.
 */
export function pack(value: unknown): string {
  return gzipSync(JSON.stringify(value), { level: 9 }).toString('base64');
}
