import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from './assemble.ts';
import { SECOND_US } from './duration.ts';
import { HURRY_US } from './live-clock.ts';
import { readMoment } from './moment.ts';
import { type RunOptions, resolveOptions } from './options.ts';
import { type Past, pastOf } from './past.ts';
import { SILENT } from './progress.ts';
import { drain } from './run.ts';
import { FILES } from './run-folder.ts';
import { type Serving, serve } from './serve.ts';
import type { Settings } from './settings.ts';
import { simulate } from './simulate.ts';
import { UsageError } from './usage-error.ts';

const SETTINGS: Settings = {
  ...{ preset: 'hot', accounts: 20, concurrency: 2, nemeses: [], runTimeUs: 3 * SECOND_US },
};
const KILL = {
  ...{ atUs: SECOND_US / 5, untilUs: 2 * SECOND_US },
  ...{ nemesis: 'by-hand', fault: 'kill', target: 'tikv-0', parameters: {} },
};

function optionsOf(settings: Settings = {}): RunOptions {
  const options = resolveOptions('ledger', { ...SETTINGS, ...settings }, () => '1');
  return { ...options, plan: { faults: [KILL] } };
}

/** A moment in the middle of the fault, and the trace up to it in a run that goes on. */
async function traceOf(options: RunOptions): Promise<{ atUs: number; hash: string }> {
  const seen: { atUs: number; hash: string }[] = [];
  const observer = {
    ...{ operation: () => {}, log: () => {}, say: () => {}, stopping: () => seen.length > 0 },
    step: ({ nowUs, safety }: { nowUs: number; safety: { fromUs: number } | undefined }) => {
      const isFaulty = safety !== undefined && nowUs > safety.fromUs + SECOND_US / 2;
      if (isFaulty) seen.push({ atUs: nowUs, hash: input.cluster.hash() });
    },
  };
  const input = assemble(options, observer, drain);
  await simulate(input);
  return seen[0] ?? { atUs: 0, hash: 'none' };
}

describe('the past of a run', () => {
  let past: Past;
  let kept: { atUs: number; hash: string };
  let serving: Serving;
  let db: Connection;
  beforeAll(async () => {
    kept = await traceOf(optionsOf());
    past = await pastOf(optionsOf(), kept.atUs, SILENT);
  });
  afterAll(async () => {
    db.destroy();
    await serving.stop();
  });

  const count = async (): Promise<unknown> =>
    (await db.query('SELECT COUNT(*) AS n FROM ledger_accounts'))[0];

  test('is the run itself up to that moment: trace, time and nodes that are down', () => {
    expect(past.cluster.hash()).toBe(kept.hash);
    expect(past.cluster.nowUs()).toBe(kept.atUs);
    expect(past.violation).toBeUndefined();
    const down = past.cluster.nodes().filter(({ alive }) => !alive);
    expect(down.map(({ name }) => name)).toEqual(['tikv-0']);
  });

  test('stands still until it is asked, and is what it was: nobody writes any more', async () => {
    serving = await serve({
      ...{ port: 0, host: '127.0.0.1', hurryUs: HURRY_US, log: () => {} },
      account: { user: 'root', password: '', plugin: 'caching_sha2_password' },
      world: async () => past,
    });
    const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
    await pause();
    expect(past.cluster.nowUs()).toBe(kept.atUs);
    const at = {
      ...{ host: '127.0.0.1', port: serving.port, user: 'root', database: 'test' },
      multipleStatements: true,
    };
    db = await createConnection(at);
    const before = await count();
    expect(before).toMatchObject([{ n: expect.any(Number) }]);
    // The step in which the answer came is not cut short.
    await pause();
    const afterUs = past.cluster.nowUs();
    expect(afterUs).toBeGreaterThan(kept.atUs);
    await pause();
    expect(past.cluster.nowUs()).toBe(afterUs);
    await db.query('CREATE TABLE held (id INT PRIMARY KEY); INSERT INTO held VALUES (1); BEGIN');
    await db.query('SELECT id FROM held FOR UPDATE');
    const other = await createConnection(at);
    await other.query('SET innodb_lock_wait_timeout = 1; BEGIN');
    const late = other.query('SELECT id FROM held FOR UPDATE');
    await expect(late).rejects.toMatchObject({ errno: 1205 });
    other.destroy();
    await db.query('COMMIT');
    expect(past.cluster.nowUs()).toBeGreaterThan(afterUs + SECOND_US);
    expect(await count()).toEqual(before);
  });

  test('can be written to, like any cluster', async () => {
    await db.query('CREATE TABLE notes (id INT PRIMARY KEY, t VARCHAR(20))');
    await db.query("INSERT INTO notes VALUES (1, 'seen')");
    expect((await db.query('SELECT t FROM notes'))[0]).toEqual([{ t: 'seen' }]);
  });

  test('ends where an assertion was violated, and can be asked there, too', async () => {
    const bug = { bugs: ['txn.memLockInvisible'], concurrency: 20, intervalUs: 50_000 };
    const options = optionsOf(bug);
    const wreck = await pastOf({ ...options, plan: { faults: [] } }, 3600 * SECOND_US, SILENT);
    expect(wreck.violation?.rule).toBe('txn.snapshot');
    expect(wreck.cluster.nowUs()).toBe(wreck.violation?.atUs);
    const said: string[] = [];
    const onViolation = ({ rule }: { rule: string }) => void said.push(rule);
    const over = await serve({
      ...{ port: 0, host: '127.0.0.1', hurryUs: HURRY_US, log: () => {} },
      account: { user: 'root', password: '', plugin: 'mysql_native_password' },
      world: async () => ({ ...wreck, clock: { idle: 'stands', onViolation } }),
    });
    const at = { host: '127.0.0.1', port: over.port, user: 'root', database: 'test' };
    const client = await createConnection(at);
    expect((await client.query('SELECT COUNT(*) AS n FROM ledger_accounts'))[0]).toHaveLength(1);
    expect(said.every((rule) => rule.startsWith('txn.'))).toBe(true);
    client.destroy();
    await over.stop();
  });

  test('is refused after the end of the run', async () => {
    const short = { ...optionsOf({ runTimeUs: SECOND_US }), plan: { faults: [] } };
    const late = pastOf(short, 3600 * SECOND_US, SILENT);
    await expect(late).rejects.toThrow(/^--at: the run is over at .*, before 1h$/);
  });
});

describe('a moment', () => {
  let out = '';
  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'wavetank-moment-'));
    const run = join(out, 'ledger', '20260101T000000Z-1');
    const well = join(out, 'ledger', '20260101T000001Z-2');
    for (const folder of [run, well]) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, FILES.run), '{}');
    }
    const report = { summary: { verdict: 'invalid' }, firstViolation: { atUs: 12_345_678 } };
    writeFileSync(join(run, FILES.report), JSON.stringify(report));
    writeFileSync(join(well, FILES.report), '{"summary":{"verdict":"valid"}}');
  });
  afterAll(() => rmSync(out, { recursive: true }));

  test.each([
    ['1:54:48', 6888 * SECOND_US],
    ['0:00:01.250001', 1_250_001],
    ['1h54m48s', 6888 * SECOND_US],
    ['20260101T000000Z-1@0:00:02', 2 * SECOND_US],
    ['20260101T000000Z-1@failure', 12_345_678],
    ['last@90s', 90 * SECOND_US],
  ])('%s is %i µs after the start', (text, atUs) => {
    expect(readMoment(out, text).atUs).toBe(atUs);
  });

  test('says which kept run it is of, if it is of one', () => {
    expect(readMoment(out, 'last@1s').folder?.path).toMatch(/20260101T000001Z-2$/);
    expect(readMoment(out, '1s').folder).toBeUndefined();
  });

  test.each([
    ['90', /expected a moment such as 1:54:48.250 .*, got "90"/],
    ['1:60:00', /expected a moment/],
    ['last@soon', /expected a moment .*, got "last@soon"/],
    ['failure', /expected a moment/],
    ['nowhere@1s', /no run "nowhere"/],
    ['last@failure', /ended valid: no moment of failure/],
  ])('%s is a usage error', (text, why) => {
    expect(() => readMoment(out, text)).toThrow(UsageError);
    expect(() => readMoment(out, text)).toThrow(why);
  });
});
