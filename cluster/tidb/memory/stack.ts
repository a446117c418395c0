/**
 * Go stack traces of what really happened: a frame for every action that was walked and for the
 * place that consumed. `r` and `stack trace` of a recovered panic show them as zap does.
 */

/** One call in a stack trace. */
export interface Frame {
  /** Package below `github.com/pingcap/tidb/`, or a full path beginning with `runtime`. */
  readonly package: string;
  /** As Go prints it: `(*SpillDiskAction).Action`. */
  readonly method: string;
  /** Base name of the file. */
  readonly file: string;
  /** 0 where it is not known for a version. */
  readonly line: number;
}

const BUILD_ROOT = '/home/jenkins/agent/workspace/build-common/go/src';
const MODULE = 'github.com/pingcap/tidb';

/** `package.method`, then a line with the file: as `runtime.Stack` writes a frame. */
export function formatFrame({ package: path, method, file, line }: Frame): string {
  const runtime = path === 'runtime';
  const name = runtime ? path : `${MODULE}/${path}`;
  const root = runtime ? '/usr/local/go/src/runtime' : `${BUILD_ROOT}/${name}`;
  return `${name}.${method}\n\t${root}/${file}:${line}`;
}

/** A stack, innermost call first. */
export function formatStack(frames: readonly Frame[]): string {
  return frames.map(formatFrame).join('\n');
}
