import type { JSX } from 'preact';
import type { PageData } from '../page-data.ts';
import { clock, span } from '../virtual-time.ts';
import { bytes, count, speedUp, spells } from '../wording.ts';

type Report = PageData['report'];

/** The run in figures. */
export function Facts({ report }: PageData): JSX.Element {
  return (
    <dl class="facts">
      {figures(report).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function figures(report: Report): [string, string][] {
  const { summary } = report;
  const { operations, verifications } = summary;
  return [
    ['scale, preset', `${summary.scale}, ${summary.preset}`],
    ['seed', summary.seed],
    ['trace hash', summary.hash],
    ['simulated time', clock(summary.simulatedSeconds * 1e6)],
    ['wall time', `${span(summary.wallSeconds * 1e6)} (${speedUp(summary)})`],
    ['events', count(summary.events)],
    ['operations ok', count(operations.ok)],
    ['operations fail, info', `${count(operations.fail)}, ${count(operations.info)}`],
    ['verifications', `${verifications.ok} ok, ${verifications.failed} failed`],
    ['cluster', nodes(report)],
    ...clusterFigures(report),
    ...memoryFigures(report),
  ];
}

function nodes(report: Report): string {
  const of = (kind: string): number => report.nodes.filter((node) => node.kind === kind).length;
  return `${of('tidb')} TiDB, ${of('tikv')} TiKV, ${of('pd')} PD`;
}

function clusterFigures({ summary }: Report): [string, string][] {
  const c = summary.cluster;
  return [
    ['elections, leader transfers', `${c.elections}, ${c.leaderTransfers}`],
    ['splits, merges, moves', `${c.splits}, ${c.merges}, ${c.peerMoves}`],
    ['TSO outages', spells(c.withoutTso)],
    ['reads of other replicas', String(c.replicaReads)],
    ['regions whose leader died', spells(c.leaderless)],
  ];
}

/** A quota of 0 means that this run tracked no memory: nothing to say, rather than a zero. */
function memoryFigures({ summary }: Report): [string, string][] {
  const { memory } = summary;
  const harness: [string, string] = ['harness memory', bytes(summary.peakMemoryBytes)];
  if (memory.quota === 0) return [harness];
  const actions = Object.entries(memory.actions).map(([name, times]) => `${name} ${times}`);
  return [
    ['tracked memory, quota', `${bytes(memory.peakTracked)}, ${bytes(memory.quota)}`],
    ['memory actions', actions.length === 0 ? 'none' : actions.join(', ')],
    harness,
  ];
}
