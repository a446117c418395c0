import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PageData } from '../page-data.ts';
import { joinPlan, type PlanOutcome, rowsAround, startUs } from '../plan-outcome.ts';
import { clock, span } from '../virtual-time.ts';
import type { View } from './view.ts';

/** Rows shown before the reader asks for all: a day has hundreds, and few of them matter. */
const ROWS_SHOWN = 100;

/** The schedule of faults, each with what came of it; a row shows its time on the timeline. */
export function PlanTable({ report, view }: PageData & { view: View }): JSX.Element {
  const [all, showAll] = useState(false);
  const rows = joinPlan(report.plan, report.faults);
  const limit = all ? rows.length : ROWS_SHOWN;
  const shown = rowsAround(rows, report.firstViolation?.atUs ?? 0, limit);
  return (
    <section>
      <div class="head">
        <h2>Faults</h2>
        <span class="soft">{rows.length === 0 ? 'none planned' : `${rows.length} planned`}</span>
        {shown.length < rows.length && (
          <button type="button" onClick={() => showAll(true)}>
            Show all; {shown.length} shown
          </button>
        )}
      </div>
      {rows.length > 0 && (
        <div class="scroll">
          <table>
            <PlanHead />
            <tbody>
              {shown.map((row) => (
                <PlanRow key={`${startUs(row)} ${row.planned?.target}`} row={row} view={view} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function PlanHead(): JSX.Element {
  return (
    <thead>
      <tr>
        <th class="num">at</th>
        <th class="num">for</th>
        <th>nemesis</th>
        <th>fault</th>
        <th>target</th>
        <th>took effect</th>
        <th>healed</th>
        <th>note</th>
      </tr>
    </thead>
  );
}

function PlanRow({ row, view }: { row: PlanOutcome; view: View }): JSX.Element {
  const fault = row.happened ?? row.planned;
  if (fault === undefined) return <tr />;
  const length = fault.untilUs - fault.atUs;
  const show = (): void =>
    view.show({ fromUs: fault.atUs - length / 2, toUs: fault.untilUs + length / 2 });
  return (
    <tr>
      <td class="num">
        <button type="button" title="Show on the timeline" onClick={show}>
          {clock(fault.atUs)}
        </button>
      </td>
      <td class="num tight">{span(length)}</td>
      <td class="tight">{fault.nemesis}</td>
      <td class="tight">{describe(fault.fault, row)}</td>
      <td class="tight">{row.happened?.hit ?? fault.target}</td>
      <td class="tight">
        {row.happened === undefined ? 'not reached' : yesNo(row.happened.tookEffect)}
      </td>
      <td class="tight">{row.happened === undefined ? '–' : yesNo(row.happened.healed)}</td>
      <td class="wide">{outcome(row)}</td>
    </tr>
  );
}

function outcome({ happened }: PlanOutcome): string {
  return [happened?.effect, happened?.note].filter((text) => text).join('; ');
}

function describe(fault: string, { planned }: PlanOutcome): string {
  const parameters = Object.entries(planned?.parameters ?? {}).map(([k, v]) => `${k}=${v}`);
  return [fault, ...parameters].join(' ');
}

function yesNo(yes: boolean): JSX.Element {
  return yes ? <span>yes</span> : <span class="invalid">✗ no</span>;
}
