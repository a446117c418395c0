import type { VerdictKind } from '../checker/checker.ts';
import type { FaultRecord, PlannedFault } from '../nemesis/fault.ts';
import type {
  MemoryReport,
  OperationSeries,
  Phase,
  ReportedNode,
  RunReport,
  TrackedBytes,
} from '../runner/report.ts';

/**
 * Invented runs for tests of the renderings: plausible, complete, the same each time. They come
 * from no cluster.
 */

const SECOND_US = 1_000_000;
const HOUR_US = 3600 * SECOND_US;
const MIB = 2 ** 20;

/** What a sample is about. */
export interface SampleOptions {
  readonly verdict: VerdictKind;
  /** Default 1. */
  readonly hours?: number;
  /** Length of a bucket of the series in seconds. Default 10. */
  readonly bucketSeconds?: number;
}

/** A run report of the asked verdict. */
export function sampleReport({ verdict, hours = 1, bucketSeconds = 10 }: SampleOptions): RunReport {
  const endUs = hours * HOUR_US;
  const plan = samplePlan(endUs);
  const faults = plan.map((planned, i) => sampleRecord(planned, i));
  const operations = [
    sampleSeries('transfer', endUs, bucketSeconds, faults, 200),
    sampleSeries('verify', endUs, bucketSeconds, faults, 0.02),
  ];
  const violationUs = Math.floor(endUs * 0.62) + 123_456;
  const cause = CAUSES[verdict];
  const checks = sampleChecks(verdict, cause, violationUs);
  return {
    summary: sampleSummary(verdict, cause, hours, checks),
    configuration: [
      { name: 'run-time', value: `${hours}h` },
      { name: 'accounts', value: '18750' },
      { name: 'concurrency', value: '200' },
      { name: 'nemesis', value: 'random_kill' },
    ],
    versions: { wavetank: '0.1.0', node: '20.20.2' },
    nodes: NODES,
    phases: samplePhases(endUs),
    plan,
    faults,
    series: { bucketUs: bucketSeconds * SECOND_US, operations },
    memory: sampleMemory(endUs),
    checks,
    ...(verdict === 'invalid' ? { firstViolation: sampleViolation(violationUs) } : {}),
    keyOperations: verdict === 'invalid' ? sampleOperations(violationUs) : [],
    notChecked: [
      'Reads outside a verification are not recorded, so stale reads between two are not seen.',
      'The disk keeps everything it was given: loss of unsynced writes was not part of this run.',
    ],
    replayCommand: "npx wavetank replay 'store/ledger/20261121T070000-7'",
  };
}

const CAUSES: Readonly<Record<VerdictKind, string>> = {
  valid: 'All 7 checks held over 6 verifications and 642,113 postings.',
  unknown: 'Verification 4 of 6 could not run: no TiDB node answered for 20 min 00 s.',
  invalid:
    'The balances of all accounts sum to 97 instead of 0: posting #41234 credited account 17 but ' +
    'did not debit account 4.',
};

const NODES: readonly ReportedNode[] = [
  { name: 'tidb-0', kind: 'tidb' },
  { name: 'tidb-1', kind: 'tidb' },
  { name: 'pd-0', kind: 'pd' },
  { name: 'tikv-0', kind: 'tikv' },
  { name: 'tikv-1', kind: 'tikv' },
  { name: 'tikv-2', kind: 'tikv' },
  { name: 'tikv-3', kind: 'tikv' },
];

function samplePlan(endUs: number): PlannedFault[] {
  const plan: PlannedFault[] = [];
  let atUs = 70 * SECOND_US;
  for (let i = 0; atUs < endUs - 200 * SECOND_US; i++) {
    const untilUs = atUs + (60 + ((i * 37) % 120)) * SECOND_US;
    const target = (NODES[(i * 5) % NODES.length] as ReportedNode).name;
    plan.push({ atUs, untilUs, nemesis: 'random_kill', fault: 'kill', target, parameters: {} });
    atUs = untilUs + 90 * SECOND_US;
  }
  return plan;
}

function sampleRecord(planned: PlannedFault, i: number): FaultRecord {
  const { atUs, untilUs, nemesis, fault, target } = planned;
  const missed = i === 3;
  return {
    ...{ atUs, untilUs, nemesis, fault, target, hit: target },
    tookEffect: !missed,
    crowdedOut: false,
    healed: true,
    effect: '',
    note: missed ? 'the node was down already' : '',
  };
}

function sampleSeries(
  f: string,
  endUs: number,
  bucketSeconds: number,
  faults: readonly FaultRecord[],
  perSecond: number,
): OperationSeries {
  const buckets = Math.ceil(endUs / (bucketSeconds * SECOND_US));
  const rows = Array.from({ length: buckets }, (_, i) => {
    const atUs = (i + 0.5) * bucketSeconds * SECOND_US;
    const disturbed = faults.some((x) => x.tookEffect && x.atUs <= atUs && atUs <= x.untilUs);
    const wave = 1 + ((i * 7919) % 101) / 500;
    const due = perSecond * bucketSeconds * wave;
    const ok = due >= 1 ? Math.round(disturbed ? due * 0.7 : due) : Number(i % 5 === 0);
    return { ok, disturbed, wave };
  });
  const base = perSecond >= 1 ? 9000 : 4_000_000;
  const latency = (factor: number): (number | null)[] =>
    rows.map((r) =>
      r.ok === 0 ? null : Math.round(base * factor * r.wave * (r.disturbed ? 6 : 1)),
    );
  return {
    f,
    ok: rows.map((r) => r.ok),
    fail: rows.map((r) => (r.disturbed && perSecond >= 1 ? Math.round(r.wave * 20) : 0)),
    info: rows.map((r) => (r.disturbed && perSecond >= 1 ? 3 : 0)),
    p50Us: latency(1),
    p95Us: latency(3),
    p99Us: latency(6),
    maxUs: latency(20),
  };
}

/** A verification every ten minutes comes over its quota. */
function sampleMemory(endUs: number): MemoryReport {
  const quota = 16 * MIB;
  const levelUs = 10 * SECOND_US;
  const stretches = Math.floor(endUs / levelUs);
  const held = (i: number): number => (i % 60 === 31 ? 18 : 2 + ((i * 31) % 17) / 4) * MIB;
  const levels = ['tidb-0', 'tidb-1'].flatMap((node, n) =>
    Array.from({ length: stretches }, (_, i) => i)
      .filter((i) => (i + n) % 3 > 0)
      .map((i) => ({ node, fromUs: i * levelUs, consumed: held(i + 7 * n) })),
  );
  const beganUs = 300 * SECOND_US;
  const actions = [
    ...[15, 14, 9, 2].map((tokensLeft, i) => sampleAct('rate-limit', beganUs, i, tokensLeft)),
    sampleAct('delegate', beganUs, 4, 1),
    sampleAct('spill', beganUs, 5),
    sampleAct('cancel', beganUs, 8),
  ];
  return {
    ...{ quota, levelUs, levels, actionsMeasured: actions.length },
    actions: actions.map(({ tokensLeft: _, ...act }) => ({ ...act, node: 'tidb-0' })),
    worst: {
      ...{ node: 'tidb-0', connection: 921, sql: 'select sum(balance) from ledger_accounts' },
      ...{ beganUs, endedUs: beganUs + 10 * SECOND_US, maxConsumed: 20.6 * MIB, maxDisk: MIB },
      ...{ quota, errorCode: 1105, errorText: 'Out Of Memory Quota![conn_id=921]', actions },
      peak: tracked('statement', 20.6, [
        tracked('HashAgg_23', 15.1),
        tracked('TableReader_25', 4.9),
        tracked('HashJoin_24', 0.6, [tracked('build side', 0.6)]),
      ]),
      logs: [{ atUs: beganUs, node: 'tidb-0', line: '["destroy one token now."]' }],
    },
  };
}

function sampleAct(
  action: string,
  beganUs: number,
  i: number,
  tokensLeft?: number,
): NonNullable<MemoryReport['worst']>['actions'][number] {
  const consumed = (20.6 - i / 2) * MIB;
  const act = { atUs: beganUs + (i + 1) * SECOND_US, action, consumed };
  return tokensLeft === undefined ? act : { ...act, tokensLeft };
}

function tracked(name: string, held: number, children: readonly TrackedBytes[] = []): TrackedBytes {
  return { name, consumed: held * MIB, children };
}

function samplePhases(endUs: number): Phase[] {
  const marks = [0, 20 * SECOND_US, endUs - 120 * SECOND_US, endUs];
  const names = ['setup', 'safety', 'liveness'] as const;
  return names.map((name, i) => ({
    name,
    fromUs: marks[i] as number,
    untilUs: marks[i + 1] as number,
  }));
}

function sampleChecks(verdict: VerdictKind, cause: string, atUs: number): RunReport['checks'] {
  const names = [
    'ledger.sum-is-zero',
    'ledger.causality-contiguous',
    'ledger.posting-cancels',
    'ledger.acked-visible',
    'ledger.index-equals-record',
    'ledger.verified-often-enough',
    'progress.after-heal',
  ];
  const bad = verdict === 'unknown' ? 'ledger.verified-often-enough' : 'ledger.sum-is-zero';
  return names.map((name) => {
    if (verdict === 'valid' || name !== bad) return { name, verdict: 'valid', cause: '', ops: [] };
    const when = verdict === 'invalid' ? { atUs } : {};
    return { name, verdict, cause, ops: [41234], ...when };
  });
}

function sampleSummary(
  verdict: VerdictKind,
  cause: string,
  hours: number,
  checks: RunReport['checks'],
): RunReport['summary'] {
  return {
    schema: 'wavetank.run/1',
    verdict,
    exitCode: { valid: 0, invalid: 1, unknown: 3 }[verdict],
    cause,
    case: 'ledger',
    profile: 'v8.5.0',
    scale: '1/64',
    preset: 'oom',
    seed: '18446744073709551557',
    hash: '9e3779b97f4a7c15',
    simulatedSeconds: hours * 3600,
    wallSeconds: 3.217,
    events: 18_234_567,
    peakMemoryBytes: 312 * 2 ** 20,
    operations: { ok: 642_113, fail: 1841, info: 312 },
    verifications: { ok: 6, failed: verdict === 'valid' ? 0 : 1 },
    faults: [],
    cluster: {
      leaderTransfers: 41,
      elections: 17,
      splits: 3,
      merges: 1,
      peerMoves: 9,
      replicaReads: 0,
      tsoOutages: 2,
      withoutTso: { count: 2, shortestUs: 3_900_000, medianUs: 5_100_000, longestUs: 5_100_000 },
      leaderless: {
        count: 12,
        shortestUs: 10_400_000,
        medianUs: 14_200_000,
        longestUs: 19_700_000,
      },
    },
    memory: { quota: 16 * 2 ** 20, peakTracked: 11.4 * 2 ** 20, actions: { spill: 12, cancel: 1 } },
    checks: checks.map(({ name, verdict, cause }) => ({ name, verdict, cause })),
    runDir: 'store/ledger/20261121T070000-7',
    report: 'store/ledger/20261121T070000-7/report.html',
  };
}

function sampleViolation(atUs: number): NonNullable<RunReport['firstViolation']> {
  const lines = Array.from({ length: 60 }, (_, i) => ({
    atUs: atUs - 30 * SECOND_US + i * SECOND_US,
    node: (NODES[(i * 3) % NODES.length] as ReportedNode).name,
    line:
      '[2026/01/01 00:37:12.123 +00:00] [WARN] [session.go:1234] ' +
      `["commit failed, retrying"] [conn=${i}] [error="[kv:9007]Write conflict, txnStartTS=${i}"]`,
  }));
  return {
    check: 'ledger.sum-is-zero',
    atUs,
    fromUs: atUs - 30 * SECOND_US,
    untilUs: atUs + 30 * SECOND_US,
    logs: lines,
    logsOmitted: 214,
  };
}

function sampleOperations(atUs: number): RunReport['keyOperations'] {
  const why = 'ledger.sum-is-zero';
  const transfer = { from: 4, to: 17, amount: 97, ids: ['1203', '998'] };
  return [
    {
      op: {
        index: 41234,
        process: 17,
        f: 'transfer',
        outcome: 'info',
        value: transfer,
        invokedAtUs: atUs - 24 * SECOND_US,
        completedAtUs: atUs - 9 * SECOND_US,
        error: '2013 Lost connection to MySQL server during query',
      },
      why,
    },
    {
      op: {
        index: 41987,
        process: 200,
        f: 'verify',
        outcome: 'ok',
        value: { sum: '97', rows: 18750 },
        invokedAtUs: atUs - 5 * SECOND_US,
        completedAtUs: atUs,
      },
      why,
    },
  ];
}
