import type { JSX } from 'preact';
import { ticksUs, type Viewport, xOf } from '../lanes.ts';
import { clock, clockMs } from '../virtual-time.ts';
import { TICK_GAP } from './frame.ts';
import { useCursor, type View } from './view.ts';

/** Where vertical lines begin, below the numbers of the axis. */
const LINE_TOP = 14;
/** Half the width kept free for the time under the pointer. */
const HALF_LABEL = 34;

interface LineProps {
  readonly viewport: Viewport;
  /** Height of the whole drawing in pixels. */
  readonly height: number;
}

/** Round moments along the top, each with a line through all lanes. */
export function TimeAxis({ viewport, height }: LineProps): JSX.Element {
  const marks = ticksUs(viewport, TICK_GAP);
  const fine = marks.length > 1 && (marks[1] as number) - (marks[0] as number) < 1_000_000;
  return (
    <g>
      {marks.map((at) => (
        <g key={at} transform={`translate(${xOf(viewport, at)},0)`}>
          <line y1={LINE_TOP} y2={height} stroke="var(--line)" />
          <text class="soft" y={11} text-anchor="middle">
            {fine ? clockMs(at) : clock(at)}
          </text>
        </g>
      ))}
    </g>
  );
}

/** The moment of the first violation, named. */
export function ViolationLine({
  viewport,
  height,
  atUs,
}: LineProps & { atUs: number }): JSX.Element | null {
  const x = xOf(viewport, atUs);
  if (x < 0 || x > viewport.width) return null;
  const rightHalf = x > viewport.width / 2;
  return (
    <g class="violation">
      <line x1={x} x2={x} y1={LINE_TOP} y2={height} stroke="var(--mark)" stroke-width={2} />
      <text x={rightHalf ? x - 6 : x + 6} y={29} text-anchor={rightHalf ? 'end' : 'start'}>
        first violation {clock(atUs)}
      </text>
    </g>
  );
}

/** The moment under the pointer, wherever on the page it is. */
export function CursorLine({
  view,
  viewport,
  height,
}: LineProps & { view: View }): JSX.Element | null {
  const cursor = useCursor(view);
  if (cursor === undefined) return null;
  const x = xOf(viewport, cursor);
  if (x < 0 || x > viewport.width) return null;
  const textX = Math.min(Math.max(x, HALF_LABEL), viewport.width - HALF_LABEL);
  return (
    <g pointer-events="none">
      <line x1={x} x2={x} y1={LINE_TOP} y2={height} stroke="var(--cursor)" />
      <rect x={textX - HALF_LABEL} width={2 * HALF_LABEL} height={LINE_TOP} fill="var(--paper)" />
      <text x={textX} y={11} text-anchor="middle">
        {clock(cursor)}
      </text>
    </g>
  );
}
