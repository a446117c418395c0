import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { createConnection } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

function wavetank(...args: string[]) {
  return execa(process.execPath, ['--import', TSX, CLI, ...args], { reject: false });
}

/** The line that a server prints once it can be reached; what it says if it ends before that. */
async function firstLine(server: ReturnType<typeof wavetank>): Promise<string> {
  const { stdout } = server;
  // `iterable()` would wait for the end of the process when it is left.
  const lines = createInterface({ input: stdout });
  const line = once(lines, 'line').then(([text]) => String(text));
  return Promise.race([line, server.then(({ stderr }) => `ended: ${stderr}`)]);
}

describe('wavetank serve', () => {
  test('says where it is, serves, refuses a second one there, ends well on Ctrl-C', async () => {
    const server = wavetank('serve', '--port', '0', '--seed', '7', '--password', 'p');
    const line = await firstLine(server);
    const said =
      /^serving v8\.5\.0 with 1 TiDB, 3 TiKV, 3 PD, seed 7 on 127\.0\.0\.1:(\d+) \(Ctrl-C ends it\): mysql -h 127\.0\.0\.1 -P \1 -u root -p test$/;
    expect(line).toMatch(said);
    const port = said.exec(line)?.[1] ?? '';
    const connection = await createConnection({
      ...{ host: '127.0.0.1', port: Number(port), user: 'root', password: 'p' },
    });
    expect((await connection.query('SELECT 1 AS one'))[0]).toEqual([{ one: 1 }]);
    const second = await wavetank('serve', '--port', port);
    expect([second.exitCode, second.stderr, second.stdout]).toEqual([
      ...[2, `wavetank: --port: cannot listen on 127.0.0.1:${port}: the port is in use`, ''],
    ]);
    server.kill('SIGINT');
    connection.on('error', () => {});
    expect((await server).exitCode).toBe(0);
  });

  test.each([
    ['--port 99999', /--port: expected a whole number from 0 to 65535, got "99999"/],
    ['--auth md5', /--auth: expected one of caching_sha2_password, mysql_native_password/],
    ['--nemesis earthquake', /unknown nemesis "earthquake"/],
  ])('%s is answered with one line and exit code 2', async (flags, line) => {
    const { exitCode, stderr } = await wavetank('serve', ...flags.split(' '));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(line);
    expect(stderr.split('\n')).toHaveLength(1);
  });
});
