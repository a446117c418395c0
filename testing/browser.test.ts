import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { findChromium, withPage } from './browser.ts';

describe('finding a browser', () => {
  test('the first folder that holds one wins, and none is found where none is', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wavetank-browser-'));
    try {
      expect(findChromium([folder])).toBeUndefined();
      const path = join(folder, 'chromium-browser');
      writeFileSync(path, '');
      chmodSync(path, 0o755);
      expect(findChromium(['/nowhere', folder])).toBe(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a page', () => {
  test('has the size and colours asked for, and runs scripts', async () => {
    const options = { viewport: { width: 320, height: 200 }, colorScheme: 'dark' } as const;
    const seen = await withPage(
      (page) =>
        page.evaluate(
          '[innerWidth, innerHeight, matchMedia("(prefers-color-scheme: dark)").matches]',
        ),
      options,
    );
    expect(seen).toEqual([320, 200, true]);
  });

  test('is closed with its browser when the test that uses it throws', async () => {
    let browser: Browser | null = null;
    const use = withPage(async (page) => {
      browser = page.context().browser();
      throw new Error('mine');
    });
    await expect(use).rejects.toThrow('mine');
    expect(browser).toMatchObject({});
    expect((browser as Browser | null)?.isConnected()).toBe(false);
  });
});
