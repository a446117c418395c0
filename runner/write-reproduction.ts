import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { renderReproductionHtml } from '../reports/reproduction-html.ts';
import type { ReproductionPicture } from '../reports/reproduction-page-data.ts';
import type { RunReport, RunSummary } from './report.ts';
import type { Reproduction } from './reproduction.ts';
import { FILES } from './run-folder.ts';
import { StoreError } from './store-error.ts';

/**
 * Writes a reproduction into a folder of its own, `<out>/reproduce/<time>-<issue>-<seed>`: as JSON,
 * and as a page with the same picture of each version. Gives the path of the page. `startedAt` is
 * ISO 8601. A full disk is thrown as a `StoreError`.
 */
export function writeReproduction(out: string, startedAt: string, report: Reproduction): string {
  const time = startedAt.replace(/[-:]|\.\d+/g, '');
  const folder = join(out, 'reproduce', `${time}-${report.issue}-${report.seed}`);
  const page = join(folder, FILES.html);
  StoreError.guard(folder, () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, FILES.report), `${JSON.stringify(report, null, 2)}\n`);
    const pictures = report.columns.map(({ summary }) => pictureOf(folder, summary));
    writeFileSync(page, renderReproductionHtml({ report, pictures }));
  });
  return page;
}

function pictureOf(folder: string, summary: RunSummary | undefined): ReproductionPicture | null {
  if (summary === undefined) return null;
  const path = join(summary.runDir, FILES.report);
  const run = JSON.parse(readFileSync(path, 'utf8')) as RunReport;
  const { memory, firstViolation } = run;
  return {
    link: relative(folder, summary.report),
    untilUs: Math.max(0, ...run.phases.map((phase) => phase.untilUs)),
    faults: run.faults.map(({ atUs, untilUs, tookEffect }) => ({ atUs, untilUs, tookEffect })),
    ...(firstViolation === undefined ? {} : { firstViolation: { atUs: firstViolation.atUs } }),
    ...(memory === undefined ? {} : { memory }),
  };
}
