import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { layBands, type Viewport } from '../lanes.ts';
import type { PageData } from '../page-data.ts';
import { toLanes } from '../timeline-lanes.ts';
import { useZoomDrag } from './drag.ts';
import { GUTTER, RIGHT_EDGE } from './frame.ts';
import { CHAR_WIDTH, type LaneBands, LaneRow, ROW_HEIGHT } from './lane-row.tsx';
import { CursorLine, TimeAxis, ViolationLine } from './time-lines.tsx';
import { useRange, useWidth, type View } from './view.ts';

/** Height of the axis, in pixels, and of the line below it that names the first violation. */
const AXIS_HEIGHT = 20;
const FLAG_HEIGHT = 16;

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

function Drawing({ view, width, ...data }: PageData & { view: View; width: number }): JSX.Element {
  const viewport: Viewport = { ...useRange(view), width };
  const drag = useZoomDrag(view, viewport);
  const violationUs = data.report.firstViolation?.atUs;
  const top = AXIS_HEIGHT + (violationUs === undefined ? 0 : FLAG_HEIGHT);
  const { rows, height } = stack(allLanes(data, viewport), top);
  const lines = { viewport, height };
  return (
    <svg
      {...drag.handlers}
      width={GUTTER + width + RIGHT_EDGE}
      height={height}
      role="img"
      aria-label="timeline of nodes and faults"
    >
      <g transform={`translate(${GUTTER},0)`}>
        <rect width={width} height={height} fill="transparent" />
        <TimeAxis {...lines} />
        {rows.map(({ y, ...row }) => (
          <LaneRow key={row.name} {...row} y={y} width={width} />
        ))}
        {violationUs !== undefined && <ViolationLine {...lines} atUs={violationUs} />}
        {drag.selection !== undefined && (
          <rect {...drag.selection} height={height} fill="var(--band)" />
        )}
        <CursorLine {...lines} view={view} />
      </g>
    </svg>
  );
}

function allLanes({ report, keyOperations }: PageData, viewport: Viewport): LaneBands[] {
  return toLanes({ ...report, operations: keyOperations }).map(({ name, isNode, spans }) => ({
    name,
    isNode,
    bands: layBands(spans, viewport, CHAR_WIDTH),
  }));
}

/** Lanes one below the other, each as high as its rows of bands. */
function stack(
  lanes: readonly LaneBands[],
  top: number,
): { rows: (LaneBands & { y: number })[]; height: number } {
  let y = top;
  const rows = lanes.map((lane) => {
    const placed = { ...lane, y };
    y += ROW_HEIGHT * Math.max(1, ...lane.bands.map((band) => band.row + 1));
    return placed;
  });
  return { rows, height: y + 4 };
}
