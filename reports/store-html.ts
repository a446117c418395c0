import type { IndexedRun, IndexedSoak, StoreIndex } from '../runner/store-index.ts';
import type { StorePageData } from './store-page-data.ts';
import { fillPage, readTemplate } from './template.ts';
import { VERDICT_SIGN } from './wording.ts';

/** Rows of a page that still opens at once; a store may hold more runs than anybody reads. */
const RUNS_SHOWN = 2000;

/**
 * A store as one HTML file, to lie in its folder: every soak and every run with verdict, cause and
 * a link to its report. `template` as for a report.
 */
export function renderStoreHtml(
  index: StoreIndex,
  template: string = readTemplate('store'),
): string {
  const { soaks } = index;
  const runs = index.runs.slice(0, RUNS_SHOWN);
  const data: StorePageData = { soaks, runs, runsOmitted: index.runs.length - runs.length };
  const title = `${index.runs.length} runs, ${soaks.length} soaks · Wavetank`;
  return fillPage(template, { title, plain: plainText(data), data });
}

function plainText({ soaks, runs }: StorePageData): string {
  const lines = [
    ...soaks.map((soak) => row(soak, `soak, seeds ${soak.seeds}`)),
    ...runs.map((run) => row(run, `seed ${run.seed}`)),
  ];
  return `${lines.join('\n')}\n`;
}

function row(
  { verdict, case: name, startedAt, cause, folder }: IndexedRun | IndexedSoak,
  what: string,
) {
  return `${VERDICT_SIGN[verdict]} ${verdict}  ${startedAt}  ${name}, ${what}: ${cause}  ${folder}`;
}
