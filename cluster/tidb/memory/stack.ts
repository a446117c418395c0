import type { Profile } from '../../profiles.ts';

/**
 * Go stack traces of what really happened: a frame for every action that was walked, and those from
 * the place that consumed up to where its goroutine began. Line numbers are those that a log of
 * v5.5.0-nightly shows; where none has been seen, the file stands alone.
 */

/** One call in a stack trace. */
export interface Frame {
  /** Package below TiDB's module, or `runtime`. */
  readonly package: string;
  /** As Go prints it: `(*SpillDiskAction).Action`. */
  readonly method: string;
  /** Base name of the file. */
  readonly file: string;
  readonly line: number | undefined;
}

const VERSION_OF_LINES = 'v5.5.0-nightly';
const MODULE = 'github.com/pingcap/tidb';
const BUILD_ROOT = '/home/jenkins/agent/workspace/build-common/go/src';

/** Where Go's own part of a panic stands in a stack. */
export const GO_PANIC: Frame = {
  package: 'runtime',
  method: 'gopanic',
  file: 'panic.go',
  line: 965,
};

/** Where a goroutine begins. */
export const GO_EXIT: Frame = {
  package: 'runtime',
  method: 'goexit',
  file: 'asm_amd64.s',
  line: 1371,
};

/** `coprocessor.go:660`: where a log line comes from. */
export function sourceOf(profile: Profile, file: string, line: number | undefined): string {
  const known = line !== undefined && profile.name === VERSION_OF_LINES;
  return known ? `${file}:${line}` : file;
}

/** A stack, innermost call first: `package.method`, and a line with the file, for each. */
export function formatStack(profile: Profile, frames: readonly Frame[]): string {
  const lines = frames.map((frame) => {
    const { file, line } = frame;
    const [name, folder] = placeOf(profile, frame);
    return `${name}.${frame.method}\n\t${folder}/${sourceOf(profile, file, line)}`;
  });
  return lines.join('\n');
}

function placeOf(profile: Profile, { package: path }: Frame): [name: string, folder: string] {
  if (path === 'runtime') return [path, '/usr/local/go/src/runtime'];
  const name = `${MODULE}/${profile.memory.packageRoot}${path}`;
  return [name, `${BUILD_ROOT}/${name}`];
}
