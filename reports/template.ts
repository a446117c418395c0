import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from './pack.ts';

/** Stands in the template where the packed data goes. */
export const DATA_MARK = '%WAVETANK_DATA%';
/** Stands in the template where the title goes (escaped text). */
export const TITLE_MARK = '%WAVETANK_TITLE%';
/** Stands in the template where the words for a reader without scripts go (escaped text). */
export const PLAIN_MARK = '%WAVETANK_PLAIN%';

/**
 * The folder of the package, whether this file runs from source or from `dist`: both have
 * package.json as their nearest one above.
 */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('no package.json above reports/: broken installation');
    folder = parent;
  }
  return folder;
}

/** The pages, by name: that of one run, of a store, and of the runs of a known issue. */
export const PAGES = {
  report: { entry: 'index.tsx', file: 'page.html' },
  store: { entry: 'store.tsx', file: 'store.html' },
  reproduction: { entry: 'reproduction.tsx', file: 'reproduction.html' },
} as const;

/** Name of a page. */
export type PageName = keyof typeof PAGES;

/** Where `npm run build` puts a page. */
export function templatePath(page: PageName): string {
  return join(packageRoot(), 'dist', 'reports', PAGES[page].file);
}

/** A page, built; throws with the remedy if it is not there. */
export function readTemplate(page: PageName): string {
  const path = templatePath(page);
  if (!existsSync(path)) throw new Error(`report page not built: ${path} (run: npm run build)`);
  return readFileSync(path, 'utf8');
}

/** What a page is filled with. */
export interface PageContent {
  readonly title: string;
  /** What a reader without scripts gets. */
  readonly plain: string;
  /** Any JSON value: what the page’s own script draws. */
  readonly data: unknown;
}

/** The template with its marks replaced. */
export function fillPage(template: string, { title, plain, data }: PageContent): string {
  const titled = fill(template, TITLE_MARK, escapeHtml(title));
  return fill(fill(titled, PLAIN_MARK, escapeHtml(plain)), DATA_MARK, pack(data));
}

/** One mark replaced by text, taken literally (`$` and all). */
function fill(template: string, mark: string, text: string): string {
  return template.split(mark).join(text);
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
