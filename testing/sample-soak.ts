import type { SeedResult } from '../runner/soak-ledger.ts';
import { verdictOfOutcome } from '../runner/soak-outcome.ts';
import { composeSoakReport, type SoakReport } from '../runner/soak-report.ts';
import { SHORT_RUNS } from '../runner/swarm-run-time.ts';

/** The result of one seed: valid, and whatever is to be different. */
export function sampleResult(seed: string, differs: Partial<SeedResult> = {}): SeedResult {
  const { outcome = 'valid' } = differs;
  return {
    ...{
      seed,
      outcome,
      verdict: verdictOfOutcome(outcome),
      check: '',
      cause: 'all 14 checks held',
      runDir: '',
    },
    ...{ command: `npx wavetank run ledger --seed=${seed}`, hash: '83695f7a0957b3c5' },
    ...{ compared: true, simulatedSeconds: 90, wallSeconds: 3, peakMemoryBytes: 1e8 },
    ...{ nemeses: ['random_kill'], soakSeconds: 2 * Number(seed) },
    ...differs,
  };
}

/** Twelve seeds: two kinds of invalid, one of them twice, one worker that hung, eight valid. */
export const SAMPLE_RESULTS: readonly SeedResult[] = [
  ...['1', '2', '3', '4', '5', '6', '7'].map((seed) => sampleResult(seed)),
  sampleResult('8', { nemeses: [], wallSeconds: 9 }),
  failed('9', 'ledger.total-zero', 'summed to -298, not 0, at 0:00:09'),
  failed('10', 'ledger.acked-present', 'acc17 lost a posting'),
  failed('11', 'ledger.total-zero', 'summed to 12, not 0, at 0:01:10'),
  sampleResult('12', {
    ...{ outcome: 'hung', check: 'worker', cause: 'no result within 900 s of wall time' },
    ...{ compared: false, simulatedSeconds: 0, wallSeconds: 0, runDir: 'runs/12' },
  }),
];

function failed(seed: string, check: string, cause: string): SeedResult {
  return sampleResult(seed, {
    ...{ outcome: 'invalid', check, cause, runDir: `runs/${seed}/ledger/20261121T094631Z-${seed}` },
  });
}

/** The report on some results; `range` is what was asked for. */
export function sampleSoakReport(
  results: readonly SeedResult[] = SAMPLE_RESULTS,
  differs: { readonly ending?: SoakReport['ending']; readonly seeds?: readonly string[] } = {},
): SoakReport {
  const { ending = 'complete', seeds = results.map(({ seed }) => seed) } = differs;
  return composeSoakReport({
    folder: {
      path: 'store/soak/20261121T094631Z',
      record: {
        schema: 'wavetank.soak-record/1',
        startedAt: '2026-11-21T09:46:31.000Z',
        versions: { wavetank: '0.1.0', node: 'v20.20.2' },
        seeds: `1..${seeds.length}`,
        plan: {
          case: 'ledger',
          checkDeterminism: true,
          swarm: { pins: {}, nemeses: ['random_kill'], runTime: SHORT_RUNS },
        },
      },
    },
    end: { ending, results, wallSeconds: 754 },
    seeds,
    range: `1..${seeds.length}`,
    index: 'store/index.html',
  });
}
