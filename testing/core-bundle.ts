/**
 * The core as one script for a browser. That it can be made proves that nothing in it needs Node;
 * that it leaves the same trace there proves that it is deterministic on another platform too.
 */
import { isBuiltin } from 'node:module';
import { build, type Plugin } from 'esbuild';

/** Refuses every import of Node's own modules, and says who asked. */
const NO_BUILTINS: Plugin = {
  name: 'no-builtins',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, importer }) =>
      isBuiltin(path) ? { errors: [{ text: `${path} is Node's; ${importer} imports it` }] } : null,
    );
  },
};

/**
 * Bundles a module and all it imports into one classic script, which leaves the module's exports in
 * the global variable `wavetank`. Rejects if anything in it imports a module of Node's own.
 */
export async function bundleForBrowser(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'wavetank',
    target: 'es2023',
    plugins: [NO_BUILTINS],
    logLevel: 'silent',
  });
  const script = outputFiles[0]?.text;
  if (script === undefined) throw new Error(`${entry} gave no script`);
  return script;
}
