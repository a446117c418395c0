import type { JSX } from 'preact';
import type { CheckResult, VerdictKind } from '../../checker/checker.ts';
import type { PageData, PageOperation } from '../page-data.ts';
import { joinPlan, type PlanOutcome, startUs } from '../plan-outcome.ts';
import { clock, clockMs, span } from '../virtual-time.ts';
import { VERDICT_SIGN } from '../wording.ts';
import type { View } from './view.ts';

/** Every check with its verdict: first those that did not hold, with their cause. */
export function Checks({ report }: PageData): JSX.Element {
  const of = (verdict: VerdictKind): CheckResult[] =>
    report.checks.filter((check) => check.verdict === verdict);
  const failed = [...of('invalid'), ...of('unknown')];
  const held = of('valid');
  return (
    <section>
      <div class="head">
        <h2>Checks</h2>
        <span class="soft">
          {held.length} of {report.checks.length} held
        </span>
      </div>
      {failed.length > 0 && <FailedChecks checks={failed} />}
      <div class="held">
        {held.map((check) => (
          <span key={check.name}>
            <span class="valid">{VERDICT_SIGN.valid}</span> <code>{check.name}</code>
          </span>
        ))}
      </div>
    </section>
  );
}

function FailedChecks({ checks }: { checks: readonly CheckResult[] }): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th>verdict</th>
          <th>check</th>
          <th class="num">first at</th>
          <th>cause</th>
        </tr>
      </thead>
      <tbody>
        {checks.map((check) => (
          <CheckRow key={check.name} check={check} />
        ))}
      </tbody>
    </table>
  );
}

function CheckRow({ check }: { check: CheckResult }): JSX.Element {
  return (
    <tr>
      <td class={`tight ${check.verdict}`}>
        {VERDICT_SIGN[check.verdict]} {check.verdict}
      </td>
      <td class="tight">
        <code>{check.name}</code>
      </td>
      <td class="num">{check.atUs === undefined ? '' : clock(check.atUs)}</td>
      <td class="wide">{check.cause}</td>
    </tr>
  );
}

/** The schedule of faults, each with what came of it; a row shows its time on the timeline. */
export function PlanTable({ report, view }: PageData & { view: View }): JSX.Element {
  const rows = joinPlan(report.plan, report.faults);
  return (
    <section>
      <div class="head">
        <h2>Faults</h2>
        <span class="soft">{rows.length === 0 ? 'none planned' : `${rows.length} planned`}</span>
      </div>
      {rows.length > 0 && (
        <div class="scroll">
          <table>
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
            <tbody>
              {rows.map((row) => (
                <PlanRow key={`${startUs(row)} ${row.planned?.target}`} row={row} view={view} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
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
      <td class="tight">{fault.target}</td>
      <td class="tight">
        {row.happened === undefined ? 'not reached' : yesNo(row.happened.tookEffect)}
      </td>
      <td class="tight">{row.happened === undefined ? '–' : yesNo(row.happened.healed)}</td>
      <td class="wide">{row.happened?.note}</td>
    </tr>
  );
}

function describe(fault: string, { planned }: PlanOutcome): string {
  const parameters = Object.entries(planned?.parameters ?? {}).map(([k, v]) => `${k}=${v}`);
  return [fault, ...parameters].join(' ');
}

function yesNo(yes: boolean): JSX.Element {
  return yes ? <span>yes</span> : <span class="invalid">✗ no</span>;
}

/** The few operations a person should look at. */
export function KeyOperations({ keyOperations }: PageData): JSX.Element | null {
  if (keyOperations.length === 0) return null;
  return (
    <section>
      <div class="head">
        <h2>Operations that matter</h2>
      </div>
      <table>
        <thead>
          <tr>
            <th class="num">completed</th>
            <th class="num">took</th>
            <th class="num">#</th>
            <th class="num">process</th>
            <th>operation</th>
            <th>outcome</th>
            <th>why</th>
            <th>value</th>
          </tr>
        </thead>
        <tbody>
          {keyOperations.map((operation) => (
            <OperationRow key={operation.index} operation={operation} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const OUTCOME_CLASS = { ok: '', fail: 'unknown', info: 'unknown' } as const;

function OperationRow({ operation }: { operation: PageOperation }): JSX.Element {
  const { invokedAtUs, completedAtUs, outcome } = operation;
  return (
    <tr>
      <td class="num">{clockMs(completedAtUs)}</td>
      <td class="num tight">{span(completedAtUs - invokedAtUs)}</td>
      <td class="num">{operation.index}</td>
      <td class="num">{operation.process}</td>
      <td class="tight">{operation.f}</td>
      <td class={`tight ${OUTCOME_CLASS[outcome]}`}>{outcome}</td>
      <td class="tight">
        <code>{operation.why}</code>
      </td>
      <td class="wide">
        <code>{operation.value}</code>
        {operation.error !== undefined && <div class="soft">{operation.error}</div>}
      </td>
    </tr>
  );
}
