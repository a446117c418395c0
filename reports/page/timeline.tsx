import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { type Band, layBands, type Span, ticksUs, type Viewport, xOf } from '../lanes.ts';
import type { PageData } from '../page-data.ts';
import { type FaultSpan, type Lane, toLanes } from '../timeline-lanes.ts';
import { clock, clockMs } from '../virtual-time.ts';
import { useZoomDrag } from './drag.ts';
import { GUTTER, RIGHT_EDGE } from './frame.ts';
import { useCursor, useRange, useWidth, type View } from './view.ts';

const AXIS_HEIGHT = 20;
const ROW_HEIGHT = 19;
/** Mean width of a character of the labels, in pixels; an estimate is enough to avoid overlaps. */
const CHAR_WIDTH = 6.2;
/** Least distance of two marks of the axis, in pixels. */
const TICK_GAP = 90;

/** Nodes over time: up, down, under which fault; and the operations that matter. */
export function Timeline(props: PageData & { view: View }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  return (
    <div class="drawing" ref={box}>
      {width > 0 && <Drawing {...props} width={Math.max(80, width - GUTTER - RIGHT_EDGE)} />}
    </div>
  );
}

function Drawing({ report, keyOperations, view, width }: PageData & { view: View; width: number }) {
  const range = useRange(view);
  const viewport: Viewport = { ...range, width };
  const faultLanes = toLanes(report.nodes, report.faults);
  const rows = stack([
    ...faultLanes.map((lane) => ({ lane, bands: layBands(lane.spans, viewport, CHAR_WIDTH) })),
    ...spanLane('operations', operationSpans(keyOperations), viewport),
    ...spanLane('phase', phaseSpans(report), viewport),
  ]);
  const height = AXIS_HEIGHT + rows.height;
  const drag = useZoomDrag(view, viewport);
  return (
    <svg width={GUTTER + width + RIGHT_EDGE} height={height} role="img" aria-label="timeline">
      <g transform={`translate(${GUTTER},0)`}>
        <Axis viewport={viewport} height={height} />
        {rows.lanes.map((row) => (
          <LaneRow key={row.lane.name} {...row} width={width} />
        ))}
        <ViolationLine report={report} viewport={viewport} height={height} />
        {drag.selection !== undefined && (
          <rect
            x={drag.selection.x}
            width={drag.selection.width}
            y={0}
            {...{ height }}
            fill="var(--band)"
          />
        )}
        <CursorLine view={view} viewport={viewport} height={height} />
        <rect
          {...drag.handlers}
          width={width}
          height={height}
          fill="transparent"
          cursor="crosshair"
        >
          <title>Drag to zoom, double-click for the whole run</title>
        </rect>
        {rows.lanes.map((row) => (
          <Hints key={row.lane.name} {...row} drag={drag.handlers} />
        ))}
      </g>
    </svg>
  );
}

interface LaneBands {
  readonly lane: Pick<Lane, 'name' | 'isNode'>;
  readonly bands: readonly Band[];
}

interface PlacedLane extends LaneBands {
  readonly y: number;
}

function stack(lanes: readonly LaneBands[]): { lanes: PlacedLane[]; height: number } {
  let y = AXIS_HEIGHT;
  const placed = lanes.map((lane) => {
    const at = y;
    y += ROW_HEIGHT * Math.max(1, ...lane.bands.map((band) => band.row + 1));
    return { ...lane, y: at };
  });
  return { lanes: placed, height: y - AXIS_HEIGHT + 4 };
}

function spanLane(name: string, spans: readonly Span[], viewport: Viewport): LaneBands[] {
  if (spans.length === 0) return [];
  return [{ lane: { name, isNode: false }, bands: layBands(spans, viewport, CHAR_WIDTH) }];
}

function operationSpans(operations: PageData['keyOperations']): Span[] {
  return operations.map((op) => ({
    fromUs: op.invokedAtUs,
    untilUs: op.completedAtUs,
    label: `#${op.index} ${op.f} ${op.outcome}`,
  }));
}

function phaseSpans(report: PageData['report']): Span[] {
  return report.phases.map((phase) => ({ ...phase, label: phase.name }));
}

function Axis({ viewport, height }: { viewport: Viewport; height: number }): JSX.Element {
  const marks = ticksUs(viewport, TICK_GAP);
  const fine = marks.length > 1 && (marks[1] as number) - (marks[0] as number) < 1_000_000;
  return (
    <g>
      {marks.map((at) => (
        <g key={at} transform={`translate(${xOf(viewport, at)},0)`}>
          <line y1={14} y2={height} stroke="var(--line)" />
          <text class="soft" y={11} text-anchor="middle">
            {fine ? clockMs(at) : clock(at)}
          </text>
        </g>
      ))}
    </g>
  );
}

function LaneRow({ lane, bands, y, width }: PlacedLane & { width: number }): JSX.Element {
  return (
    <g transform={`translate(0,${y})`}>
      <text class="soft" x={-10} y={13} text-anchor="end">
        {lane.name}
      </text>
      {lane.isNode && <rect y={6} width={width} height={7} fill="var(--node)" />}
      {bands.map((band, i) => (
        <BandShape key={i} band={band} />
      ))}
    </g>
  );
}

function isFault(span: Span): span is FaultSpan {
  return 'fault' in span;
}

function BandShape({ band }: { band: Band }): JSX.Element {
  const { span, x, width } = band;
  const y = band.row * ROW_HEIGHT + 2;
  const fault = isFault(span);
  return (
    <g>
      {fault && span.down && <rect {...{ x, width }} y={y} height={15} fill="var(--paper)" />}
      <rect
        {...{ x, width }}
        y={y + 0.5}
        height={14}
        fill={fault ? 'var(--band)' : 'var(--raised)'}
        stroke={fault ? 'var(--vermilion)' : 'var(--line)'}
        stroke-dasharray={fault && !span.fault.tookEffect ? '3 2' : undefined}
      />
      {band.labelled && (
        <text x={x + 4} y={y + 11.5}>
          {span.label}
        </text>
      )}
    </g>
  );
}

/** Invisible shapes above everything, so that each band answers the pointer with its full story. */
function Hints({ bands, y, drag }: PlacedLane & { drag: object }): JSX.Element {
  return (
    <g transform={`translate(0,${y})`}>
      {bands.map((band, i) => (
        <rect
          key={i}
          {...drag}
          x={band.x}
          width={band.width}
          y={band.row * ROW_HEIGHT + 2}
          height={15}
          fill="transparent"
        >
          <title>{story(band.span)}</title>
        </rect>
      ))}
    </g>
  );
}

function story(span: Span): string {
  const when = `${clockMs(span.fromUs)} to ${clockMs(span.untilUs)}`;
  if (!isFault(span)) return `${span.label}\n${when}`;
  const { fault } = span;
  const healed = fault.healed ? 'healed' : 'not healed';
  const effect = fault.tookEffect ? 'took effect' : 'did not take effect';
  const told = `${fault.nemesis}: ${fault.fault} ${fault.target}\n${when}\n${effect}, ${healed}`;
  return fault.note === '' ? told : `${told}\n${fault.note}`;
}

interface LineProps {
  readonly viewport: Viewport;
  readonly height: number;
}

function ViolationLine({ report, viewport, height }: LineProps & Pick<PageData, 'report'>) {
  const first = report.firstViolation;
  if (first === undefined) return null;
  const x = xOf(viewport, first.atUs);
  if (x < 0 || x > viewport.width) return null;
  return (
    <line x1={x} x2={x} y1={14} y2={height} stroke="var(--mark)" stroke-width={2}>
      <title>first violation</title>
    </line>
  );
}

function CursorLine({ view, viewport, height }: LineProps & { view: View }): JSX.Element | null {
  const cursor = useCursor(view);
  if (cursor === undefined) return null;
  const x = xOf(viewport, cursor);
  if (x < 0 || x > viewport.width) return null;
  const half = 34;
  const textX = Math.min(Math.max(x, half), viewport.width - half);
  return (
    <g pointer-events="none">
      <line x1={x} x2={x} y1={14} y2={height} stroke="var(--cursor)" />
      <rect x={textX - half} width={2 * half} height={14} fill="var(--paper)" />
      <text x={textX} y={11} text-anchor="middle">
        {clock(cursor)}
      </text>
    </g>
  );
}
