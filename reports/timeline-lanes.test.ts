import { describe, expect, it } from 'vitest';
import type { FaultRecord } from '../nemesis/fault.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { toPageData } from './page-data.ts';
import { type TimelineSource, toLanes } from './timeline-lanes.ts';

const KILL: FaultRecord = {
  ...{ atUs: 60_000_000, untilUs: 120_000_000 },
  ...{ nemesis: 'random_kill', fault: 'kill', target: 'tikv-0' },
  ...{ hit: 'tikv-0', tookEffect: true, crowdedOut: false },
  ...{ healed: true, effect: '', note: '' },
};

const QUIET: TimelineSource = {
  nodes: [{ name: 'tikv-0', kind: 'tikv' }],
  faults: [],
  operations: [],
  phases: [],
};

describe('the lanes of the timeline', () => {
  it('are the nodes alone when nothing else is to be told', () => {
    expect(toLanes(QUIET)).toEqual([{ name: 'tikv-0', isNode: true, spans: [] }]);
  });

  it('show a node as down only while a kill was in effect', () => {
    const faults = [KILL, { ...KILL, tookEffect: false }, { ...KILL, fault: 'skew' }];
    const [lane] = toLanes({ ...QUIET, faults });
    expect(lane?.spans.map((span) => span.look)).toEqual(['down', 'missed', 'fault']);
  });

  it('show a fault that hit no single node in a lane of its own', () => {
    const lanes = toLanes({ ...QUIET, faults: [{ ...KILL, target: 'tikv', hit: 'tikv' }] });
    expect(lanes.map((lane) => lane.name)).toEqual(['tikv-0', 'cluster']);
  });

  it('tell the pointer the whole story of a fault', () => {
    const faults = [{ ...KILL, healed: false, note: 'it did not come back' }];
    const [lane] = toLanes({ ...QUIET, faults });
    expect(lane?.spans[0]?.hint.split('\n')).toEqual([
      'random_kill: kill tikv-0',
      '0:01:00.000 to 0:02:00.000',
      'took effect, not healed',
      'it did not come back',
    ]);
  });

  it('end with the operations that matter and the phases', () => {
    const { report, keyOperations } = toPageData(sampleReport({ verdict: 'invalid' }));
    const lanes = toLanes({ ...report, operations: keyOperations });
    const [operations, phases] = lanes.slice(-2);
    expect(operations?.spans.map((span) => span.label)).toEqual(['#41234', '#41987']);
    expect(phases?.spans.map((span) => span.label)).toEqual(['setup', 'safety', 'liveness']);
  });
});
