import type { RunReport } from '../runner/report.ts';
import { pack } from './pack.ts';
import { toPageData } from './page-data.ts';
import { DATA_MARK, fill, PLAIN_MARK, readTemplate, TITLE_MARK } from './template.ts';
import { renderText } from './text.ts';

/**
 * A run as one HTML file that needs nothing but a browser: no server, no network, no other file.
 * `template` is the page built by `build-page.ts`; tests hand in their own. Throws if the page was
 * not built.
 */
export function renderHtml(report: RunReport, template: string = readTemplate()): string {
  const { summary } = report;
  const title = `${summary.verdict} · ${summary.case} · seed ${summary.seed} · Wavetank`;
  const titled = fill(template, TITLE_MARK, escapeHtml(title));
  const plain = fill(titled, PLAIN_MARK, escapeHtml(renderText(report, { colour: false })));
  return fill(plain, DATA_MARK, pack(toPageData(report)));
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
