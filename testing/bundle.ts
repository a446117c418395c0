import { builtinModules } from 'node:module';
import { build, type Plugin } from 'esbuild';

/**
 * The module `entryFile` with all that it imports, as one text in which a browser finds nothing
 * missing: an ES module with the same exports. Throws on an import of a builtin of Node, naming the
 * file and line that ask for it, and on one that cannot be found.
 */
export async function bundleForBrowser(entryFile: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entryFile],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    charset: 'utf8',
    logLevel: 'silent',
    plugins: [refuseBuiltins],
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error(`nothing was bundled from ${entryFile}`);
  return bundle.text;
}

/** A package may bring a stand-in for a builtin, such as `events`, and hide that it needs one. */
const refuseBuiltins: Plugin = {
  name: 'refuse-builtins',
  setup({ onResolve }) {
    const names = builtinModules.map((name) => name.replace('/', '\\/')).join('|');
    onResolve({ filter: new RegExp(`^(node:.*|${names})$`) }, ({ path }) => ({
      errors: [{ text: `${path} is a builtin of Node; a browser has none` }],
    }));
  },
};
