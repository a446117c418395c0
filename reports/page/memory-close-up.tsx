import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { StatementAct, TrackedBytes, WorstStatement } from '../../runner/report.ts';
import { clockMs, span } from '../virtual-time.ts';
import { bytes } from '../wording.ts';
import { GUTTER, RIGHT_EDGE } from './frame.ts';
import { logLine } from './log.tsx';
import { useWidth } from './view.ts';

/** Colour of each action, wherever it is drawn. */
export const ACTION_COLOURS: Readonly<Record<string, string>> = {
  'rate-limit': '--blue',
  delegate: '--purple',
  spill: '--green',
  'sort-spill': '--green',
  'agg-spill': '--green',
  log: '--soft',
  cancel: '--vermilion',
  'server-kill': '--mark',
};

const HEIGHT = 150;
const TOP = 18;
const BOTTOM = 22;

/** The statement that held most for its quota: its actions, its end, and who held the bytes. */
export function MemoryCloseUp({ worst }: { worst: WorstStatement }): JSX.Element {
  const { node, connection, beganUs, maxConsumed, quota, peak } = worst;
  const part = quota > 0 ? `, ${Math.floor((maxConsumed / quota) * 100)} % of its quota` : '';
  return (
    <div class="worst">
      <h3>
        Worst statement: {bytes(maxConsumed)}
        {part}
      </h3>
      <p class="soft">
        {node}, connection {connection}, from {clockMs(beganUs)} for {span(worst.endedUs - beganUs)}
        ; {endOf(worst)}
      </p>
      <pre>{worst.sql.trim()}</pre>
      {worst.actions.length > 0 && <Course worst={worst} />}
      <div class="pair">
        {worst.actions.length > 0 && <Acts worst={worst} />}
        {peak !== undefined && <Peak peak={peak} />}
      </div>
      {worst.logs.length > 0 && (
        <details>
          <summary>What {node} logged from the first action to the end</summary>
          <div class="log mono">{worst.logs.map(logLine)}</div>
        </details>
      )}
    </div>
  );
}

function endOf({ errorCode, errorText, maxDisk }: WorstStatement): string {
  const disk = maxDisk > 0 ? `${bytes(maxDisk)} on disk, ` : '';
  if (errorText === undefined) return `${disk}it succeeded`;
  const code = errorCode === undefined ? '' : `error ${errorCode}: `;
  return `${disk}it ended with ${code}${errorText}`;
}

/** Bytes at each action, from the first to the end. */
function Course({ worst }: { worst: WorstStatement }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  return (
    <div class="drawing" ref={box}>
      {width > 0 && (
        <CourseDrawing worst={worst} width={Math.max(80, width - GUTTER - RIGHT_EDGE)} />
      )}
    </div>
  );
}

function CourseDrawing({ worst, width }: { worst: WorstStatement; width: number }): JSX.Element {
  const { actions, quota, endedUs } = worst;
  const fromUs = actions[0]?.atUs ?? worst.beganUs;
  const most = Math.max(quota, ...actions.map(({ consumed }) => consumed)) * 1.1;
  const x = (atUs: number): number => ((atUs - fromUs) / Math.max(1, endedUs - fromUs)) * width;
  const y = (held: number): number => TOP + (1 - held / most) * (HEIGHT - TOP - BOTTOM);
  const line = actions.map(({ atUs, consumed }) => `${x(atUs)},${y(consumed)}`).join(' ');
  return (
    <svg
      width={GUTTER + width + RIGHT_EDGE}
      height={HEIGHT}
      role="img"
      aria-label="bytes at actions"
    >
      <g transform={`translate(${GUTTER},0)`}>
        <line x2={width} y1={y(0)} y2={y(0)} stroke="var(--line)" />
        <line x2={width} y1={y(quota)} y2={y(quota)} stroke="var(--ink)" stroke-dasharray="5 4" />
        <text class="soft" x={-10} y={y(quota) + 4} text-anchor="end">
          {bytes(quota)}
        </text>
        <text class="soft" x={-10} y={y(0) + 4} text-anchor="end">
          0
        </text>
        <polyline points={line} fill="none" stroke="var(--soft)" />
        {actions.map((act, i) => (
          <ActMark key={i} act={act} x={x(act.atUs)} y={y(act.consumed)} />
        ))}
        <text class="soft" y={HEIGHT - 6}>
          {clockMs(fromUs)}
        </text>
        <text class="soft" x={width} y={HEIGHT - 6} text-anchor="end">
          {clockMs(endedUs)}
        </text>
      </g>
    </svg>
  );
}

/** A dot, with the tokens that were left over it. */
function ActMark({ act, x, y }: { act: StatementAct; x: number; y: number }): JSX.Element {
  const { action, tokensLeft, atUs, consumed } = act;
  return (
    <g transform={`translate(${x},${y})`}>
      <title>
        {clockMs(atUs)} {action}, {bytes(consumed)}
      </title>
      <circle
        r={action === 'cancel' ? 5.5 : 4}
        fill={`var(${ACTION_COLOURS[action] ?? '--ink'})`}
      />
      {tokensLeft !== undefined && (
        <text class="soft" y={-8} text-anchor="middle">
          {tokensLeft}
        </text>
      )}
    </g>
  );
}

function Acts({ worst }: { worst: WorstStatement }): JSX.Element {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>at</th>
            <th>action</th>
            <th class="num">tokens</th>
            <th class="num">held</th>
            <th class="num">of quota</th>
          </tr>
        </thead>
        <tbody>
          {worst.actions.map((act, i) => (
            <ActRow key={i} act={act} quota={worst.quota} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ActRow({ act, quota }: { act: StatementAct; quota: number }): JSX.Element {
  const { atUs, action, tokensLeft, consumed } = act;
  return (
    <tr>
      <td class="tight">{clockMs(atUs)}</td>
      <td class="tight">
        <span style={{ color: `var(${ACTION_COLOURS[action] ?? '--ink'})` }}>●</span> {action}
      </td>
      <td class="num">{tokensLeft ?? ''}</td>
      <td class="num tight">{bytes(consumed)}</td>
      <td class="num tight">{Math.round((consumed / quota) * 100)} %</td>
    </tr>
  );
}

/** Who held the bytes when most were held: a bar for each tracker. */
function Peak({ peak }: { peak: TrackedBytes }): JSX.Element {
  return (
    <table class="peak">
      <thead>
        <tr>
          <th>at the peak</th>
          <th class="num">held</th>
          <th />
        </tr>
      </thead>
      <tbody>{rowsOf(peak, peak.consumed, 0)}</tbody>
    </table>
  );
}

function rowsOf(tracker: TrackedBytes, whole: number, depth: number): JSX.Element[] {
  const { name, consumed, children } = tracker;
  const part = whole > 0 ? (consumed / whole) * 100 : 0;
  return [
    <tr key={`${depth}/${name}`}>
      <td class="tight" style={{ paddingLeft: `${depth * 16}px` }}>
        {name}
      </td>
      <td class="num tight">{bytes(consumed)}</td>
      <td class="wide">
        <div class="bar" style={{ width: `${part}%` }} />
      </td>
    </tr>,
    ...children.flatMap((child) => rowsOf(child, whole, depth + 1)),
  ];
}
