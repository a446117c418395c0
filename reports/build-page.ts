import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import {
  DATA_MARK,
  PAGES,
  type PageName,
  PLAIN_MARK,
  packageRoot,
  TITLE_MARK,
  templatePath,
} from './template.ts';

/** What the page may do: run its own script and style, nothing else; no request can leave it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
].join('; ');

/**
 * Bundles the browser side of a page (`reports/page/`) with its libraries into one file with three
 * marks for title, plain words and data. Runs when the package is built; a report is then a matter
 * of filling in the marks.
 */
export async function buildPage(name: PageName = 'report'): Promise<string> {
  const root = packageRoot();
  const page = join(root, 'reports', 'page');
  const bundle = await build({
    entryPoints: [join(page, PAGES[name].entry)],
    tsconfig: join(page, 'tsconfig.json'),
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'error',
  });
  const script = bundle.outputFiles[0]?.text ?? '';
  const style = [join(root, 'node_modules/uplot/dist/uPlot.min.css'), join(page, 'style.css')]
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  return assemble(closeSafe(script, 'script'), closeSafe(style, 'style'));
}

/** A closing tag inside the text would end the element early: `\/` means the same to JS and CSS. */
function closeSafe(text: string, element: string): string {
  return text.replace(new RegExp(`</(${element})`, 'gi'), '<\\/$1');
}

function assemble(script: string, style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${TITLE_MARK}</title>
<style>${style}</style>
</head>
<body>
<main id="page"><noscript><pre>${PLAIN_MARK}</pre></noscript></main>
<script type="text/plain" id="data">${DATA_MARK}</script>
<script>${script}</script>
</body>
</html>
`;
}

async function main(): Promise<void> {
  for (const name of Object.keys(PAGES) as PageName[]) {
    const path = templatePath(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, await buildPage(name));
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main();
}
