/**
 * A MariaDB server of our own, as an oracle for values: it agrees with MySQL on operators,
 * precedence and most functions. It listens on a socket in a temporary folder only.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { installPackage } from './system-package.ts';

/** How long the server may take to answer its socket. */
const START_LIMIT_MS = 30_000;
const { PATH = '' } = process.env;
const BINARY_FOLDERS = [...PATH.split(':'), '/usr/sbin', '/usr/local/sbin'];

/** A running server. */
export interface MariaDb {
  /**
   * A connection to it; integers beyond 2^53 and decimals arrive as strings, and a row that an
   * UPDATE leaves as it is does not count as affected.
   */
  readonly connection: Connection;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** Starts a server, installing Debian's package first where there is none. Never skips. */
export async function startMariaDb(): Promise<MariaDb> {
  const server = find('mariadbd') ?? install();
  const folder = mkdtempSync(join(tmpdir(), 'wavetank-mariadb-'));
  const socket = join(folder, 'socket');
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const data = [`--datadir=${folder}/data`, ...user];
  const initialize = find('mariadb-install-db') ?? 'mariadb-install-db';
  execFileSync(initialize, ['--no-defaults', ...data, '--skip-test-db', ...NORMAL_LOGIN], {
    stdio: 'pipe',
  });
  const arguments_ = ['--no-defaults', ...data, `--socket=${socket}`, '--skip-networking'];
  const child = spawn(server, [...arguments_, '--innodb-flush-method=nosync'], { stdio: 'ignore' });
  const connection = await connect(child, socket);
  return {
    connection,
    stop: async () => {
      await connection.end();
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** root without a password, rather than by the name of the operating system's user. */
const NORMAL_LOGIN = ['--auth-root-authentication-method=normal', '--skip-name-resolve'];

function find(name: string): string | undefined {
  return BINARY_FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function install(): string {
  installPackage('mariadb-server');
  const server = find('mariadbd');
  if (server === undefined) throw new Error('mariadb-server is installed but mariadbd is missing');
  return server;
}

async function connect(child: ChildProcess, socketPath: string): Promise<Connection> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`mariadbd ended with code ${child.exitCode}`);
    try {
      return await createConnection({
        socketPath,
        user: 'root',
        supportBigNumbers: true,
        bigNumberStrings: true,
        flags: ['-FOUND_ROWS'],
      });
    } catch (error) {
      if (Date.now() > deadline) {
        child.kill('SIGKILL');
        throw error;
      }
      await sleep(50);
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}
