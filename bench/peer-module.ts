import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Where the packages of the peers are: built code lies one folder deeper than the source. */
const MANIFEST = new URL('../../bench/peers/package.json', import.meta.url);

/**
 * Imports a package that only the benchmark needs; undefined if it has not been installed, which
 * the project's own installation does not do.
 */
export async function importPeer(name: string): Promise<unknown> {
  let path: string;
  try {
    path = createRequire(fileURLToPath(MANIFEST)).resolve(name);
  } catch {
    return undefined;
  }
  return import(pathToFileURL(path).href);
}
