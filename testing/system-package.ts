import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Test files run side by side, and apt-get refuses to: they take turns by this file. */
const TURN = join(tmpdir(), 'wavetank-apt.lock');

/** Runs a system command to its end; throws if it fails. */
export type RunCommand = (program: string, ...args: string[]) => void;

/**
 * Installs a package of Debian that a test needs. Such a test fails without it, it never passes
 * unseen: throws, naming the package, where it cannot be installed.
 */
export function installPackage(name: string, run: RunCommand = runQuietly): void {
  const apt = 'DEBIAN_FRONTEND=noninteractive apt-get -qq';
  const install = `${apt} update && ${apt} install -y --no-install-recommends ${name}`;
  const command = [TURN, 'sh', '-c', install];
  try {
    if (process.getuid?.() === 0) run('flock', ...command);
    else run('sudo', '-n', 'flock', ...command);
  } catch (error) {
    const message = `a test needs ${name}, and apt-get cannot install it here: install it by hand`;
    throw new Error(message, { cause: error });
  }
}

function runQuietly(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'pipe' });
}
