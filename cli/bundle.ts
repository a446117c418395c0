import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { packageRoot } from '../reports/template.ts';

/** CommonJS packages ask for Node's own modules by `require`, which a module has not of itself. */
const REQUIRE = [
  "import { createRequire as bundleRequire } from 'node:module';",
  'const require = bundleRequire(import.meta.url);',
].join('\n');

/**
 * The compiled program as few files: Node opens and links some six hundred modules for longer than
 * a short run lasts, and a soak starts a worker for each seed. What a command needs stays in files
 * of its own, so that help and mistakes are answered at once. Function names and the program's text
 * stay as they are, so that the trace of a crash can be read.
 *
 * @param program the compiled `cli.js`
 */
export async function bundle(program: string, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await build({
    entryPoints: [program],
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: REQUIRE },
    logLevel: 'error',
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const dist = join(packageRoot(), 'dist');
  await bundle(join(dist, 'cli.js'), join(dist, 'bundle'));
}
