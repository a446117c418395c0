import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderStoreHtml } from '../reports/store-html.ts';
import { readStore } from './read-store.ts';
import { StoreError } from './store-error.ts';

/** The page over all runs and soaks of a store. */
export const INDEX = 'index.html';

/**
 * Writes the index page of a store, with a soak that may lie outside of it. A rendering that fails
 * is told, not thrown: it can be made again from what lies in the folders. A full disk is thrown.
 */
export function writeIndex(out: string, soak: string, tell: (text: string) => void): void {
  const path = join(out, INDEX);
  let text: string;
  try {
    text = renderStoreHtml(readStore(out, [soak]));
  } catch (error) {
    tell(`${path} was not rendered: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  StoreError.guard(path, () => {
    mkdirSync(out, { recursive: true });
    writeFileSync(path, text);
  });
}
