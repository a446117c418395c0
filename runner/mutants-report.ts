import { EXIT } from './exit-code.ts';
import { isProved, type MutantResult } from './mutants.ts';

/** What `wavetank mutants --json` prints: the kill matrix. */
export interface MutantsReport {
  readonly schema: 'wavetank.mutants/1';
  /** 0 only if every defect was killed and every control is valid. */
  readonly exitCode: number;
  readonly killed: number;
  readonly survived: number;
  /** Recipes a worker of which failed, or was stopped. */
  readonly unsettled: number;
  /** Runs without the defect, or with one of several alone, and how many of them were valid. */
  readonly controls: { readonly runs: number; readonly valid: number };
  readonly versions: { readonly wavetank: string; readonly node: string };
  readonly wallSeconds: number;
  readonly results: readonly MutantResult[];
  /** Where the runs lie that did not end as they should. Empty if there are none. */
  readonly folder: string;
}

/** What a report is made from. */
export type MutantsEnd = Pick<MutantsReport, 'versions' | 'wallSeconds' | 'results' | 'folder'>;

/** Counts the results and decides the exit code. */
export function composeMutantsReport(end: MutantsEnd): MutantsReport {
  const { results } = end;
  const count = (outcome: MutantResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const commands = new Map(results.flatMap((r) => r.controls.map((run) => [run.command, run])));
  const controls = [...commands.values()];
  const proved = results.every(isProved);
  return {
    schema: 'wavetank.mutants/1',
    exitCode: proved ? EXIT.valid : exitCodeOf(results),
    killed: count('killed'),
    survived: count('survived'),
    unsettled: count('unsettled'),
    controls: {
      runs: controls.length,
      valid: controls.filter(({ verdict }) => verdict === 'valid').length,
    },
    ...end,
    folder: proved ? '' : end.folder,
  };
}

/** A survivor or an alarm without a defect is worse than a run that gave no verdict. */
function exitCodeOf(results: readonly MutantResult[]): number {
  const isWrong = ({ outcome, controls }: MutantResult): boolean =>
    outcome === 'survived' || controls.some(({ verdict }) => verdict === 'invalid');
  return results.some(isWrong) ? EXIT.invalid : EXIT.unknown;
}
