import uPlot from 'uplot';
import { ticksUs } from '../lanes.ts';
import type { Backdrop } from '../page-data.ts';
import { clock, clockMs, span } from '../virtual-time.ts';
import { bytes } from '../wording.ts';
import { GUTTER, RIGHT_EDGE, TICK_GAP } from './frame.ts';
import { colour } from './theme.ts';
import type { View } from './view.ts';

/** One line of a chart; null where there is nothing to draw. */
export interface ChartLine {
  readonly name: string;
  /** Custom property of the style sheet that holds its colour. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  /** A bound rather than a measurement. */
  readonly dashed?: boolean;
}

/** Something that happened, drawn as a dot. */
export interface ChartMark {
  readonly atUs: number;
  readonly value: number;
  readonly colour: string;
}

/**
 * What a chart shows. `rate` counts per second from 0; `latency` is in µs on a logarithmic scale;
 * `bytes` begin at 0.
 */
export interface ChartSpec {
  readonly name: string;
  readonly kind: 'rate' | 'latency' | 'bytes';
  readonly atUs: readonly number[];
  /** Whether each value holds from its time to the next one's, as a count of a bucket does. */
  readonly stepped: boolean;
  readonly lines: readonly ChartLine[];
  /** Drawn over the lines. */
  readonly marks?: readonly ChartMark[];
  /** What the scale must reach at least, so that charts side by side compare. */
  readonly reach?: number;
}

/** How a value is written, by kind. */
const WRITTEN: Readonly<Record<ChartSpec['kind'], (value: number) => string>> = {
  rate: String,
  latency: span,
  bytes,
};

const HEIGHT = 170;
/** Below this many points each one is drawn as a dot: a line through few points would invent. */
const DOT_LIMIT = 240;

/** Draws a chart into `box`, tied to the view the page shares; returns what undoes it. */
export function createChart(
  box: HTMLElement,
  width: number,
  spec: ChartSpec,
  report: Backdrop,
  view: View,
  legend: HTMLElement,
): () => void {
  const data = [spec.atUs, ...spec.lines.map((line) => line.values)] as uPlot.AlignedData;
  const plot = new uPlot(options(width, spec, report, view, legend), data, box);
  const stopRange = view.onRange(() => showRange(plot, view));
  const stopCursor = view.onCursor(() => showCursor(plot, view));
  showRange(plot, view);
  const reset = (): void => view.show(view.whole);
  plot.over.addEventListener('dblclick', reset);
  const leave = (): void => view.point(undefined);
  plot.over.addEventListener('mouseleave', leave);
  return () => {
    stopRange();
    stopCursor();
    plot.destroy();
  };
}

function showRange(plot: uPlot, view: View): void {
  plot.setScale('x', { min: view.range.fromUs, max: view.range.toUs });
}

/** Puts the chart's own cursor where another drawing's is; without telling the view again. */
function showCursor(plot: uPlot, view: View): void {
  const left = view.cursorUs === undefined ? -10 : plot.valToPos(view.cursorUs, 'x');
  plot.setCursor({ left, top: -10 }, false);
}

function options(
  width: number,
  spec: ChartSpec,
  report: Backdrop,
  view: View,
  legend: HTMLElement,
): uPlot.Options {
  const latency = spec.kind === 'latency';
  const { fromUs, toUs } = view.range;
  return {
    width,
    height: HEIGHT,
    padding: [8, RIGHT_EDGE, 0, 0],
    scales: {
      x: { time: false, auto: false, min: fromUs, max: toUs },
      y: latency
        ? { distr: 3, log: 10 }
        : { range: (_u, _min, max) => [0, Math.max(max, highest(spec), 0.95) * 1.05] },
    },
    axes: [timeAxis(width - GUTTER - RIGHT_EDGE), axisOf(spec.kind)],
    series: [
      { label: 'at', value: (_u, at) => (at === null ? '–' : clock(at)) },
      ...spec.lines.map((line) => toSeries(line, spec)),
    ],
    legend: { mount: (_u, table) => legend.append(table) },
    cursor: { y: false, drag: { x: true, y: false, setScale: false } },
    hooks: {
      drawClear: [(u) => drawFaults(u, report)],
      draw: [(u) => drawMarks(u, spec.marks ?? []), (u) => drawViolation(u, report)],
      setSelect: [(u) => takeSelection(u, view)],
      setCursor: [(u) => takeCursor(u, view)],
    },
  };
}

function highest({ marks = [], reach = 0 }: ChartSpec): number {
  return marks.reduce((most, { value }) => Math.max(most, value), reach);
}

function toSeries(line: ChartLine, { kind, stepped }: ChartSpec): uPlot.Series {
  const steps = stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  const measured = line.values.filter((value) => value !== null).length;
  return {
    label: line.name,
    stroke: colour(line.colour),
    width: 1.25,
    ...(line.dashed === true ? { dash: [5, 4] } : {}),
    ...(steps === undefined ? {} : { paths: steps }),
    points: { show: !stepped && measured <= DOT_LIMIT, size: 5 },
    value: (_u, value) => (value === null ? '–' : WRITTEN[kind](value)),
  };
}

function axisLook(): Partial<uPlot.Axis> {
  return {
    stroke: colour('--soft'),
    font: '11.5px system-ui, sans-serif',
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1, size: 4 },
  };
}

function timeAxis(width: number): uPlot.Axis {
  return {
    ...axisLook(),
    size: 28,
    splits: (_u, _axis, fromUs, toUs) => ticksUs({ fromUs, toUs, width }, TICK_GAP),
    values: (_u, splits) => {
      const step = (splits[1] ?? 0) - (splits[0] ?? 0);
      return splits.map((at) => (splits.length > 1 && step < 1e6 ? clockMs(at) : clock(at)));
    },
  };
}

function rateAxis(): uPlot.Axis {
  return { ...axisLook(), size: GUTTER };
}

function bytesAxis(): uPlot.Axis {
  return {
    ...axisLook(),
    size: GUTTER,
    incrs: Array.from({ length: 40 }, (_, power) => 2 ** power),
    values: (_u, splits) => splits.map((value) => bytes(value)),
  };
}

function axisOf(kind: ChartSpec['kind']): uPlot.Axis {
  if (kind === 'latency') return latencyAxis();
  return kind === 'bytes' ? bytesAxis() : rateAxis();
}

/** Marks and lines at whole powers of ten only: between them a logarithmic grid is only noise. */
function latencyAxis(): uPlot.Axis {
  const decades = (_u: uPlot, splits: number[]): (number | null)[] =>
    splits.map((value) =>
      Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6) ? value : null,
    );
  const look = axisLook();
  return {
    ...look,
    size: GUTTER,
    filter: decades,
    grid: { ...look.grid, filter: decades },
    ticks: { ...look.ticks, filter: decades },
    values: (_u, splits) => splits.map((value) => (value === null ? '' : decade(value))),
  };
}

/** A power of ten of µs in one unit: `10 ms`, `1000 s`. */
function decade(us: number): string {
  if (us < 1e3) return `${us} µs`;
  return us < 1e6 ? `${us / 1e3} ms` : `${us / 1e6} s`;
}

/** Bands behind the lines, one for each fault that took effect, as wide as it lasted. */
function drawFaults(u: uPlot, report: Backdrop): void {
  const { left, top, width, height } = u.bbox;
  u.ctx.save();
  u.ctx.fillStyle = colour('--band');
  for (const fault of report.faults) {
    if (!fault.tookEffect) continue;
    const from = Math.max(left, u.valToPos(fault.atUs, 'x', true));
    const to = Math.min(left + width, u.valToPos(fault.untilUs, 'x', true));
    if (to > from) u.ctx.fillRect(from, top, to - from, height);
  }
  u.ctx.restore();
}

/** A dot for each mark. */
function drawMarks(u: uPlot, marks: readonly ChartMark[]): void {
  const { left, width } = u.bbox;
  const radius = 3 * devicePixelRatio;
  u.ctx.save();
  for (const mark of marks) {
    const x = u.valToPos(mark.atUs, 'x', true);
    if (x < left || x > left + width) continue;
    u.ctx.fillStyle = colour(mark.colour);
    u.ctx.beginPath();
    u.ctx.arc(x, u.valToPos(mark.value, 'y', true), radius, 0, 2 * Math.PI);
    u.ctx.fill();
  }
  u.ctx.restore();
}

/** A line through the moment of the first violation. */
function drawViolation(u: uPlot, report: Backdrop): void {
  if (report.firstViolation === undefined) return;
  const { left, top, width, height } = u.bbox;
  const x = u.valToPos(report.firstViolation.atUs, 'x', true);
  if (x < left || x > left + width) return;
  const thickness = 2 * devicePixelRatio;
  u.ctx.save();
  u.ctx.fillStyle = colour('--mark');
  u.ctx.fillRect(x - thickness / 2, top, thickness, height);
  u.ctx.restore();
}

/** The stretch dragged over becomes the stretch that every drawing shows. */
function takeSelection(u: uPlot, view: View): void {
  const { left, width } = u.select;
  if (width <= 0) return;
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  view.show({ fromUs: u.posToVal(left, 'x'), toUs: u.posToVal(left + width, 'x') });
}

function takeCursor(u: uPlot, view: View): void {
  const left = u.cursor.left ?? -1;
  if (left >= 0) view.point(u.posToVal(left, 'x'));
}
