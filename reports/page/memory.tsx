import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { MemoryReport, MemorySummary } from '../../runner/report.ts';
import { levelRows } from '../memory-levels.ts';
import type { Backdrop, PageData } from '../page-data.ts';
import { bytes, count } from '../wording.ts';
import type { ChartLine, ChartMark, ChartSpec } from './chart.ts';
import { Chart } from './charts.tsx';
import { ACTION_COLOURS, MemoryCloseUp } from './memory-close-up.tsx';
import type { View } from './view.ts';

/** Colours of the nodes' lines, in their order; those of the actions stay free. */
const NODE_COLOURS = ['--blue', '--green', '--node', '--soft'];

/** What statements held against their quota, what was done about it, and the worst of them. */
export function Memory({ report, view }: PageData & { view: View }): JSX.Element | null {
  const { memory } = report;
  if (memory === undefined) return null;
  return (
    <section id="memory">
      <div class="head">
        <h2>Memory</h2>
        <span class="soft">
          Quota of most statements {bytes(memory.quota)}; <Counts {...report.summary.memory} />
          {thinned(memory)}
        </span>
      </div>
      <Levels memory={memory} report={report} view={view} reach={0} />
      {memory.worst !== undefined && <MemoryCloseUp worst={memory.worst} />}
    </section>
  );
}

/** Each action and how often it was taken, in the colour of its dots. */
export function Counts({ actions }: MemorySummary): JSX.Element {
  const counts = Object.entries(actions);
  if (counts.length === 0) return <>no action was taken</>;
  return (
    <>
      {counts.map(([name, times]) => (
        <span key={name} class="count">
          <span style={{ color: `var(${ACTION_COLOURS[name] ?? '--ink'})` }}>●</span> {name}{' '}
          {count(times)}
        </span>
      ))}
    </>
  );
}

function thinned({ actions, actionsMeasured }: MemoryReport): string {
  if (actions.length === actionsMeasured) return '';
  return `(${count(actions.length)} of ${count(actionsMeasured)} drawn)`;
}

interface LevelsProps {
  readonly memory: MemoryReport;
  readonly report: Backdrop;
  readonly view: View;
  /** Bytes that the scale reaches at least. */
  readonly reach: number;
}

/** A quota so many times higher than all that was held would leave nothing else to be seen. */
const FAR_ABOVE = 8;

/** What the nodes' sessions held over the run, against the quota, and each action. */
export function Levels({ memory, report, view, reach }: LevelsProps): JSX.Element {
  const spec = useMemo(() => ({ ...levels(memory), reach }), [memory, reach]);
  return <Chart spec={spec} report={report} view={view} />;
}

function levels(memory: MemoryReport): ChartSpec {
  const { atUs, nodes } = levelRows(memory);
  const lines: ChartLine[] = nodes.map(({ node, values }, i) => ({
    name: node,
    colour: NODE_COLOURS[i % NODE_COLOURS.length] as string,
    values,
  }));
  const held = [...memory.levels, ...memory.actions].map(({ consumed }) => consumed);
  const most = held.reduce((a, b) => Math.max(a, b), 0);
  if (memory.quota <= most * FAR_ABOVE) {
    const quota = { name: 'quota of one statement', colour: '--ink', dashed: true };
    lines.push({ ...quota, values: atUs.map(() => memory.quota) });
  }
  const seconds = memory.levelUs / 1e6;
  return {
    name: `tracked bytes: most in each ${seconds} s`,
    kind: 'bytes',
    atUs,
    stepped: true,
    lines,
    marks: memory.actions.map(
      ({ atUs: at, action, consumed }): ChartMark => ({
        atUs: at,
        value: consumed,
        colour: ACTION_COLOURS[action] ?? '--ink',
      }),
    ),
  };
}
