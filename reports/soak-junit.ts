import type { SeedResult } from '../runner/soak-ledger.ts';
import type { SoakReport } from '../runner/soak-report.ts';
import { escapeXml } from './xml.ts';

/**
 * Outcomes that are a failure of what is tested; all others but `valid` are errors of the testing,
 * because a seed about which nothing is known must not look green.
 */
const FAILED: ReadonlySet<string> = new Set(['invalid', 'no-progress', 'mismatch']);

/** A soak as JUnit XML, for CI systems: one test case a seed. */
export function renderSoakJunit(report: SoakReport, results: readonly SeedResult[]): string {
  const { outcomes } = report.seeds;
  const bad = results.filter(({ outcome }) => outcome !== 'valid').length;
  const failures = outcomes.invalid + outcomes['no-progress'] + outcomes.mismatch;
  const suite = `wavetank.soak.${report.case}`;
  const attributes = [
    `name="${escapeXml(suite)}"`,
    `tests="${results.length}"`,
    `failures="${failures}"`,
    `errors="${bad - failures}"`,
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

function testCase({ seed, outcome, check, cause, command, ...rest }: SeedResult, suite: string) {
  const names = `classname="${escapeXml(suite)}" name="seed ${escapeXml(seed)}"`;
  const open = `<testcase ${names} time="${rest.wallSeconds}"`;
  if (outcome === 'valid') return `${open}/>`;
  const element = FAILED.has(outcome) ? 'failure' : 'error';
  const message = `${check}: ${cause}`;
  const body = `${message}\nreplay: ${command}\nkept: ${rest.runDir}`;
  const attributes = `type="${outcome}" message="${escapeXml(message)}"`;
  return `${open}><${element} ${attributes}>${escapeXml(body)}</${element}></testcase>`;
}
