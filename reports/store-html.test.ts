import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IndexedRun, IndexedSoak, StoreIndex } from '../runner/store-index.ts';
import { withPage } from '../testing/browser.ts';
import { buildPage } from './build-page.ts';
import { renderStoreHtml } from './store-html.ts';

const HOSTILE = '</script><img src=x onerror=alert(1)> "quotes" \' & $& \u2028 😀';

let template = '';
let folder = '';

beforeAll(async () => {
  template = await buildPage('store');
  folder = mkdtempSync(join(tmpdir(), 'wavetank-index-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(seed: number, differs: Partial<IndexedRun> = {}): IndexedRun {
  const name = `20261121T0946${seed % 60}Z-${seed}`;
  return {
    ...{ name, startedAt: '2026-11-21T09:46:31.000Z', case: 'ledger', seed: String(seed) },
    ...{ verdict: 'valid', cause: 'all 14 checks held', soak: '' },
    ...{ simulatedSeconds: 90, wallSeconds: 3.2, configuration: 'hot, random_kill' },
    ...{ report: `ledger/${name}/report.html`, folder: `ledger/${name}` },
    ...differs,
  };
}

const SOAK: IndexedSoak = {
  ...{ name: '20261121T094631Z', startedAt: '2026-11-21T09:46:31.000Z', case: 'ledger' },
  ...{ verdict: 'invalid', cause: '3 of 1000 seeds are not valid, in 1 way', seeds: '1..1000' },
  ...{
    simulatedSeconds: 90_000,
    wallSeconds: 3000,
    summary: 'soak/x/summary.txt',
    folder: 'soak/x',
  },
  outcomes: [
    ['valid', 997],
    ['invalid', 3],
  ],
  failures: [
    {
      ...{
        outcome: 'invalid',
        verdict: 'invalid',
        signature: 'x: y',
        what: `x: ${HOSTILE}`,
        count: 3,
      },
      ...{
        seed: '17',
        command: 'npx wavetank run ledger --seed=17',
        link: 'soak/x/runs/17/report.html',
      },
    },
  ],
};

const INDEX: StoreIndex = {
  soaks: [SOAK],
  runs: [
    run(1),
    run(2, { verdict: 'invalid', cause: HOSTILE, soak: SOAK.name }),
    run(3, { verdict: 'unknown', cause: 'it has not come to an end', report: '' }),
    run(42, { configuration: 'oom, clog' }),
  ],
};

/** Opens the page from a file; gives what the browser complained of and asked for. */
async function open(page: Page, index: StoreIndex): Promise<string[]> {
  const path = join(folder, 'index.html');
  writeFileSync(path, renderStoreHtml(index, template));
  const noise: string[] = [];
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(String(error)));
  page.on('request', (request) => noise.push(request.url()));
  await page.goto(pathToFileURL(path).href);
  await page.locator('#runs').waitFor();
  return noise.filter((line) => line !== pathToFileURL(path).href);
}

describe('the index of a store', () => {
  it('shows soaks and runs with verdict, cause and link, and asks for nothing', async () => {
    await withPage(async (page) => {
      expect(await open(page, INDEX)).toEqual([]);
      const rows = await page.locator('#runs tbody tr').allTextContents();
      expect(rows).toHaveLength(4);
      expect(rows[1]).toContain('✗ invalid');
      expect(rows[1]).toContain(HOSTILE);
      expect(rows[1]).toContain('(soak 20261121T094631Z)');
      const links = page.locator('#runs tbody a');
      expect(await links.nth(0).getAttribute('href')).toBe('ledger/20261121T09461Z-1/report.html');
      expect(await links.nth(2).getAttribute('href')).toBe('ledger/20261121T09463Z-3');
      const soak = await page.locator('article.soak').textContent();
      expect(soak).toContain('997 valid, 3 invalid');
      expect(soak).toContain(HOSTILE);
      expect(await page.getByRole('link', { name: 'seed 17' }).getAttribute('href')).toBe(
        'soak/x/runs/17/report.html',
      );
      expect(await page.getByText('npx wavetank run ledger --seed=17').isVisible()).toBe(true);
    });
  });

  it('can be narrowed down by verdict and by words', async () => {
    await withPage(async (page) => {
      await open(page, INDEX);
      const seeds = (): Promise<string[]> =>
        page.locator('#runs tbody tr td:nth-child(3)').allTextContents();
      await page.getByRole('button', { name: '2 valid' }).click();
      expect(await seeds()).toEqual(['1', '42']);
      await page.getByRole('searchbox').fill('clog OOM');
      expect(await seeds()).toEqual(['42']);
      await page.getByRole('button', { name: '2 valid' }).click();
      await page.getByRole('searchbox').fill('');
      expect(await seeds()).toEqual(['1', '2', '3', '42']);
    });
  });

  it('of ten thousand runs opens at once, and says what it leaves out', async () => {
    const runs = Array.from({ length: 10_000 }, (_, i) => run(i + 1));
    await withPage(async (page) => {
      await open(page, { soaks: [], runs });
      expect(await page.getByText('8,000 older runs are not on this page').isVisible()).toBe(true);
      expect(await page.getByText('10,000 runs, 0 soaks').isVisible()).toBe(true);
    });
  });

  it('tells a reader without scripts every verdict and cause', async () => {
    const path = join(folder, 'plain.html');
    writeFileSync(path, renderStoreHtml(INDEX, template));
    await withPage(
      async (page) => {
        await page.goto(pathToFileURL(path).href);
        const text = await page.locator('noscript').textContent();
        expect(text).toContain(`✗ invalid  2026-11-21T09:46:31.000Z  ledger, seed 2: ${HOSTILE}`);
        expect(text).toContain('ledger, soak, seeds 1..1000: 3 of 1000');
      },
      { javaScriptEnabled: false },
    );
  });
});
