import type { RawFlags } from './parse-settings.ts';

/** The exit code a command ends with. */
export type Outcome = Promise<number>;

/** How results are printed. */
export interface OutputFlags {
  readonly json?: true;
  readonly quiet?: true;
}

/** Flags of `run` and `plan`: the settings, raw, and a few more. */
export type RunFlags = RawFlags &
  OutputFlags & {
    readonly config?: string;
    /** Path of a plan to carry out. */
    readonly plan?: string;
  };
