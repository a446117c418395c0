import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Backdrop, bucketNumbers, type PageData, type PageSeries } from '../page-data.ts';
import { count } from '../wording.ts';
import { type ChartSpec, createChart } from './chart.ts';
import { useTheme } from './theme.ts';
import { useWidth, type View } from './view.ts';

/** Throughput and latency of one kind of operation, which the reader chooses. */
export function Charts({
  report,
  operations,
  view,
}: PageData & { view: View }): JSX.Element | null {
  const [chosen, choose] = useState(busiest(operations));
  const series = operations[chosen];
  if (series === undefined) return <p class="soft">No operation completed.</p>;
  return (
    <div>
      <div class="head picker">
        {operations.map((one, i) => (
          <button key={one.f} type="button" aria-pressed={i === chosen} onClick={() => choose(i)}>
            {one.f}
          </button>
        ))}
        {isThinned(series) && (
          <span class="soft">
            {count(series.bucketDeltas.length)} of {count(series.bucketsMeasured)} measured points
            drawn: every peak, and all around the first violation
          </span>
        )}
      </div>
      <ChartPair report={report} series={series} view={view} />
    </div>
  );
}

/** The kind with most completions: what a reader wants to see first. */
function busiest(operations: readonly PageSeries[]): number {
  const totals = operations.map((one) => one.ok.reduce((sum, rate) => sum + rate, 0));
  return Math.max(0, totals.indexOf(Math.max(...totals)));
}

interface ChartPairProps {
  readonly report: PageData['report'];
  readonly series: PageSeries;
  readonly view: View;
}

function ChartPair({ report, series, view }: ChartPairProps): JSX.Element {
  const specs = useMemo(() => [throughput(series), latency(series)], [series]);
  return (
    <>
      {specs.map((spec) => (
        <Chart key={spec.name} spec={spec} report={report} view={view} />
      ))}
    </>
  );
}

/** The moment of each row: `within` says where in its bucket, 0 its beginning, 0.5 its middle. */
function moments(series: PageSeries, within: number): number[] {
  return bucketNumbers(series.bucketDeltas).map((bucket) => (bucket + within) * series.bucketUs);
}

function isThinned(series: PageSeries): boolean {
  return series.bucketDeltas.length < series.bucketsMeasured;
}

function throughput(series: PageSeries): ChartSpec {
  return {
    name: `${series.f}: completed per second`,
    kind: 'rate',
    atUs: moments(series, 0),
    stepped: !isThinned(series),
    lines: [
      { name: 'ok', colour: '--blue', values: series.ok },
      { name: 'fail', colour: '--vermilion', values: series.fail },
      { name: 'info', colour: '--purple', values: series.info },
    ],
  };
}

function latency(series: PageSeries): ChartSpec {
  return {
    name: `${series.f}: latency of ok, logarithmic`,
    kind: 'latency',
    atUs: moments(series, 0.5),
    stepped: false,
    lines: [
      { name: 'median', colour: '--blue', values: series.p50Us },
      { name: 'p99', colour: '--green', values: series.p99Us },
      { name: 'longest', colour: '--purple', values: series.maxUs },
    ],
  };
}

/** A chart, and what is drawn behind it. */
interface ChartProps {
  readonly spec: ChartSpec;
  readonly report: Backdrop;
  readonly view: View;
}

/** One chart with its name and its legend. */
export function Chart({ spec, report, view }: ChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const theme = useTheme();
  // The canvas is drawn in the colours of the theme, so a change of theme makes a new one.
  useEffect(() => {
    if (box.current === null || legend.current === null || width === 0) return undefined;
    return createChart(box.current, width, spec, report, view, legend.current);
  }, [spec, report, view, theme, width]);
  return (
    <div class="chart">
      <div class="name">
        {spec.name}
        <div ref={legend} />
      </div>
      <div ref={box} />
    </div>
  );
}
