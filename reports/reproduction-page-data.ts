import type { MemoryReport } from '../runner/report.ts';
import type { Reproduction } from '../runner/reproduction.ts';
import type { Backdrop } from './page-data.ts';

/** What the browser gets of a reproduction. */
export interface ReproductionPageData {
  readonly report: Reproduction;
  /** One for each column of the report, in its order; null where a run gave no answer. */
  readonly pictures: readonly (ReproductionPicture | null)[];
}

/** What is drawn of one run. */
export interface ReproductionPicture extends Backdrop {
  /** End of the run, virtual µs. */
  readonly untilUs: number;
  readonly memory?: MemoryReport;
  /** Of the run's own report, from where the page lies. */
  readonly link: string;
}
