import type { RawFlags } from './parse-settings.ts';

/** The exit code a command ends with. */
export type Outcome = Promise<number>;

/** The case that runs when none is named. */
export const DEFAULT_CASE = 'ledger';

/** How results are printed. */
export interface OutputFlags {
  readonly json?: true;
  readonly quiet?: true;
  /** End as if interrupted when standard input is closed: for the workers of a soak. */
  readonly tied?: true;
}

/** Flags of `run` and `plan`: the settings, raw, and a few more. */
export type RunFlags = RawFlags &
  OutputFlags & {
    /** `false`: no file is read, not even the one that lies here. */
    readonly config?: string | false;
    /** Path of a plan to carry out. */
    readonly plan?: string;
  };
