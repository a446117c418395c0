import { performance } from 'node:perf_hooks';
import { type EngineResult, ownPeakMib, secondsSince, timed } from './engine.ts';
import { kernelTotal, ledgerRows } from './ledger-rows.ts';

/** Two loops over typed arrays: what everybody is measured by. */
export async function kernel(rows: number): Promise<EngineResult> {
  const startMs = performance.now();
  const ledger = ledgerRows(rows);
  const loadSeconds = secondsSince(startMs);
  const timings = await timed(async () => String(kernelTotal(ledger)));
  return { ...timings, loadSeconds, peakMib: ownPeakMib() };
}
