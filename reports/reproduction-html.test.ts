import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withPage } from '../testing/browser.ts';
import { sampleReproduction } from '../testing/sample-reproduction.ts';
import { buildPage } from './build-page.ts';
import { renderReproductionHtml } from './reproduction-html.ts';
import type { ReproductionPageData } from './reproduction-page-data.ts';

let template = '';
let folder = '';

beforeAll(async () => {
  template = await buildPage('reproduction');
  folder = mkdtempSync(join(tmpdir(), 'wavetank-reproduction-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Opens the page from a file; gives what the browser complained of and asked for. */
async function open(page: Page, data: ReproductionPageData): Promise<string[]> {
  const path = join(folder, 'report.html');
  writeFileSync(path, renderReproductionHtml(data, template));
  const noise: string[] = [];
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(String(error)));
  page.on('request', (request) => noise.push(request.url()));
  await page.goto(pathToFileURL(path).href);
  await page.locator('#logs').waitFor();
  return noise.filter((line) => line !== pathToFileURL(path).href);
}

describe('the page of a reproduction', () => {
  it('shows each version side by side, and asks for nothing', async () => {
    await withPage(
      async (page) => {
        expect(await open(page, sampleReproduction())).toEqual([]);
        expect(await page.locator('#verdict').textContent()).toBe('✓ reproduced');
        const [endings, levels, worst] = await page.locator('.sides').all();
        expect(await endings?.locator('h3').allTextContents()).toEqual([
          ...['v5.5.0-nightly', 'v8.5.0, the same table'],
        ]);
        expect(await endings?.getByText('as it must be').count()).toBe(2);
        const link = endings?.getByRole('link').first();
        expect(await link?.getAttribute('href')).toBe('../../ledger/v5/report.html');
        expect(await levels?.locator('canvas').count()).toBe(2);
        expect(await worst?.locator('svg circle + text').count()).toBeGreaterThan(0);
        const boxes = await Promise.all(
          ((await levels?.locator('article').all()) ?? []).map((side) => side.boundingBox()),
        );
        expect(boxes[0]?.y).toBe(boxes[1]?.y);
      },
      { viewport: { width: 1280, height: 900 } },
    );
  });

  it('puts the log beside that of the issue, and says which lines were found', async () => {
    await withPage(async (page) => {
      await open(page, sampleReproduction());
      const first = page.locator('#logs tbody tr').first().locator('td');
      expect(await first.allTextContents()).toEqual([
        '✓ destroy one token now: 14 … 2 of 15 left',
        'destroy one token now × 14: 15 … 2 of 15 left',
        '',
      ]);
      const last = page.locator('#logs tbody tr').last().locator('td');
      expect((await last.allTextContents())[0]).toBe('✗ command dispatched failed');
    });
  });

  it('says what is missing, and shows what the other runs gave', async () => {
    const data = sampleReproduction();
    const [column, other] = data.report.columns;
    if (column === undefined || other === undefined) throw new Error('two columns');
    const { summary: _, ...rest } = column;
    const columns = [{ ...rest, trouble: 'killed by SIGKILL' }, other];
    const differences = ['v5.5.0-nightly: killed by SIGKILL'];
    const report = { ...data.report, columns, differences, reproduced: false };
    await withPage(async (page) => {
      const pictures = [null, data.pictures[1] ?? null];
      expect(await open(page, { report, pictures })).toEqual([]);
      expect(await page.locator('#cause').textContent()).toBe(differences[0]);
      expect(await page.getByText('It gave no answer: killed by SIGKILL').isVisible()).toBe(true);
      expect(await page.locator('canvas').count()).toBe(1);
    });
  });

  it('tells a reader without scripts the same in words', async () => {
    const path = join(folder, 'plain.html');
    writeFileSync(path, renderReproductionHtml(sampleReproduction(), template));
    await withPage(
      async (page) => {
        await page.goto(pathToFileURL(path).href);
        const text = await page.locator('noscript').textContent();
        expect(text).toContain('✓ reproduced');
        expect(text).toContain('15 … 2 of 15');
      },
      { javaScriptEnabled: false },
    );
  });
});
