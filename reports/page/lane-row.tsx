import type { JSX } from 'preact';
import type { Band } from '../lanes.ts';
import type { Lane, LaneSpan } from '../timeline-lanes.ts';

/** Height of one row of bands, in pixels. */
export const ROW_HEIGHT = 19;
/** Mean width of a character of the labels, in pixels; an estimate is enough to avoid overlaps. */
export const CHAR_WIDTH = 6.2;

/** A lane with its bands in place. */
export interface LaneBands extends Pick<Lane, 'name' | 'isNode'> {
  readonly bands: readonly Band<LaneSpan>[];
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

function BandShape({ band }: { band: Band<LaneSpan> }): JSX.Element {
  const { span, x, width, labelX } = band;
  const y = band.row * ROW_HEIGHT + 2;
  const plain = span.look === 'plain';
  return (
    <g>
      <title>{span.hint}</title>
      {span.look === 'down' && <rect x={x} width={width} y={y} height={15} fill="var(--paper)" />}
      <rect
        x={x}
        width={width}
        y={y + 0.5}
        height={14}
        fill={plain ? 'var(--raised)' : 'var(--band)'}
        stroke={plain ? 'var(--soft)' : 'var(--vermilion)'}
        stroke-dasharray={span.look === 'missed' ? '3 2' : undefined}
      />
      {labelX !== undefined && (
        <text class={labelX > x + width ? 'outside' : ''} x={labelX} y={y + 11.5}>
          {span.label}
        </text>
      )}
    </g>
  );
}
