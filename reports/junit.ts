import type { CheckResult, VerdictKind } from '../checker/checker.ts';
import type { RunReport } from '../runner/report.ts';
import { clock } from './virtual-time.ts';
import { escapeXml } from './xml.ts';

/**
 * The run as JUnit XML, for CI systems: one test case a check. `invalid` is a failure; `unknown` is
 * an error, because a check that could say nothing must not look green. A verdict that no check
 * accounts for (the run crashed, or was stopped) becomes a case of its own, named `run`.
 */
export function renderJunit(report: RunReport): string {
  const { summary } = report;
  const cases = [...report.checks];
  if (!cases.some((check) => check.verdict === summary.verdict)) {
    cases.unshift({ name: 'run', verdict: summary.verdict, cause: summary.cause, ops: [] });
  }
  const suite = `wavetank.${summary.case}`;
  const attributes = [
    `name="${escapeXml(suite)}"`,
    `tests="${cases.length}"`,
    `failures="${countOf(cases, 'invalid')}"`,
    `errors="${countOf(cases, 'unknown')}"`,
    'skipped="0"',
    `time="${summary.wallSeconds}"`,
  ].join(' ');
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites>`,
    `<testsuite ${attributes}>`,
    properties(report),
    ...cases.map((check) => testCase(check, suite, report.replayCommand)),
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function countOf(checks: readonly CheckResult[], verdict: VerdictKind): number {
  return checks.filter((check) => check.verdict === verdict).length;
}

function properties({ summary, replayCommand }: RunReport): string {
  const rows: [string, string][] = [
    ['seed', summary.seed],
    ['hash', summary.hash],
    ['profile', summary.profile],
    ['scale', summary.scale],
    ['preset', summary.preset],
    ['report', summary.report],
    ['replay', replayCommand],
  ];
  const lines = rows.map(
    ([name, value]) => `<property name="${name}" value="${escapeXml(value)}"/>`,
  );
  return `<properties>\n${lines.join('\n')}\n</properties>`;
}

function testCase(check: CheckResult, suite: string, replayCommand: string): string {
  const open = `<testcase classname="${escapeXml(suite)}" name="${escapeXml(check.name)}"`;
  if (check.verdict === 'valid') return `${open}/>`;
  const element = check.verdict === 'invalid' ? 'failure' : 'error';
  const when = check.atUs === undefined ? '' : `first at ${clock(check.atUs)}\n`;
  const body = `${check.cause}\n${when}replay: ${replayCommand}`;
  const attributes = `type="${check.verdict}" message="${escapeXml(check.cause)}"`;
  return `${open}><${element} ${attributes}>${escapeXml(body)}</${element}></testcase>`;
}
