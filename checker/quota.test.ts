import { describe, expect, it } from 'vitest';
import type { CheckResult } from './checker.ts';
import { judgeQuota } from './quota.ts';
import type { QuotaAction, QuotaEvidence, QuotaPick, QuotaStatement } from './quota-evidence.ts';

const MIB = 2 ** 20;
const QUOTA = 16 * MIB;
const WHO = { node: 'tidb-0', connection: 103, beganUs: 1_000_000 };
const OLD_TEXT = 'Out Of Memory Quota![conn_id=103]';
const NEW_TEXT =
  'Your query has been cancelled due to exceeding the allowed memory limit for a single SQL ' +
  'query. Please try narrowing your query scope or increase the tidb_mem_quota_query limit and ' +
  'try again.[conn=103]';

/** A statement that came a little over its quota and was cancelled, as it should be. */
function statement(changes: Partial<QuotaStatement> = {}): QuotaStatement {
  return {
    ...WHO,
    endedUs: 9_000_000,
    sql: '\nselect sum(balance)\n  from t',
    maxConsumed: 17 * MIB,
    quota: QUOTA,
    errorCode: 1105,
    errorText: OLD_TEXT,
    picked: false,
    inTransaction: { before: true, after: true },
    inFlight: { answers: 2, largestAnswer: MIB, operators: 4, largestCharge: MIB / 4 },
    lateWrites: 0,
    left: { requests: 0, files: 0 },
    ...changes,
  };
}

function quotaPart(part: number): number {
  return Math.trunc(QUOTA * part);
}

function act(action: string, changes: Partial<QuotaAction> = {}): QuotaAction {
  return {
    ...WHO,
    atUs: 2_000_000,
    action,
    consumed: 17 * MIB,
    quota: QUOTA,
    tokensLeft: undefined,
    forServer: false,
    untried: [],
    crossedFrom: quotaPart(0.9),
    crossedBy: MIB,
    ...changes,
  };
}

function tokens(action: 'rate-limit' | 'delegate', tokensLeft: number): QuotaAction {
  return act(action, { tokensLeft });
}

const IN_ORDER = [
  ...[3, 2].map((left) => tokens('rate-limit', left)),
  tokens('delegate', 1),
  act('spill'),
  act('cancel'),
];

function results(changes: Partial<QuotaEvidence>): CheckResult[] {
  return judgeQuota({
    version: 'v5.5.0-nightly',
    measured: 40,
    actions: IN_ORDER,
    panics: [],
    statements: [statement()],
    leaks: [],
    picks: [],
    neglects: [],
    ...changes,
  });
}

/** What a check says: its cause, or `valid`. */
function said(name: string, changes: Partial<QuotaEvidence>): string {
  const result = results(changes).find((one) => one.name === `quota.${name}`);
  if (result === undefined) throw new Error(`there is no check ${name}`);
  return result.verdict === 'valid' ? 'valid' : `${result.verdict}: ${result.cause}`;
}

describe('the contract of a quota', () => {
  it('is kept by a statement that gives way step by step and is cancelled cleanly', () => {
    expect(results({}).map(({ verdict }) => verdict)).toEqual(Array(8).fill('valid'));
    expect(results({})[0]?.note).toBe('1 of 40 statements that held memory came over');
  });

  it('is kept, with a note, where no statement comes over its quota', () => {
    const found = results({ actions: [], statements: [] });
    expect(found.map(({ verdict }) => verdict)).toEqual(Array(8).fill('valid'));
    expect(found[0]?.note).toBe('none of 40 statements that held memory came over its quota');
  });

  it('is unknown where no statement was measured', () => {
    const found = results({ measured: 0, actions: [], statements: [] });
    expect(new Set(found.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']));
  });
});

describe('no panic', () => {
  it('is broken by a worker that ends by one, recovered or not', () => {
    const panics = [{ ...WHO, atUs: 5_000_000, message: 'copIteratorWork meet panic' }];
    const [first] = results({ panics });
    expect(first?.atUs).toBe(5_000_000);
    expect(first?.cause).toBe(
      'tidb-0, connection 103: a quota ended a worker by a panic, ' +
        'logged as "copIteratorWork meet panic"',
    );
  });

  it('is broken by a connection that is lost', () => {
    const statements = [statement({ errorCode: undefined, errorText: 'the connection broke' })];
    expect(said('no-panic', { statements })).toContain('lost the connection: the connection broke');
  });
});

describe('order', () => {
  const broken: readonly [what: string, actions: readonly QuotaAction[], cause: string][] = [
    [
      'a cancel while a reader has tokens to give up',
      [act('cancel', { untried: [{ action: 'rate-limit', bytes: undefined }] })],
      'cancelled before rate-limit was exhausted',
    ],
    [
      'a cancel while rows are being written to disk',
      [act('spill'), act('cancel', { untried: [{ action: 'spill', bytes: undefined }] })],
      'cancelled before spill was exhausted',
    ],
    [
      'a reader that passes on with tokens left',
      [tokens('rate-limit', 3), tokens('delegate', 2)],
      'a reader passes on with 2 tokens left',
    ],
    [
      'a reader that gives up its last token',
      [tokens('rate-limit', 1)],
      'a reader is to give up its last token',
    ],
    [
      'a spill after the cancel',
      [act('cancel'), act('spill')],
      'spill after the statement was cancelled',
    ],
  ];

  it.each(broken)('is broken by %s', (_what, actions, cause) => {
    expect(said('order', { actions })).toBe(`invalid: tidb-0, connection 103: ${cause}`);
  });

  it('says nothing of what another statement of the connection did', () => {
    const later = act('spill', { beganUs: 20_000_000 });
    expect(said('order', { actions: [...IN_ORDER, later] })).toBe('valid');
  });

  it('leaves the server alone, which asks no reader to slow down', () => {
    const untried = [{ action: 'rate-limit', bytes: undefined }];
    const actions = [act('cancel', { untried, forServer: true })];
    expect(said('order', { actions })).toBe('valid');
  });
});

describe('overshoot', () => {
  it('may be what was awaited and one charge of each operator', () => {
    const statements = [statement({ maxConsumed: 19 * MIB })];
    expect(said('overshoot', { statements })).toBe('valid');
  });

  it('may not be a byte more', () => {
    const statements = [statement({ maxConsumed: 19 * MIB + 1 })];
    expect(said('overshoot', { statements })).toBe(
      'invalid: tidb-0, connection 103: held 19.0 MiB, 118 % of its quota of 16.0 MiB; what ' +
        'could not be stopped allows 118 % (answers awaited: 2 of up to 1.0 MiB; operators: 4, each ' +
        'in one charge of up to 0.3 MiB)',
    );
  });

  it('is nobody’s fault where exceeding is only logged, and where there is no quota', () => {
    const logged = [statement({ maxConsumed: 99 * MIB, errorCode: undefined })];
    expect(said('overshoot', { statements: logged, actions: [act('log')] })).toBe('valid');
    const free = [statement({ maxConsumed: 99 * MIB, quota: 0 })];
    expect(said('overshoot', { statements: free, actions: [] })).toBe('valid');
  });
});

describe('a clean cancel', () => {
  it('has the typed error from v7.6 on, and the older one before', () => {
    const typed = [statement({ errorCode: 8175, errorText: NEW_TEXT })];
    expect(said('clean-cancel', { statements: typed, version: 'v8.5.0' })).toBe('valid');
    expect(said('clean-cancel', { statements: typed })).toContain('cancelled with error 8175');
    expect(said('clean-cancel', { version: 'v8.5.0' })).toContain('instead of 8175');
  });

  it('names its own connection', () => {
    const statements = [statement({ errorText: 'Out Of Memory Quota![conn_id=7]' })];
    expect(said('clean-cancel', { statements })).toContain('of its connection');
  });

  it('is an error, not an answer', () => {
    const statements = [statement({ errorCode: undefined, errorText: undefined })];
    expect(said('clean-cancel', { statements })).toContain('answered as if nothing had happened');
  });

  it('leaves the transaction open', () => {
    const statements = [statement({ inTransaction: { before: true, after: false } })];
    expect(said('clean-cancel', { statements })).toContain('its transaction was ended with it');
  });

  it('may lose the race against KILL', () => {
    const statements = [statement({ errorCode: 1317, errorText: 'interrupted' })];
    expect(said('clean-cancel', { statements })).toBe('valid');
  });
});

describe('no leak', () => {
  it('is broken by bytes that are left, whoever noticed first', () => {
    const leaks = [{ ...WHO, sql: 'select 1', memory: 3 * MIB, disk: 0 }];
    expect(said('no-leak', { leaks })).toBe(
      'invalid: tidb-0, connection 103: 3.0 MiB in memory, 0.0 MiB on disk left of select 1',
    );
  });

  it('is broken by a request or a file that is left', () => {
    const statements = [statement({ left: { requests: 1, files: 2 } })];
    expect(said('no-leak', { statements })).toContain('1 requests, 2 files left of select sum');
  });
});

describe('no needless cancel', () => {
  it('is broken where an operator could have spilled enough', () => {
    const untried = [{ action: 'agg-spill', bytes: 2 * MIB }];
    const actions = [act('cancel', { untried })];
    expect(said('no-needless-cancel', { actions })).toBe(
      'invalid: tidb-0, connection 103: cancelled though agg-spill could have given back 2.0 MiB ' +
        '(17.0 MiB held, quota 16.0 MiB): select sum(balance) from t',
    );
  });

  it('is kept where spilling would not have been enough', () => {
    const untried = [{ action: 'agg-spill', bytes: MIB }];
    expect(said('no-needless-cancel', { actions: [act('cancel', { untried })] })).toBe('valid');
  });

  it('is kept, from v6.4 on, where one charge leapt over the limit at which it would spill', () => {
    const untried = [{ action: 'agg-spill', bytes: 9 * MIB }];
    const statements = [statement({ errorCode: 8175, errorText: NEW_TEXT })];
    const said85 = (part: number, by = MIB): string => {
      const crossing = { crossedFrom: quotaPart(part), crossedBy: by };
      const actions = [act('cancel', { untried, ...crossing })];
      return said('no-needless-cancel', { actions, statements, version: 'v8.5.0' });
    };
    expect(said85(0.79)).toBe('valid');
    // It became worth it with that very charge.
    expect(said85(0.81, 6 * MIB)).toBe('valid');
    expect(said85(0.81)).toContain('cancelled though agg-spill could have given back 9.0 MiB');
    const actions = [act('cancel', { untried, crossedFrom: quotaPart(0.79) })];
    expect(said('no-needless-cancel', { actions })).toContain('cancelled though agg-spill');
  });

  it('is broken by a cancel below the quota', () => {
    const actions = [act('cancel', { consumed: 15 * MIB })];
    expect(said('no-needless-cancel', { actions })).toContain('cancelled below its quota');
  });
});

describe('temporary storage', () => {
  it('is broken by whoever writes on though the files of the node have come to their quota', () => {
    const statements = [statement({ lateWrites: 3 })];
    expect(said('tmp-storage', { statements })).toBe(
      'invalid: tidb-0, connection 103: wrote to its files 3 times more after they had come to ' +
        'tmp-storage-quota: select sum(balance) from t',
    );
  });
});

describe('the limit of the server', () => {
  const text =
    'Your query has been cancelled due to exceeding the allowed memory limit for the tidb-server ' +
    'instance and this query is currently using the most memory. Please try narrowing your query ' +
    'scope or increase the tidb_server_memory_limit limit and try again.[conn=103]';

  function pick(changes: Partial<QuotaPick> = {}): QuotaPick {
    return {
      ...{ ...WHO, atUs: 3_000_000, heap: 65 * MIB, limit: 64 * MIB, least: 2 * MIB },
      ...{ consumed: 14 * MIB, peak: 17 * MIB, exempt: false, rival: 16 * MIB },
      ...changes,
    };
  }

  function victim(changes: Partial<QuotaStatement> = {}): QuotaStatement {
    return statement({ picked: true, errorCode: 8176, errorText: text, ...changes });
  }

  function judged(changes: Partial<QuotaEvidence>): string {
    const statements = [victim()];
    const now = { version: 'v8.5.0', actions: [], statements, picks: [pick()] };
    return said('server-limit', { ...now, ...changes });
  }

  it('is kept where the largest session is ended, and told why', () => {
    expect(judged({})).toBe('valid');
  });

  it('is broken by a victim that another is larger than, that is small, or that is spared', () => {
    expect(judged({ picks: [pick({ rival: 18 * MIB })] })).toContain('another 18.0 MiB');
    expect(judged({ picks: [pick({ consumed: MIB })] })).toContain('less than 2.0 MiB');
    expect(judged({ picks: [pick({ exempt: true })] })).toContain('spares what it runs');
  });

  it('may meet a session that has shrunk, before v8', () => {
    const statements = [victim({ errorCode: 1105, errorText: OLD_TEXT })];
    const picks = [pick({ consumed: MIB })];
    expect(judged({ version: 'v6.5.0', statements, picks })).toBe('valid');
  });

  it('is broken by a second victim while the first one has not ended', () => {
    const second = { ...pick(), connection: 104, beganUs: 2_000_000 };
    expect(judged({ picks: [pick(), { ...second, atUs: 8_000_000 }] })).toContain(
      'while connection',
    );
    expect(judged({ picks: [pick(), { ...second, atUs: 9_000_000 }] })).toBe('valid');
    const late = [victim({ endedUs: 99_000_000 })];
    const given = { statements: late, picks: [pick(), { ...second, atUs: 63_000_000 }] };
    expect(judged(given)).toBe('valid');
  });

  it('is broken by a victim that goes on growing beyond what could not be stopped', () => {
    expect(judged({ statements: [victim({ maxConsumed: 18 * MIB })] })).toContain(
      'went on growing',
    );
  });

  it('is broken by a victim that is told something else, or loses its transaction', () => {
    const other = [victim({ errorText: OLD_TEXT, errorCode: 1105 })];
    expect(judged({ statements: other })).toContain('cancelled with error 1105');
    const lost = [victim({ inTransaction: { before: true, after: false } })];
    expect(judged({ statements: lost })).toContain('its transaction was ended with it');
    const ended = [victim({ errorCode: undefined, errorText: undefined })];
    expect(judged({ statements: ended })).toBe('valid');
  });

  it('is broken by a node that is left above it', () => {
    const neglect = { node: 'tidb-0', fromUs: 3_000_000, limit: 64 * MIB, heap: 70 * MIB };
    expect(judged({ neglects: [{ ...neglect, untilUs: 3_300_000 }] })).toBe('valid');
    expect(judged({ neglects: [{ ...neglect, untilUs: 5_500_000 }] })).toBe(
      'invalid: tidb-0: held up to 70.0 MiB, its limit is 64.0 MiB, ' +
        'and for 2.5 s nobody was ended for it',
    );
  });
});
