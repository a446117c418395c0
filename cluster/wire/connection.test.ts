import { describe, expect, test } from 'vitest';
import { RawClient, results } from '../../testing/raw-client.ts';
import { SqlError } from '../errors.ts';
import type { QueryResult } from '../session.ts';
import type { Account } from './auth.ts';
import { ByteReader } from './byte-reader.ts';
import { CAPABILITY, STATUS } from './capabilities.ts';
import { FIELD } from './column-type.ts';

const SHA2: Account = { user: 'root', password: 'secret', plugin: 'caching_sha2_password' };
const NATIVE: Account = { ...SHA2, plugin: 'mysql_native_password' };
const OPEN: Account = { ...SHA2, password: '' };
const OK_RESULT: QueryResult = {
  ...{ columns: [], rows: [], affectedRows: 3, lastInsertId: 7, warnings: 1 },
};
const BIGINT = { kind: 'int', name: 'BIGINT', unsigned: false, length: 20, scale: 0 };
const ONE_ROW: QueryResult = { ...OK_RESULT, columns: ['a'], types: [BIGINT], rows: [[5]] };

/** The first byte of each payload: 0 OK, 0xff an error, 0xfe an end or a switch. */
function heads(payloads: readonly Uint8Array[]): (number | undefined)[] {
  return payloads.map((payload) => payload[0]);
}

function errorIn(payload: Uint8Array | undefined): string {
  const reader = new ByteReader(payload ?? new Uint8Array(0), 1);
  return `${reader.u16()} ${reader.rest()}`;
}

function loggedIn(capabilities = 0): RawClient {
  const client = new RawClient(OPEN);
  const answer = client.login({ plugin: 'caching_sha2_password', capabilities });
  expect(heads(answer)).toEqual([0]);
  return client;
}

describe('the login', () => {
  test('a proof by the plugin of the account is enough', () => {
    const sha2 = new RawClient(SHA2);
    const answer = sha2.login({ plugin: 'caching_sha2_password', password: 'secret' });
    expect(answer.map((payload) => [...payload.subarray(0, 2)])).toEqual([
      [1, 3],
      [0, 0],
    ]);
    const native = new RawClient(NATIVE);
    expect(heads(native.login({ plugin: 'mysql_native_password', password: 'secret' }))).toEqual([
      0,
    ]);
  });

  test('whoever begins with another plugin is told to switch, and proves it again', () => {
    const client = new RawClient(SHA2);
    const [request] = client.login({ plugin: 'mysql_native_password', password: 'secret' });
    expect(request?.[0]).toBe(0xfe);
    expect(new ByteReader(request ?? new Uint8Array(0), 1).zeroEnded()).toBe(SHA2.plugin);
    expect(heads(client.prove('caching_sha2_password', 'secret'))).toEqual([1, 0]);
  });

  test('a client that knows of no plugins proves it by the oldest', () => {
    expect(heads(new RawClient(SHA2).login({ password: 'secret' }))).toEqual([0]);
  });

  test.each([
    [{ password: 'wrong' }, 'YES'],
    [{ password: '' }, 'NO'],
    [{ password: 'secret', user: 'nobody' }, 'YES'],
  ])('%j is denied, and the connection closed', (as, using) => {
    const client = new RawClient(SHA2);
    const answer = client.login({ plugin: 'caching_sha2_password', ...as });
    const user = 'user' in as ? as.user : 'root';
    expect(answer.map(errorIn)).toEqual([
      `1045 #28000Access denied for user '${user}'@'somewhere' (using password: ${using})`,
    ]);
    expect([client.ended, client.backend.closed]).toEqual([true, 1]);
  });

  test('a database is entered before the client is let in', () => {
    const client = new RawClient(OPEN);
    const plugin = 'caching_sha2_password';
    expect(client.login({ plugin, database: 'we`ird' })).toEqual([]);
    expect(client.backend.asked).toEqual([{ sql: 'USE `we``ird`', params: [], single: true }]);
    client.backend.answer(results(OK_RESULT));
    expect(heads(client.received())).toEqual([0]);
  });

  test('a database that does not exist is the end of it', () => {
    const client = new RawClient(OPEN);
    client.login({ plugin: 'caching_sha2_password', database: 'nowhere' });
    const failure = new SqlError(1049, "Unknown database 'nowhere'");
    client.backend.answer({ ...results(), failure } as Parameters<typeof client.backend.answer>[0]);
    expect(client.received().map(errorIn)).toEqual(["1049 #42000Unknown database 'nowhere'"]);
    expect(client.ended).toBe(true);
  });
});

describe('commands', () => {
  test('small ones are answered at once', () => {
    const client = loggedIn();
    expect(heads(client.command(0x0e))).toEqual([0]);
    expect(client.command(0x09).map((payload) => new TextDecoder().decode(payload))).toEqual([
      'Uptime: 1',
    ]);
    expect(client.command(0x1f)).toEqual([]);
    expect(client.backend.asked).toEqual(['reset']);
  });

  test('an unknown one, or one cut short, is an error, and the connection goes on', () => {
    const client = loggedIn();
    expect(client.command(0x55).map(errorIn)).toEqual(['1047 #08S01Unknown command']);
    expect(client.command(0x17, (out) => out.u16(1)).map(errorIn)).toEqual([
      '1835 #HY000Malformed communication packet.',
    ]);
    expect(heads(client.command(0x0e))).toEqual([0]);
  });

  test('a command that is numbered as the middle of one ends the connection', () => {
    const client = loggedIn();
    expect(client.send(4, (out) => out.u8(0x0e)).map(errorIn)).toEqual([
      '1156 #08S01Got packets out of order',
    ]);
    expect(client.ended).toBe(true);
  });

  test('what is sent while one is under way waits for its turn', () => {
    const client = loggedIn();
    client.command(0x03, (out) => out.text('SELECT 1'));
    expect(client.command(0x0e)).toEqual([]);
    client.backend.answer(results(OK_RESULT));
    expect(heads(client.received())).toEqual([0, 0]);
  });

  test('without the capability for several statements, a text is asked to hold one', () => {
    const one = loggedIn();
    one.command(0x03, (out) => out.text('SELECT 1'));
    expect(one.backend.asked).toEqual([{ sql: 'SELECT 1', params: [], single: true }]);
    const several = loggedIn(CAPABILITY.multiStatements);
    several.command(0x03, (out) => out.text('SELECT 1'));
    expect(several.backend.asked).toEqual([{ sql: 'SELECT 1', params: [], single: false }]);
    several.backend.answer(results(OK_RESULT));
    several.received();
    several.command(0x1b, (out) => out.u16(1));
    several.command(0x03, (out) => out.text('SELECT 2'));
    expect(several.backend.asked[1]).toEqual({ sql: 'SELECT 2', params: [], single: true });
  });

  test('a session that is lost takes the connection with it, without a word', () => {
    const client = loggedIn();
    client.command(0x03, (out) => out.text('SELECT 1'));
    client.backend.answer({ kind: 'lost' });
    expect([client.received(), client.ended]).toEqual([[], true]);
  });
});

describe('results', () => {
  test('end with EOF packets, or with an OK where the client knows that', () => {
    for (const [capabilities, expected] of [
      [0, [1, 3, 0xfe, 1, 0xfe]],
      [CAPABILITY.deprecateEof, [1, 3, 1, 0xfe]],
    ] as const) {
      const client = loggedIn(capabilities);
      client.command(0x03, (out) => out.text('SELECT 5'));
      client.backend.answer(results(ONE_ROW));
      expect(heads(client.received())).toEqual(expected);
    }
  });

  test('of several statements say that more follow, and a failure comes last', () => {
    const client = loggedIn(CAPABILITY.multiStatements | CAPABILITY.deprecateEof);
    client.command(0x03, (out) => out.text('…'));
    const failure = new SqlError(1062, 'Duplicate entry');
    const state = { inTransaction: true, autocommits: false };
    client.backend.answer({ kind: 'results', results: [OK_RESULT, ONE_ROW], failure, state });
    const payloads = client.received();
    expect(heads(payloads)).toEqual([0, 1, 3, 1, 0xfe, 0xff]);
    const status = STATUS.inTransaction | STATUS.moreResults;
    expect([...(payloads[0] ?? [])]).toEqual([0, 3, 7, status, 0, 1, 0]);
    expect(errorIn(payloads[5])).toBe('1062 #23000Duplicate entry');
  });

  test('of any size are sent in slices, the next when the peer has room again', () => {
    const client = loggedIn();
    client.command(0x03, (out) => out.text('SELECT …'));
    const text = { kind: 'string', name: 'VARCHAR', unsigned: false, length: 1000, scale: 0 };
    const rows = Array.from({ length: 2000 }, () => ['x'.repeat(1000)]);
    client.room = false;
    client.sends.length = 0;
    client.backend.answer(results({ ...ONE_ROW, types: [text], rows }));
    expect(client.sends).toHaveLength(1);
    for (let slices = 2; slices <= 5; slices++) {
      client.server.drained();
      expect(client.sends).toHaveLength(slices);
    }
    expect(heads(client.command(0x0e)).at(-1)).not.toBe(0);
    client.room = true;
    client.server.drained();
    expect(Math.max(...client.sends)).toBeLessThan(80_000);
    const payloads = client.received();
    expect(heads(payloads).slice(-2)).toEqual([0xfe, 0]);
  });

  test('stop in the middle when the client goes away', () => {
    const client = loggedIn();
    client.command(0x03, (out) => out.text('SELECT …'));
    client.room = false;
    const rows = Array.from({ length: 100_000 }, (_, i) => [i]);
    client.backend.answer(results({ ...ONE_ROW, rows }));
    client.server.close();
    const before = client.sends.length;
    client.server.drained();
    expect([client.sends.length, client.backend.closed]).toEqual([before, 1]);
  });
});

describe('prepared statements', () => {
  function prepared(parameterCount: number): RawClient {
    const client = loggedIn();
    client.command(0x16, (out) => out.text('SELECT ?'));
    const state = { inTransaction: false, autocommits: true };
    const statement = { parameterCount, columns: ['a'], types: [BIGINT] };
    client.backend.answer({ kind: 'prepared', prepared: statement, state });
    const payloads = client.received();
    expect(heads(payloads)).toEqual([0, ...(parameterCount > 0 ? [3, 0xfe] : []), 3, 0xfe]);
    expect([...(payloads[0] ?? [])]).toEqual([0, 1, 0, 0, 0, 1, 0, parameterCount, 0, 0, 0, 0]);
    return client;
  }

  function execute(client: RawClient, field: number, bound: boolean, isNull = false) {
    client.command(0x17, (out) => {
      out.u32(1);
      out.u8(0);
      out.u32(1);
      out.u8(isNull ? 1 : 0);
      out.u8(bound ? 1 : 0);
      if (bound) out.u16(field);
      if (!isNull && field === FIELD.varString) out.lenencText('text');
    });
    client.backend.answer(results(ONE_ROW));
    client.received();
    return client.backend.asked.at(-1);
  }

  test('types are sent once, values each time', () => {
    const client = prepared(1);
    const text = { sql: 'SELECT ?', params: ['text'], single: true };
    expect(execute(client, FIELD.varString, true)).toEqual(text);
    expect(execute(client, FIELD.varString, false)).toEqual(text);
    expect(execute(client, FIELD.varString, false, true)).toEqual({ ...text, params: [null] });
  });

  test('pieces of a parameter are joined before their characters are read, and used once', () => {
    const client = prepared(1);
    const euro = new TextEncoder().encode('12 €');
    for (const piece of [euro.subarray(0, 4), euro.subarray(4)]) {
      const answer = client.command(0x18, (out) => {
        out.u32(1);
        out.u16(0);
        out.raw(piece);
      });
      expect(answer).toEqual([]);
    }
    const run = () =>
      client.command(0x17, (out) => {
        out.u32(1);
        out.u8(0);
        out.u32(1);
        out.u8(0);
        out.u8(1);
        out.u16(FIELD.string);
      });
    run();
    expect(client.backend.asked.at(-1)).toEqual({
      sql: 'SELECT ?',
      params: ['12 €'],
      single: true,
    });
    client.backend.answer(results(ONE_ROW));
    client.received();
    expect(run().map(errorIn)).toEqual(['1835 #HY000Malformed communication packet.']);
  });

  test('one that was closed, or never was, cannot be run; none has a cursor', () => {
    const client = prepared(0);
    expect(client.command(0x1c, (out) => out.u32(1)).map(errorIn)).toEqual([
      '1421 #HY000The statement (1) has no open cursor.',
    ]);
    expect(client.command(0x19, (out) => out.u32(1))).toEqual([]);
    const [answer] = client.command(0x17, (out) => out.u32(1));
    expect(errorIn(answer)).toMatch(/^1243 #HY000Unknown prepared statement handler \(1\)/);
  });
});
