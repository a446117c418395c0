import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../runner/report.ts';
import { withPage } from '../testing/browser.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { buildPage } from './build-page.ts';
import { renderHtml } from './html.ts';

let template: string;
let folder: string;

beforeAll(async () => {
  template = await buildPage();
  folder = mkdtempSync(join(tmpdir(), 'wavetank-report-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a browser said and asked for while it showed a report. */
interface Noise {
  readonly complaints: string[];
  readonly requests: string[];
}

/** Opens a report as a person does, from a file, and waits until both charts are drawn. */
async function open(page: Page, report: RunReport): Promise<Noise> {
  const path = join(folder, `${report.summary.verdict}.html`);
  writeFileSync(path, renderHtml(report, template));
  const noise: Noise = { complaints: [], requests: [] };
  page.on('console', (message) => noise.complaints.push(message.text()));
  page.on('pageerror', (error) => noise.complaints.push(String(error)));
  page.on('request', (request) => noise.requests.push(request.url()));
  await page.goto(pathToFileURL(path).href);
  await page.locator('canvas').nth(1).waitFor();
  return noise;
}

/** How many pixels of the first chart are not empty. Runs in the browser, hence a text. */
const INK_OF_FIRST_CHART = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, i) => i % 4 === 3 && value > 0).length;
})()`;

function shownRange(page: Page): Promise<string | null> {
  return page.getByText('Drag to zoom').textContent();
}

describe.each(['valid', 'unknown', 'invalid'] as const)(
  'the report of a run that is %s',
  (verdict) => {
    it('opens from a file, asks the network for nothing and complains of nothing', async () => {
      const report = sampleReport({ verdict });
      await withPage(async (page) => {
        const noise = await open(page, report);
        expect(noise.complaints).toEqual([]);
        expect(noise.requests).toHaveLength(1);
        expect(await page.locator('#verdict').textContent()).toContain(verdict);
        expect(await page.locator('#cause').textContent()).toBe(report.summary.cause);
        expect(await page.title()).toContain(verdict);
        expect(await page.evaluate<number>(INK_OF_FIRST_CHART)).toBeGreaterThan(1000);
        for (const sentence of report.notChecked) {
          expect(await page.getByText(sentence).isVisible()).toBe(true);
        }
      });
    });
  },
);

describe('the report page', () => {
  it('copies the replay command', async () => {
    const report = sampleReport({ verdict: 'invalid' });
    await withPage(
      async (page) => {
        await open(page, report);
        await page.getByRole('button', { name: 'Copy' }).click();
        await page.getByRole('button', { name: 'Copied' }).waitFor();
        const copied = await page.evaluate<string>('navigator.clipboard.readText()');
        expect(copied).toBe(report.replayCommand);
      },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    );
  });

  it('shows the same stretch in every drawing after a drag over one of them', async () => {
    await withPage(async (page) => {
      await open(page, sampleReport({ verdict: 'invalid' }));
      expect(await shownRange(page)).toContain('0:00:00 to 1:00:00');
      const drawing = page.locator('.u-over').first();
      await drawing.scrollIntoViewIfNeeded();
      const chart = await drawing.boundingBox();
      if (chart === null) throw new Error('the chart has no place on the page');
      await page.mouse.move(chart.x + chart.width / 4, chart.y + 20);
      await page.mouse.down();
      await page.mouse.move(chart.x + chart.width / 2, chart.y + 20, { steps: 4 });
      await page.mouse.up();
      expect(await shownRange(page)).toMatch(/0:1[45]:\d\d to 0:(29|30):\d\d/);
      const axis = page.locator('.drawing svg').getByText('0:20:00', { exact: true });
      expect(await axis.count()).toBe(1);
    });
  });

  it('names the first violation on the timeline and marks it in the log', async () => {
    await withPage(async (page) => {
      await open(page, sampleReport({ verdict: 'invalid' }));
      expect(await page.getByText('first violation 0:37:12').isVisible()).toBe(true);
      const mark = page.locator('.log .here');
      expect(await mark.textContent()).toBe('0:37:12.123 ledger.sum-is-zero');
      expect(await mark.isVisible()).toBe(true);
    });
  });

  it('shows memory against the quota, and of the worst statement who held it', async () => {
    await withPage(async (page) => {
      const { complaints } = await open(page, sampleReport({ verdict: 'valid' }));
      expect(complaints).toEqual([]);
      const memory = page.locator('#memory');
      expect(await memory.locator('canvas').count()).toBe(1);
      expect(await memory.getByText('Worst statement: 20.6 MiB, 128 % of its quota').count()).toBe(
        1,
      );
      expect(await memory.getByText('error 1105: Out Of Memory Quota!').count()).toBe(1);
      const tokens = await memory.locator('svg circle + text').allTextContents();
      expect(tokens).toEqual(['15', '14', '9', '2', '1']);
      const held = await memory.locator('.peak tbody td:first-child').allTextContents();
      expect(held).toEqual([
        ...['statement', 'HashAgg_23', 'TableReader_25', 'HashJoin_24', 'build side'],
      ]);
    });
  });

  it('says nothing of memory where no statement had a quota', async () => {
    const { memory: _, ...rest } = sampleReport({ verdict: 'valid' });
    await withPage(async (page) => {
      await open(page, rest);
      expect(await page.locator('#memory').count()).toBe(0);
    });
  });

  it('shows hostile text as text', async () => {
    const cause = '</script><img src=x onerror=alert(1)> "quotes" \' & $& \u2028 😀';
    const report = sampleReport({ verdict: 'invalid' });
    const hostile = { ...report, summary: { ...report.summary, cause } };
    await withPage(async (page) => {
      const noise = await open(page, hostile);
      expect(noise).toMatchObject({ complaints: [], requests: [expect.any(String)] });
      expect(await page.locator('#cause').textContent()).toBe(cause);
    });
  });

  it('tells a reader without scripts the verdict, the cause and the command', async () => {
    const report = sampleReport({ verdict: 'invalid' });
    const path = join(folder, 'plain.html');
    writeFileSync(path, renderHtml(report, template));
    await withPage(
      async (page) => {
        await page.goto(pathToFileURL(path).href);
        const text = await page.locator('noscript').textContent();
        expect(text).toContain('✗ invalid');
        expect(text).toContain(report.replayCommand);
      },
      { javaScriptEnabled: false },
    );
  });

  it('of a whole day stays below 5 MB and light enough to open at once', async () => {
    const report = sampleReport({ verdict: 'invalid', hours: 24, bucketSeconds: 1 });
    await withPage(async (page) => {
      await open(page, report);
      const elements = await page.evaluate<number>("document.querySelectorAll('*').length");
      expect(elements).toBeLessThan(6000);
    });
    expect(statSync(join(folder, 'invalid.html')).size).toBeLessThan(5_000_000);
  });
});
