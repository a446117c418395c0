/**
 * A browser for tests: the core must run in one with the same trace, and a report must be readable
 * in one. Playwright drives the system's Chromium; it downloads none of its own.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { installPackage } from './system-package.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'Google Chrome'];
const FOLDERS = [
  ...['/usr/bin', '/usr/lib/chromium', '/snap/bin'],
  '/Applications/Google Chrome.app/Contents/MacOS',
];

/**
 * Tests run as root in containers, where the sandbox cannot be set up; no GPU is there; and the
 * browser shall ask nothing of the network on its own account.
 */
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/**
 * Path of the first Chromium, or browser made of it, in these folders (PATH first, if not given).
 */
export function findChromium(folders: readonly string[] = searchFolders()): string | undefined {
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path));
}

/**
 * Runs `use` with a page of a fresh browser with an empty profile, and closes the browser whatever
 * happens. `options` are the page's, such as `viewport` and `colorScheme`.
 */
export async function withPage<T>(
  use: (page: Page) => Promise<T>,
  options: BrowserContextOptions = {},
): Promise<T> {
  const executablePath = findChromium() ?? install();
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const context = await browser.newContext(options);
    return await use(await context.newPage());
  } finally {
    await browser.close();
  }
}

function searchFolders(): string[] {
  const { PATH = '' } = process.env;
  return [...PATH.split(':'), ...FOLDERS].filter((folder) => folder !== '');
}

function install(): string {
  installPackage('chromium');
  const path = findChromium();
  if (path === undefined)
    throw new Error('the package chromium is installed but has no `chromium`');
  return path;
}
