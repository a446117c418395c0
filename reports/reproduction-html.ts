import { renderReproduction } from './reproduce-text.ts';
import type { ReproductionPageData } from './reproduction-page-data.ts';
import { fillPage, readTemplate } from './template.ts';

/**
 * A reproduction as one HTML file: the same picture of each version, side by side. `template` as
 * for a report.
 */
export function renderReproductionHtml(
  data: ReproductionPageData,
  template: string = readTemplate('reproduction'),
): string {
  const { report } = data;
  const outcome = report.reproduced ? 'reproduced' : 'not reproduced';
  return fillPage(template, {
    title: `${outcome} · TiDB issue ${report.issue} · seed ${report.seed} · Wavetank`,
    plain: renderReproduction(report, { colour: false }),
    data,
  });
}
