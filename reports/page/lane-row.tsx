import type { JSX } from 'preact';
import type { Band, Span } from '../lanes.ts';
import type { FaultSpan, Lane } from '../timeline-lanes.ts';
import { clockMs } from '../virtual-time.ts';

/** Height of one row of bands, in pixels. */
export const ROW_HEIGHT = 19;
/** Mean width of a character of the labels, in pixels; an estimate is enough to avoid overlaps. */
export const CHAR_WIDTH = 6.2;

/** A lane with its bands in place. */
export interface LaneBands extends Pick<Lane, 'name' | 'isNode'> {
  readonly bands: readonly Band[];
}

/** One lane: its name, a bar while its node runs, and what was done to it. */
export function LaneRow({
  name,
  isNode,
  bands,
  y,
  width,
}: LaneBands & { y: number; width: number }): JSX.Element {
  return (
    <g transform={`translate(0,${y})`}>
      <text class="soft" x={-10} y={13} text-anchor="end">
        {name}
      </text>
      {isNode && <rect y={7} width={width} height={5} fill="var(--node)" />}
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
  const { span, x, width, labelX } = band;
  const y = band.row * ROW_HEIGHT + 2;
  const fault = isFault(span) ? span : undefined;
  return (
    <g>
      <title>{story(span)}</title>
      {fault?.down && <rect x={x} width={width} y={y} height={15} fill="var(--paper)" />}
      <rect
        x={x}
        width={width}
        y={y + 0.5}
        height={14}
        fill={fault ? 'var(--band)' : 'var(--raised)'}
        stroke={fault ? 'var(--vermilion)' : 'var(--soft)'}
        stroke-dasharray={fault && !fault.fault.tookEffect ? '3 2' : undefined}
      />
      {labelX !== undefined && (
        <text class={labelX > x + width ? 'outside' : ''} x={labelX} y={y + 11.5}>
          {span.label}
        </text>
      )}
    </g>
  );
}

/** What the pointer is told over a band. */
function story(span: Span): string {
  const when = `${clockMs(span.fromUs)} to ${clockMs(span.untilUs)}`;
  if (!isFault(span)) return `${span.label}\n${when}`;
  const { fault } = span;
  const healed = fault.healed ? 'healed' : 'not healed';
  const effect = fault.tookEffect ? 'took effect' : 'did not take effect';
  const told = `${fault.nemesis}: ${fault.fault} ${fault.target}\n${when}\n${effect}, ${healed}`;
  return fault.note === '' ? told : `${told}\n${fault.note}`;
}
