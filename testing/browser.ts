import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Where systems keep Chromium or a browser made of it, in the order they are tried. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** No sandbox (tests run as root in containers), no GPU, no request of the browser's own. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
];

/**
 * Path of the system's Chromium. Where there is none but Debian's package manager is at hand and we
 * may use it, it is installed; otherwise throws with the remedy.
 */
export function findChromium(): string {
  const found = PLACES.find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (process.getuid?.() === 0) {
    spawnSync('apt-get', ['update', '-qq']);
    spawnSync('apt-get', ['install', '-y', '-qq', 'chromium']);
  }
  const installed = PLACES.find((path) => existsSync(path));
  if (installed === undefined) throw new Error('no Chromium: apt-get install -y chromium');
  return installed;
}

/** Runs `use` with a fresh page of a fresh browser, and closes both whatever happens. */
export async function withPage<T>(
  use: (page: Page) => Promise<T>,
  options: BrowserContextOptions = {},
): Promise<T> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: FLAGS });
  try {
    const context = await browser.newContext(options);
    return await use(await context.newPage());
  } finally {
    await browser.close();
  }
}
