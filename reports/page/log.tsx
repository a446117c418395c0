import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { LogLine } from '../../runner/report.ts';
import type { PageData } from '../page-data.ts';
import { clock, clockMs } from '../virtual-time.ts';

/** What the nodes logged around the first violation, with its moment marked. */
export function Log({ report }: PageData): JSX.Element | null {
  const box = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current === null || mark.current === null) return;
    box.current.scrollTop = mark.current.offsetTop - box.current.offsetTop - 120;
  }, []);
  const violation = report.firstViolation;
  if (violation === undefined) return null;
  const before = violation.logs.filter((log) => log.atUs <= violation.atUs);
  const after = violation.logs.slice(before.length);
  const omitted = violation.logsOmitted;
  return (
    <section>
      <div class="head">
        <h2>Log around the first violation</h2>
        <span class="soft">
          {clock(violation.fromUs)} to {clock(violation.untilUs)}
          {omitted > 0 && `, ${omitted} lines left out (all are in the run folder)`}
        </span>
      </div>
      <div class="log mono" ref={box}>
        {before.map(logLine)}
        <div class="here" ref={mark}>
          {clockMs(violation.atUs)} {violation.check}
        </div>
        {after.map(logLine)}
      </div>
    </section>
  );
}

/** A line of a log, with its time and its node. */
export function logLine(log: LogLine, i: number): JSX.Element {
  return (
    <div key={i}>
      <span class="soft">{clockMs(log.atUs)}</span>
      <span class="soft">{log.node}</span>
      <span>{log.line}</span>
    </div>
  );
}
