import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** As in the first line of `cli.ts`: most of what a simulation makes is dropped at once. */
const NODE_FLAGS = ['--max-semi-space-size=64'];

/** Runs this program with other arguments; what it prints. */
export async function inOwnProcess(...args: readonly string[]): Promise<string> {
  const self = fileURLToPath(new URL('./index.js', import.meta.url));
  const { stdout } = await execa(process.execPath, [...NODE_FLAGS, self, ...args], {
    stderr: 'inherit',
  });
  return stdout;
}
