import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

/** Where `npm run build` puts the page that every report is made of. */
export function templatePath(): string {
  return join(packageRoot(), 'dist', 'reports', 'page.html');
}

/** The page, built; throws with the remedy if it is not there. */
export function readTemplate(): string {
  const path = templatePath();
  if (!existsSync(path)) throw new Error(`report page not built: ${path} (run: npm run build)`);
  return readFileSync(path, 'utf8');
}

/** The template with one mark replaced by text, taken literally (`$` and all). */
export function fill(template: string, mark: string, text: string): string {
  return template.split(mark).join(text);
}
