import { describe, expect, it } from 'vitest';
import type { LoadValue, ProgressValue } from '../checker/ledger-ops.ts';
import { ConnectionLost, SqlError } from '../cluster/errors.ts';
import { type Answer, ScriptedDatabase, type Seen } from '../testing/scripted-database.ts';
import { answerDigest } from './answer-digest.ts';
import {
  CASES,
  formatMemoryMix,
  LEDGER_DEFAULTS,
  LEDGER_PRESETS,
  type LedgerOptions,
  type MemoryMix,
  parseMemoryMix,
} from './index.ts';
import { drawKind, READ_QUERIES } from './memory-mix.ts';

const SECOND_US = 1_000_000;
const SMALL: LedgerOptions = { ...LEDGER_DEFAULTS, accounts: 250, concurrency: 3 };

/** A server to which every account has one row and every sum is 0. */
function calm(sql: string): Answer {
  if (sql.includes('sum(balance)')) return [[{ kind: 'decimal', unscaled: 0n, scale: 0 }]];
  if (sql.includes('FOR UPDATE')) return [[0, 0]];
  if (sql.includes('posting_group_id, causality_id')) return [['acc1', '77', 0, 0, 0]];
  return [];
}

type Answering = (sql: string, seen: Seen) => Answer;

/** Runs the whole case for `seconds` of virtual time. */
async function runLedger(options: LedgerOptions, answer: Answering = calm, seconds = 20) {
  const database = new ScriptedDatabase(answer);
  const ledger = CASES.ledger(options);
  const { context } = database;
  await database.during(ledger.setup(context));
  const setupSeen = database.seen.length;
  await database.during(ledger.run(context, context.nowUs() + seconds * SECOND_US));
  await database.during(ledger.finish(context));
  return { ops: database.ops, seen: database.seen, setup: database.seen.slice(0, setupSeen) };
}

describe('the ledger set-up', () => {
  it('makes the table as tipocket does, loads batches of 100, and verifies once', async () => {
    const { setup, ops } = await runLedger(SMALL, calm, 1);
    const [mode, drop, create, ...inserts] = setup.map(({ sql }) => sql);
    expect(mode).toBe("set @@global.tidb_txn_mode = 'pessimistic';");
    expect(drop).toBe('DROP TABLE IF EXISTS ledger_accounts');
    expect(create).toMatch(
      /^\nCREATE TABLE IF NOT EXISTS .*\);\nTRUNCATE TABLE ledger_accounts;\n$/s,
    );
    const first = inserts[0] ?? '';
    const columns = '(posting_group_id, amount,account_id, causality_id, balance)';
    expect(first).toContain(`INSERT INTO ledger_accounts ${columns} VALUES (`);
    expect(first).toMatch(/VALUES \(\d+, 0, "acc1", 0, 0\),\(\d+, 0, "acc2", 0, 0\),/);
    const loads = ops.filter(({ f }) => f === 'load').map(({ value }) => value as LoadValue);
    expect(loads.map(({ from, until }) => [from, until])).toEqual([
      [1, 101],
      [101, 201],
      [201, 251],
    ]);
    expect(ops[3]).toMatchObject({ f: 'verify', outcome: 'ok', value: { total: '0' }, process: 3 });
  });

  it('retries a batch with the same rows and takes a duplicate entry for success', async () => {
    const errors = [new ConnectionLost(), new SqlError(9005, 'x'), new SqlError(1062, 'Duplicate')];
    const { setup } = await runLedger(SMALL, (sql) =>
      sql.includes('"acc1", 0, 0') ? (errors.shift() ?? []) : calm(sql),
    );
    const tries = setup.filter(({ sql }) => sql.includes('"acc1", 0, 0'));
    expect(tries).toHaveLength(3);
    expect(new Set(tries.map(({ sql }) => sql)).size).toBe(1);
  });

  it('gives up when the database never takes a statement', async () => {
    const answer = (sql: string) => (sql.startsWith('DROP') ? new SqlError(9001, 'PD') : calm(sql));
    await expect(runLedger(SMALL, answer)).rejects.toThrow('gave up after 200 tries: 9001 PD');
  });
});

describe('the ledger clients', () => {
  it('post at the stated rate, evenly over the workers', async () => {
    const { ops } = await runLedger({ ...SMALL, transfersPerSecond: 6 }, calm, 20);
    const posts = ops.filter(({ f }) => f === 'transfer');
    expect(posts.length).toBeGreaterThanOrEqual(117);
    expect(posts.length).toBeLessThanOrEqual(123 + 3);
    for (const worker of [0, 1, 2]) {
      const own = posts.filter(({ process }) => process === worker);
      expect(Math.abs(own.length - posts.length / 3)).toBeLessThanOrEqual(2);
    }
  });

  it('draw the same postings whatever becomes of the others', async () => {
    const groups = async (answer: Answering) => {
      const { ops } = await runLedger({ ...SMALL, transfersPerSecond: 6 }, answer, 5);
      const own = ops.filter(({ f, process }) => f === 'transfer' && process === 1);
      return own.slice(0, 8).map(({ value }) => (value as { group: string }).group);
    };
    const disturbed = await groups((sql, { session }) =>
      session % 2 === 0 && sql === 'COMMIT' ? new SqlError(9007, 'x') : calm(sql),
    );
    expect(disturbed).toEqual(await groups(calm));
  });

  it('go on as a new process, at another node, after a commit without an answer', async () => {
    let broken = false;
    const { ops, seen } = await runLedger({ ...SMALL, concurrency: 1 }, (sql) => {
      if (sql !== 'COMMIT' || broken) return calm(sql);
      broken = true;
      return new ConnectionLost();
    });
    const [first, second] = ops.filter(({ f }) => f === 'transfer');
    expect(first).toMatchObject({ outcome: 'info', process: 0, error: /2013/ });
    expect(second).toMatchObject({ outcome: 'ok', process: 102 });
    const nodes = seen.filter(({ sql }) => sql === 'COMMIT').map(({ node }) => node);
    expect(nodes.slice(0, 3)).toEqual([0, 1, 1]);
  });

  it('all use node 0 when told to connect as tipocket does', async () => {
    const { seen } = await runLedger({ ...SMALL, connect: 'first' }, calm, 2);
    expect(new Set(seen.map(({ node }) => node))).toEqual(new Set([0]));
  });
});

describe('the ledger verification', () => {
  it('runs in its own transaction, an interval apart, as tipocket words it', async () => {
    const { seen } = await runLedger({ ...SMALL, concurrency: 1, transfersPerSecond: 0.001 });
    const texts = seen.map(({ sql }) => sql);
    const at = texts.findIndex((sql) => sql.includes('sum(balance)'));
    expect(texts.slice(at - 2, at)).toEqual([
      'BEGIN',
      "set @@session.tidb_isolation_read_engines='tikv'",
    ]);
    expect(texts[at]?.replace(/\s+/g, ' ')).toBe(
      ' select sum(balance) total from (select account_id, max(causality_id) max_causality_id ' +
        'from ledger_accounts group by account_id) last join ledger_accounts on ' +
        'last.account_id = ' +
        'ledger_accounts.account_id and last.max_causality_id = ledger_accounts.causality_id',
    );
    expect(texts[at + 1]).toBe('ROLLBACK');
    const verifications = texts.filter((sql) => sql.includes('sum(balance)'));
    expect(verifications).toHaveLength(1 + 9 + 1);
  });

  it('scans the same snapshot, once, when the sum is not 0', async () => {
    const { ops } = await runLedger({ ...SMALL, concurrency: 1 }, (sql) =>
      sql.includes('sum(balance)') ? [['5']] : calm(sql),
    );
    const verifications = ops.filter(({ f }) => f === 'verify').map(({ value }) => value);
    expect(verifications[0]).toEqual({ total: '5', scanTotal: '0' });
    expect(verifications[1]).toEqual({ total: '5' });
  });
});

describe('the end of a ledger run', () => {
  it('has every client succeed, checks the indexes, reads the table in one snapshot', async () => {
    const { ops, seen } = await runLedger(SMALL, calm, 2);
    const progress = ops.filter(({ f }) => f === 'progress');
    const names = progress.map(({ value }) => (value as ProgressValue).client);
    expect(names.sort()).toEqual(['verifier', 'worker-0', 'worker-1', 'worker-2']);
    expect(progress.every(({ outcome }) => outcome === 'ok')).toBe(true);
    expect(seen.map(({ sql }) => sql).slice(-4)).toEqual([
      'ADMIN CHECK TABLE ledger_accounts',
      'BEGIN',
      'SELECT account_id, posting_group_id, causality_id, amount, balance FROM ledger_accounts',
      'ROLLBACK',
    ]);
    expect(ops.at(-1)).toMatchObject({
      f: 'read',
      value: { attempt: 1, last: true, groups: ['77'] },
    });
  });

  it('reads a large table in ranges of accounts that leave nothing out', async () => {
    const { seen } = await runLedger({ ...SMALL, accounts: 700 }, calm, 1);
    const slices = seen.filter(({ sql }) => sql.startsWith('SELECT account_id')).map(lastClause);
    expect(slices).toEqual(['WHERE account_id < "acc33"', 'WHERE account_id >= "acc33"']);
  });

  it('says of a client that hangs: no progress; of its posting: nobody knows', async () => {
    const { ops } = await runLedger({ ...SMALL, transfersPerSecond: 6 }, (sql, { session }) =>
      sql === 'COMMIT' && session > 5 && session % 2 === 0 ? 'silence' : calm(sql),
    );
    const stuck = ops.filter(({ f, outcome }) => f === 'progress' && outcome === 'fail');
    expect(stuck.length).toBeGreaterThan(0);
    const [first] = stuck;
    expect((first?.completedAtUs ?? 0) - (first?.invokedAtUs ?? 0)).toBe(120 * SECOND_US);
    const infos = ops.filter(({ f, outcome }) => f === 'transfer' && outcome === 'info');
    expect(infos).toHaveLength(stuck.length);
    expect(infos[0]?.error).toBe('still in flight when its time was up');
  });

  it('stays within bounds when nothing is answered any more', async () => {
    let healthy = 60;
    const { ops } = await runLedger(SMALL, (sql) => (healthy-- > 0 ? calm(sql) : 'silence'));
    expect(ops.filter(({ f }) => f === 'progress')).toHaveLength(4);
    expect(ops.filter(({ f }) => f === 'read')).toHaveLength(0);
  });

  it('asks a server without ADMIN CHECK only once', async () => {
    const { ops } = await runLedger(SMALL, (sql) =>
      sql.startsWith('ADMIN') ? new SqlError(1064, 'syntax') : calm(sql),
    );
    const checks = ops.filter(({ f }) => f === 'admin-check');
    expect(checks.map(({ error }) => error)).toEqual(['1064 syntax']);
  });
});

describe('the ledger readers', () => {
  const mixed: LedgerOptions = {
    ...{ ...SMALL, concurrency: 1, transfersPerSecond: 0.001 },
    memoryMix: parseMemoryMix('join=1'),
  };
  const denied = new SqlError(8175, 'Your query has been cancelled');

  it('ask twice at one snapshot, under a quota of their own and without one', async () => {
    const { seen, ops } = await runLedger(mixed);
    const texts = seen.map(({ sql }) => sql);
    const at = texts.findIndex((sql) => sql.startsWith('SET tidb_mem_quota_query = -1'));
    const { session } = seen[at] as Seen;
    const own = seen.filter((one) => one.session === session).map(({ sql }) => sql);
    const first = own.indexOf(own.find((sql) => /quota_query = \d/.test(sql)) ?? '');
    expect(own.slice(first - 1, first + 6)).toEqual([
      'BEGIN',
      expect.stringMatching(/^SET tidb_mem_quota_query = \d+$/),
      READ_QUERIES.join,
      'SET tidb_mem_quota_query = -1',
      READ_QUERIES.join,
      'SET tidb_mem_quota_query = @@global.tidb_mem_quota_query',
      'ROLLBACK',
    ]);
    const readings = ops.filter(({ f }) => f === 'reading');
    expect(readings.length).toBeGreaterThan(10);
    expect(readings[0]).toMatchObject({ outcome: 'ok', value: { kind: 'join' } });
    expect(new Set(readings.map(({ process }) => process))).toEqual(new Set([102, 103, 104]));
  });

  it('take a denial for an answer, and ask with more until they are not denied', async () => {
    const quotas = new Map<number, number>();
    const { ops } = await runLedger(mixed, (sql, { session }) => {
      const [, quota] = /quota_query = (-?\d+)/.exec(sql) ?? [];
      if (quota !== undefined) quotas.set(session, Number(quota));
      const held = quotas.get(session) ?? 0;
      return sql === READ_QUERIES.join && held >= 0 && held < 2 ** 25 ? denied : calm(sql);
    });
    const readings = ops.filter(({ f, outcome }) => f === 'reading' && outcome === 'ok');
    expect(readings.map(({ value }) => value)).toEqual([
      { kind: 'join', quota: 2 ** 25, answer: '', unlimited: '' },
    ]);
    const progress = ops.filter(({ f }) => f === 'progress').map(({ value }) => value);
    expect(progress.map((value) => (value as ProgressValue).client)).toContain('reader-0');
  });

  it('that are never answered make no progress', async () => {
    const { ops } = await runLedger(mixed, (sql) =>
      sql === READ_QUERIES.join ? 'silence' : calm(sql),
    );
    const stuck = ops.filter(({ f, outcome }) => f === 'progress' && outcome === 'fail');
    expect(stuck.map(({ value }) => (value as ProgressValue).client).sort()).toEqual([
      'reader-0',
      'reader-1',
      'reader-2',
    ]);
  });
});

describe('a mix of readings', () => {
  it('is written as kinds with weights, and read back', () => {
    const mix = parseMemoryMix('join=2,sort=10');
    expect(mix).toEqual({ sort: 10, join: 2, aggregate: 0, distinct: 0 });
    expect(formatMemoryMix(mix as MemoryMix)).toBe('sort=10,join=2');
  });

  it.each(['', 'sort', 'sort=0', 'sort=-1', 'sort=1,sort=2', 'window=1', 'sort=1001'])(
    'is not "%s"',
    (text) => {
      expect(parseMemoryMix(text)).toBeUndefined();
    },
  );

  it('gives each kind its share', () => {
    const mix = parseMemoryMix('sort=1,distinct=3') as MemoryMix;
    const drawn = [0, 1, 2, 3].map((turn) => drawKind(mix, (bound) => turn % bound));
    expect(drawn).toEqual(['sort', 'distinct', 'distinct', 'distinct']);
  });
});

describe('an answer', () => {
  it('is shown when it is short, and told by its hash when it is long', () => {
    const sum = { kind: 'decimal', unscaled: 70n, scale: 1 } as const;
    expect(answerDigest([[7, 'a', null, sum]])).toBe("(7, 'a', NULL, 7)");
    const rows = [1, 2, 3, 4, 5].map((n) => [n]);
    expect(answerDigest(rows)).toMatch(/^5 rows, [0-9a-f]{16}$/);
    expect(answerDigest(rows)).not.toBe(answerDigest(rows.toReversed()));
    expect(answerDigest(rows)).toBe(answerDigest([1n, 2n, 3n, 4n, 5n].map((n) => [n])));
  });
});

describe('ledger options', () => {
  it('scale accounts and rate together in the oom preset, and neither in the hot one', () => {
    expect(LEDGER_PRESETS.oom(64)).toMatchObject({
      accounts: 18_750,
      transfersPerSecond: 226 / 64,
      concurrency: 200,
    });
    expect(LEDGER_PRESETS.oom(1)).toMatchObject({ accounts: 1_200_000, transfersPerSecond: 226 });
    expect(LEDGER_PRESETS.hot(64)).toMatchObject({ accounts: 100, transfersPerSecond: undefined });
  });

  it('are refused by name when they make no sense', () => {
    const make = (options: Partial<LedgerOptions>) => () => CASES.ledger({ ...SMALL, ...options });
    expect(make({ accounts: 1 })).toThrow('accounts must be an integer of at least 2, not 1');
    expect(make({ concurrency: 0.5 })).toThrow('concurrency must be');
    expect(make({ transfersPerSecond: 0 })).toThrow('transfers-per-second must be more than 0');
  });
});

function lastClause({ sql }: Seen): string {
  return sql.slice(sql.indexOf('WHERE'));
}
