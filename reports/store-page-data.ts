import type { StoreIndex } from '../runner/store-index.ts';

/** What the browser gets of a store. */
export interface StorePageData extends StoreIndex {
  /** Older runs that are not on the page. */
  readonly runsOmitted: number;
}
