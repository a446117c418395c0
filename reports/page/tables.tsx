import type { JSX } from 'preact';
import type { CheckResult, VerdictKind } from '../../checker/checker.ts';
import type { PageData, PageOperation } from '../page-data.ts';
import { clock, clockMs, span } from '../virtual-time.ts';
import { VERDICT_SIGN } from '../wording.ts';

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
