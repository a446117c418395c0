import { describe, expect, it } from 'vitest';
import { ConnectionLost, SqlError } from '../cluster/errors.ts';
import { type Answer, ScriptedDatabase } from '../testing/scripted-database.ts';
import { type Posting, performPosting } from './ledger-posting.ts';

/** Answers the two reads of a posting with a row each, everything else with OK. */
function healthy(sql: string): Answer {
  if (!sql.startsWith('SELECT')) return [];
  return sql.includes('"acc17"') ? [[4, -5]] : [[9, 30]];
}

function posting(): Posting {
  return { group: '9007199254740993', a: 17, b: 3, amount: 7, cidA: null, cidB: null };
}

async function post(answer: (sql: string) => Answer) {
  const database = new ScriptedDatabase(answer);
  const asked = posting();
  const work = async () => {
    const session = await database.context.source.connect();
    return await performPosting(session, asked);
  };
  const end = await database.during(work());
  return { end, asked, sent: database.seen.map(({ sql }) => sql) };
}

/** Healthy but for statements that begin like this. */
function failing(start: string, error: Error): (sql: string) => Answer {
  return (sql) => (sql.trim().startsWith(start) ? error : healthy(sql));
}

describe('a posting', () => {
  it('locks both last rows, appends to both chains in one INSERT and commits', async () => {
    const { end, asked, sent } = await post(healthy);
    expect(end).toEqual({ outcome: 'ok', error: '', sessionUsable: true });
    expect(asked).toMatchObject({ cidA: 5, cidB: 10 });
    expect(sent).toMatchInlineSnapshot(`
      [
        "BEGIN",
        "SELECT causality_id, balance FROM ledger_accounts
      		WHERE account_id = "acc17" ORDER BY causality_id DESC LIMIT 1 FOR UPDATE",
        "SELECT causality_id, balance FROM ledger_accounts
      		WHERE account_id = "acc3" ORDER BY causality_id DESC LIMIT 1 FOR UPDATE",
        "
      INSERT INTO ledger_accounts (
        posting_group_id,
        amount,
        account_id,
        causality_id,
        balance
      )
      VALUES (
        9007199254740993,	-- the group, shared by both rows
        7, 	-- what A receives
        "acc17", 	-- A
        5, 	-- next in A's chain
        -5+7	-- A's balance from here on
      ), (
        9007199254740993,   -- the group again
       -7,   -- what B gives
        "acc3", -- B
        10,   -- next in B's chain
        30-7 -- B's balance from here on
      )",
        "COMMIT",
      ]
    `);
  });

  it('reads integers that drivers hand over as text', async () => {
    const { end, sent } = await post((sql) =>
      sql.startsWith('SELECT') ? [['4', '-9223372036854775807']] : [],
    );
    expect(end.outcome).toBe('ok');
    expect(sent[3]).toMatch(/ {2}-9223372036854775807\+7\t/);
  });

  it.each([
    ['BEGIN', new ConnectionLost(), 'fail', '2013 Lost connection'],
    ['SELECT', new SqlError(1105, 'Out Of Memory Quota![conn_id=7]'), 'fail', '1105 Out Of'],
    ['SELECT', new ConnectionLost(), 'fail', '2013 Lost connection'],
    ['INSERT', new SqlError(9005, 'Region is unavailable'), 'fail', '9005 Region is unavailable'],
    ['COMMIT', new SqlError(9007, 'Write conflict'), 'fail', '9007 Write conflict'],
    ['COMMIT', new SqlError(9005, 'Region is unavailable'), 'info', '9005 Region is unavailable'],
    ['COMMIT', new ConnectionLost(), 'info', '2013 Lost connection'],
  ] as const)('whose %s ends with %s is %s', async (start, error, outcome, text) => {
    const { end } = await post(failing(start, error));
    expect(end.outcome).toBe(outcome);
    expect(end.error).toContain(text);
  });

  it('rolls back after an error that the server answered, and keeps the session', async () => {
    const { end, sent } = await post(failing('INSERT', new SqlError(1213, 'Deadlock found')));
    expect(sent.at(-1)).toBe('ROLLBACK');
    expect(end.sessionUsable).toBe(true);
  });

  it('gives its session up when nobody can know, when it broke, when ROLLBACK fails', async () => {
    const unknown = await post(failing('COMMIT', new SqlError(9002, 'TiKV server timeout')));
    const broken = await post(failing('SELECT', new ConnectionLost()));
    const stuck = await post((sql) =>
      sql === 'ROLLBACK' || sql.includes('INSERT') ? new SqlError(1105, 'x') : healthy(sql),
    );
    for (const { end } of [unknown, broken, stuck]) expect(end.sessionUsable).toBe(false);
    expect(unknown.sent).not.toContain('ROLLBACK');
    expect(broken.sent).not.toContain('ROLLBACK');
  });

  it('fails when the server answers without a row or with NULL', async () => {
    const missing = await post((sql) => (sql.startsWith('SELECT') ? [] : []));
    expect(missing.end).toMatchObject({ outcome: 'fail', error: 'acc17 has no row' });
    const empty = await post((sql) => (sql.startsWith('SELECT') ? [[1, null]] : []));
    expect(empty.end).toMatchObject({
      outcome: 'fail',
      error: 'an integer was expected, not null',
    });
  });

  it('does not take a defect of the harness for an answer of the database', async () => {
    await expect(post(failing('INSERT', new TypeError('oops')))).rejects.toThrow('oops');
  });
});
