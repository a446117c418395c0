/**
 * The browser side of the report: one page, drawn from the data inside it. From the top it answers
 * what broke, why, when and how to see it again; then the evidence, from the general to the single
 * operation; last, what nobody looked at.
 */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { PageData } from '../page-data.ts';
import { clock } from '../virtual-time.ts';
import { Charts } from './charts.tsx';
import { Facts } from './facts.tsx';
import { Log } from './log.tsx';
import { Memory } from './memory.tsx';
import { mount } from './mount.tsx';
import { PlanTable } from './plan-table.tsx';
import { Checks, KeyOperations } from './tables.tsx';
import { Timeline } from './timeline.tsx';
import { Verdict } from './verdict.tsx';
import { useRange, View } from './view.ts';

/** What is shown on each side of the first violation after a click on its button. */
const CLOSE_UP_US = 120_000_000;

function Page(data: PageData): JSX.Element {
  const view = useMemo(() => new View({ fromUs: 0, toUs: endUs(data) }), [data]);
  return (
    <>
      <Verdict {...data} />
      <Facts {...data} />
      <Checks {...data} />
      <section>
        <div class="head">
          <h2>Timeline</h2>
          <RangeButtons {...data} view={view} />
        </div>
        <Timeline {...data} view={view} />
        <Charts {...data} view={view} />
      </section>
      <Memory {...data} view={view} />
      <Log {...data} />
      <KeyOperations {...data} />
      <PlanTable {...data} view={view} />
      <NotChecked {...data} />
      <Configuration {...data} />
    </>
  );
}

/** The end of what is drawn: everything that has a time must fit. */
function endUs({ report }: PageData): number {
  const ends = [...report.phases, ...report.faults].map((stretch) => stretch.untilUs);
  return Math.max(1_000_000, report.summary.simulatedSeconds * 1e6, ...ends);
}

function RangeButtons({ report, view }: PageData & { view: View }): JSX.Element {
  const range = useRange(view);
  const first = report.firstViolation;
  const closeUp = (atUs: number): void =>
    view.show({ fromUs: atUs - CLOSE_UP_US, toUs: atUs + CLOSE_UP_US });
  return (
    <>
      <button type="button" onClick={() => view.show(view.whole)}>
        Whole run
      </button>
      {first !== undefined && (
        <button type="button" onClick={() => closeUp(first.atUs)}>
          Around the first violation
        </button>
      )}
      <span class="soft">
        {clock(range.fromUs)} to {clock(range.toUs)}. Drag to zoom.
      </span>
    </>
  );
}

function NotChecked({ report }: PageData): JSX.Element {
  return (
    <section>
      <div class="head">
        <h2>Not checked</h2>
      </div>
      {report.notChecked.length === 0 ? (
        <p>Nothing was left out of what this case promises to check.</p>
      ) : (
        <ul>
          {report.notChecked.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Configuration({ report }: PageData): JSX.Element {
  const { versions, summary } = report;
  return (
    <section>
      <details>
        <summary>Configuration</summary>
        <dl class="facts">
          {report.configuration.map((setting) => (
            <div key={setting.name}>
              <dt>{setting.name}</dt>
              <dd>{setting.value}</dd>
            </div>
          ))}
        </dl>
      </details>
      <footer>
        Wavetank {versions.wavetank} on Node {versions.node}. Times are virtual. Everything else of
        this run is in <code>{summary.runDir}</code>.
      </footer>
    </section>
  );
}

mount<PageData>('report', (data) => <Page {...data} />);
