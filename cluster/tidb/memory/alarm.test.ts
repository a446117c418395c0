import { expect, test } from 'vitest';
import { memoryNode, QUIET_HOST } from '../../../testing/memory-node.ts';
import { costsAtScale } from '../../costs.ts';
import { formatLogLine } from '../../log.ts';
import type { ProfileName } from '../../profiles.ts';
import { World } from '../../sim/index.ts';
import type { LimitSettings } from './limit-settings.ts';
import { RecordFiles } from './record-files.ts';
import { SessionMemory } from './session-memory.ts';

/**
 * The example of TiDB's document on memory control, with its figures: a machine of 33,682,427,904
 * bytes, an alarm at 0.8 of them, and one statement that comes to hold 27,142,864,896.
 */
const SQL = 'select * from t t1 join t t2 join t t3 order by t1.a';
const TOTAL = 33_682_427_904;
const HELD = 27_142_864_896;
const SECOND = 1_000_000;
const OLD_PATH = '/tmp/1000_tidb/MC4wLjAuMDo0MDAwLzAuMC4wLjA6MTAwODA=/tmp-storage/record';

/** A node that runs the statement, and how often its alarm is to go off. */
function alarmed(profile: ProfileName, limitBytes: number, alarms: number) {
  const world = new World('1', { minUs: 1, tailUs: 0 });
  const process = world.start(1, 'tidb-0');
  const lines: string[] = [];
  const files = new RecordFiles();
  const settings: LimitSettings = {
    ...{ version: 1, limitBytes, sessMinBytes: Infinity, gcTrigger: 1 },
    ...{ alarmRatio: 0.8, keepRecords: 5 },
  };
  const node = memoryNode({
    ...{ process, profile, files },
    costs: { ...costsAtScale(1), idleHeapBytes: 0, memoryBytes: TOTAL },
    log: (...line) => lines.push(formatLogLine(process.wallMs(), ...line)),
    host: {
      ...QUIET_HOST,
      settings,
      running: () => [
        { memory: HELD, sinceUs: 0, lines: ['conn_id: 3', `sql: ${SQL}`], tree: 'its tree' },
      ],
    },
  });
  const session = new SessionMemory(node, 3, {
    ...{ quota: 0, oomAction: 'cancel', spillAllowed: true, sql: SQL, bufferedBytes: 0 },
    ...{ inTransaction: false, exceeded: () => {} },
  });
  for (let i = 0; i < alarms; i++) {
    session.begin(undefined);
    const { tracker } = session.statement;
    tracker.charge(HELD);
    world.scheduler.runUntil(world.nowUs + SECOND);
    tracker.release(HELD);
    session.end(undefined);
    // Below the ratio for more than the ten seconds, and the minute, of silence.
    world.scheduler.runUntil(world.nowUs + 61 * SECOND);
  }
  return { lines: lines.filter((line) => line.includes('has the risk of OOM')), files };
}

test('v5.5 raises the alarm of the document’s example with the line it shows', () => {
  const { lines, files } = alarmed('v5.5.0-nightly', 0, 1);
  expect(lines).toEqual([
    '[2022/02/22 20:00:00.100 +00:00] [WARN] [memory_usage_alarm.go:141] ["tidb-server has the ' +
      'risk of OOM. Running SQLs and heap profile will be recorded in record path"] ' +
      `["is server-memory-quota set"=false] ["system memory total"=${TOTAL}] ` +
      `["system memory usage"=${HELD}] ["tidb-server memory usage"=${HELD}] ` +
      `[memory-usage-alarm-ratio=0.8] ["record path"="${OLD_PATH}"]`,
  ]);
  const running = [
    ...['The 10 SQLs with the most memory usage for OOM analysis', 'SQL 0: ', 'conn_id: 3'],
    ...[`sql: ${SQL}`, '', 'The 10 SQLs with the most time usage for OOM analysis', 'SQL 0: '],
    ...['conn_id: 3', `sql: ${SQL}`, '', ''],
  ].join('\n');
  const stamp = '2022-02-22T20:00:00Z';
  expect(files.all().map(([path]) => path)).toEqual([
    `${OLD_PATH}/goroutine${stamp}`,
    `${OLD_PATH}/heap${stamp}`,
    `${OLD_PATH}/running_sql${stamp}`,
  ]);
  expect(files.all()[0]?.[1]).toBe('its tree');
  expect(files.all()[1]?.[1]).toContain('"consumed"');
  expect(files.all()[2]?.[1]).toBe(running);
});

test('v8.5 says why, and of what limit, and gives each record a folder', () => {
  const { lines, files } = alarmed('v8.5.0', 2 ** 34, 1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(
    '["tidb-server has the risk of OOM because of memory usage exceeds alarm ratio. Running SQLs ' +
      'and heap profile will be recorded in record path"] ' +
      `["is tidb_server_memory_limit set"=true] [tidb_server_memory_limit=${2 ** 34}] ` +
      `["tidb-server memory usage"=${HELD}] ` +
      '[memory-usage-alarm-ratio=0.8] ["record path"=oom_record]',
  );
  const folder = 'oom_record/record2022-02-22T20:00:00Z';
  expect(files.all().map(([path]) => path)).toEqual(
    ['goroutine', 'heap', 'running_sql'].map((kind) => `${folder}/${kind}`),
  );
});

test.each(['v5.5.0-nightly', 'v8.5.0'] as const)(
  'of seven alarms %s keeps the last five',
  (profile) => {
    const { lines, files } = alarmed(profile, 0, 7);
    expect(lines).toHaveLength(7);
    const sql = files.all().filter(([path]) => path.includes('running_sql'));
    expect([files.all().length, sql.length]).toEqual([15, 5]);
    expect(sql[0]?.[0]).toContain('20:02:04');
    expect(sql[4]?.[0]).toContain('20:06:12');
  },
);
