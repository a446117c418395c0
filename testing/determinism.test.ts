import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { drain } from '../runner/run.ts';
import { withPage } from './browser.ts';
import { bundleForBrowser } from './core-bundle.ts';
import { type ShortRun, shortLedger } from './determinism.ts';

const SEED = '20220222';

describe('the same seed leaves the same trace', () => {
  let first: ShortRun;
  beforeAll(async () => {
    first = await shortLedger(SEED, drain);
  });

  test('and there is something to compare: clients worked, nodes were killed', () => {
    expect(first.events).toBeGreaterThan(10_000);
    expect(first.operations).toBeGreaterThan(100);
    expect(first.faults).toBeGreaterThan(0);
  });

  test('again in this process, with other work in between', async () => {
    const other = await shortLedger('1', drain);
    expect(other.hash).not.toBe(first.hash);
    expect(await shortLedger(SEED, drain)).toEqual(first);
  });

  test('in a browser', async () => {
    const entry = fileURLToPath(new URL('./determinism.ts', import.meta.url));
    const script = await bundleForBrowser(entry);
    const there = await withPage(async (page) => {
      await page.addScriptTag({ content: script });
      return page.evaluate(`wavetank.shortLedger('${SEED}')`);
    });
    expect(there).toEqual(first);
  });
});
