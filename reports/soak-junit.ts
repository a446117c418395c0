import type { VerdictKind } from '../checker/checker.ts';
import type { SeedResult } from '../runner/soak-ledger.ts';
import type { SoakReport } from '../runner/soak-report.ts';
import { escapeXml } from './xml.ts';

/**
 * A soak as JUnit XML, for CI systems: one test case a seed. A seed about which nothing is known is
 * an error: it must not look green.
 */
export function renderSoakJunit(report: SoakReport, results: readonly SeedResult[]): string {
  const of = (kind: VerdictKind): number =>
    results.filter(({ verdict }) => verdict === kind).length;
  const suite = `wavetank.soak.${report.case}`;
  const attributes = [
    `name="${escapeXml(suite)}"`,
    `tests="${results.length}"`,
    `failures="${of('invalid')}"`,
    `errors="${of('unknown')}"`,
    'skipped="0"',
    `time="${report.wallSeconds}"`,
    `timestamp="${escapeXml(report.startedAt)}"`,
  ].join(' ');
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `<testsuite ${attributes}>`,
    ...results.map((result) => testCase(result, suite)),
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(result: SeedResult, suite: string): string {
  const { seed, outcome, verdict, check, cause } = result;
  const names = `classname="${escapeXml(suite)}" name="seed ${escapeXml(seed)}"`;
  const open = `<testcase ${names} time="${result.wallSeconds}"`;
  if (verdict === 'valid') return `${open}/>`;
  const element = verdict === 'invalid' ? 'failure' : 'error';
  const message = `${check}: ${cause}`;
  const body = `${message}\nreplay: ${result.command}\nkept: ${result.runDir}`;
  const attributes = `type="${outcome}" message="${escapeXml(message)}"`;
  return `${open}><${element} ${attributes}>${escapeXml(body)}</${element}></testcase>`;
}
