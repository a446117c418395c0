import type { JSX } from 'preact';
import type { PageData } from '../page-data.ts';
import { faultsAround } from '../plan-outcome.ts';
import { clock } from '../virtual-time.ts';
import { VERDICT_SIGN } from '../wording.ts';
import { CopyableCommand } from './copy.tsx';

/** The top of the page: what broke, why, when, and how to see it again. */
export function Verdict({ report }: PageData): JSX.Element {
  const { summary } = report;
  return (
    <header>
      <div class={`verdict ${summary.verdict}`}>
        <h1>
          <span id="verdict">
            {VERDICT_SIGN[summary.verdict]} {summary.verdict}
          </span>
          <span class="run">
            {summary.case} on {summary.profile}, seed {summary.seed}
          </span>
        </h1>
        <p class="cause" id="cause">
          {summary.cause}
        </p>
        <When report={report} />
      </div>
      <CopyableCommand command={report.replayCommand} />
    </header>
  );
}

function When({ report }: Pick<PageData, 'report'>): JSX.Element | null {
  const first = report.firstViolation;
  if (first === undefined) return null;
  return (
    <p>
      First seen at <b>{clock(first.atUs)}</b> by <code>{first.check}</code>.{' '}
      {faultsAround(report.faults, first.atUs)}
    </p>
  );
}
