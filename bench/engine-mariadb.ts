import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { type Connection, createConnection } from 'mysql2/promise';
import {
  type EngineResult,
  PEER_COLUMNS,
  PEER_QUERY,
  type PeerKey,
  secondsSince,
  timed,
} from './engine.ts';
import { ledgerRows } from './ledger-rows.ts';

const START_LIMIT_MS = 30_000;
const FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin'];
/** What it sorts, groups and joins stays in memory; a query that takes too long is given up. */
const TUNED = [
  ...['--innodb-buffer-pool-size=4G', '--innodb-flush-method=nosync'],
  ...['--max-heap-table-size=4G', '--tmp-table-size=4G', '--max-statement-time=240'],
  ...['--sort-buffer-size=256M', '--join-buffer-size=256M', '--join-buffer-space-limit=512M'],
];
/** Rows of the file to be loaded that are written at once. */
const WRITE_ROWS = 10_000;

/**
 * MariaDB with a folder and a socket of its own, InnoDB's pool large enough for the table, with the
 * primary key that the ledger has or without one. Undefined if the system does not have it.
 */
export async function mariadb(rows: number, key: PeerKey): Promise<EngineResult | undefined> {
  const server = find('mariadbd');
  const initialize = find('mariadb-install-db');
  if (server === undefined || initialize === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'wavetank-bench-'));
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const data = [`--datadir=${folder}/data`, ...user];
  const login = ['--auth-root-authentication-method=normal', '--skip-name-resolve'];
  execFileSync(initialize, ['--no-defaults', ...data, '--skip-test-db', ...login], {
    stdio: 'pipe',
  });
  const socketPath = join(folder, 'socket');
  const listen = [`--socket=${socketPath}`, '--skip-networking'];
  const child = execa(server, ['--no-defaults', ...data, ...listen, ...TUNED], {
    ...{ stdio: 'ignore', reject: false, cleanup: true },
  });
  try {
    const connection = await connect(socketPath);
    await create(connection, key);
    const loadSeconds = await load(connection, folder, rows);
    const timings = await timed(
      async () => {
        const [answer] = await connection.query(PEER_QUERY);
        return String((answer as { total: unknown }[])[0]?.total);
      },
      () => coreSecondsOf(child.pid as number),
    );
    const peakMib = peakOf(child.pid as number);
    await connection.end();
    return { ...timings, loadSeconds, peakMib };
  } finally {
    child.kill('SIGKILL');
    await child;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function create(connection: Connection, key: PeerKey): Promise<void> {
  await connection.query('create database bench collate utf8mb4_bin');
  await connection.query('use bench');
  await connection.query(
    'create table ledger_accounts (account_id varchar(32) not null, posting_group_id bigint ' +
      'not null, causality_id bigint, amount bigint, balance bigint' +
      (key === 'key' ? ', primary key (account_id, posting_group_id))' : ')'),
  );
}

async function load(connection: Connection, folder: string, rows: number): Promise<number> {
  const path = join(folder, 'rows.csv');
  writeRows(path, rows);
  const startMs = performance.now();
  await connection.query(
    `load data infile '${path}' into table ledger_accounts fields terminated by ',' ` +
      `(${PEER_COLUMNS})`,
  );
  await connection.query('analyze table ledger_accounts');
  return secondsSince(startMs);
}

function writeRows(path: string, rows: number): void {
  const ledger = ledgerRows(rows);
  const file = openSync(path, 'w');
  let text = '';
  for (let row = 0; row < ledger.length; row++) {
    const { account, group, causality, amount, balance } = ledger;
    text += `acc${(account[row] as number) + 1},${group[row]},${causality[row]},`;
    text += `${amount[row]},${balance[row]}\n`;
    if (row % WRITE_ROWS === 0 || row === ledger.length - 1) {
      writeSync(file, text);
      text = '';
    }
  }
  closeSync(file);
}

async function connect(socketPath: string): Promise<Connection> {
  const deadlineMs = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      return await createConnection({ socketPath, user: 'root' });
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await sleep(50);
    }
  }
}

/** The most memory that a process has had, MiB. */
function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

/** Seconds of cores that a process has used; Linux counts them in hundredths. */
function coreSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function find(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
