import type { RunReport } from '../runner/report.ts';
import { toPageData } from './page-data.ts';
import { fillPage, readTemplate } from './template.ts';
import { renderText } from './text.ts';

/**
 * A run as one HTML file that needs nothing but a browser: no server, no network, no other file.
 * `template` is the page built by `build-page.ts`; tests hand in their own. Throws if the page was
 * not built.
 */
export function renderHtml(report: RunReport, template: string = readTemplate('report')): string {
  const { summary } = report;
  return fillPage(template, {
    title: `${summary.verdict} · ${summary.case} · seed ${summary.seed} · Wavetank`,
    plain: renderText(report, { colour: false }),
    data: toPageData(report),
  });
}
