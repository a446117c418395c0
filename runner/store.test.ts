import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Op } from '../checker/history.ts';
import { AppendFile } from './append-file.ts';
import { HistoryFiles } from './history-files.ts';
import { LogFiles } from './log-files.ts';
import { SeriesCollector } from './series.ts';
import { StoreError } from './store-error.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function op(index: number, f = 'transfer', invokedAtUs = 0, completedAtUs = index): Op {
  return { index, process: 1, f, outcome: 'ok', value: null, invokedAtUs, completedAtUs };
}

describe('a history on disk', () => {
  test('is whole after it was flushed, without being closed', () => {
    const history = new HistoryFiles(folder);
    for (let i = 0; i < 1000; i++) history.append(op(i));
    history.flush();
    const lines = readFileSync(join(folder, 'history-000.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      Array.from({ length: 1000 }, (_, i) => op(i)),
    );
  });

  test('is cut into compressed segments in which every operation is found again', async () => {
    const history = new HistoryFiles(folder, 100_000);
    for (let i = 0; i < 5000; i++) history.append(op(i));
    await history.close();
    const files = readdirSync(folder).sort();
    expect(files.at(0)).toBe('history-000.ndjson.gz');
    expect(files.at(-1)).toMatch(/^history-\d+\.ndjson$/);
    const text = files.map((name) => {
      const content = readFileSync(join(folder, name));
      return (name.endsWith('.gz') ? gunzipSync(new Uint8Array(content)) : content).toString();
    });
    expect(text.join('').trimEnd().split('\n')).toHaveLength(5000);
    expect(await history.find([4999, 3, 2500])).toEqual([op(3), op(2500), op(4999)]);
    expect(await history.find([])).toEqual([]);
  });
});

describe('a file that cannot be written', () => {
  test('is named, with the reason, in one clear sentence', () => {
    const path = join(folder, 'nowhere', 'history.ndjson');
    expect(() => new AppendFile(path)).toThrow(`cannot write ${path}: no such file or directory`);
  });

  test('because the disk is full is told without the words of the system call', () => {
    const full = Object.assign(new Error('ENOSPC: no space left, write'), { code: 'ENOSPC' });
    const write = (): never => {
      throw full;
    };
    expect(() => StoreError.guard('store/x', write)).toThrow(
      new StoreError('store/x', full).message,
    );
    expect(new StoreError('store/x', full).message).toBe(
      'cannot write store/x: no space left on the device',
    );
  });
});

describe('logs on disk', () => {
  test('are files of the nodes and give back a window, in order of time', () => {
    const logs = new LogFiles(folder);
    for (let second = 0; second < 10; second++) {
      for (const node of ['tidb-0', 'tikv-0']) {
        logs.add({ atUs: second, node, line: `${node} été ${second}` });
      }
    }
    const { logs: lines, logsOmitted } = logs.window(3, 4, 100);
    expect(lines.map(({ line }) => line)).toEqual([
      'tidb-0 été 3',
      'tikv-0 été 3',
      'tidb-0 été 4',
      'tikv-0 été 4',
    ]);
    expect(logsOmitted).toBe(0);
    expect(logs.window(0, 9, 6)).toMatchObject({ logs: { length: 6 }, logsOmitted: 14 });
    logs.close();
    expect(readFileSync(join(folder, 'tikv-0.log'), 'utf8').split('\n')).toHaveLength(11);
  });
});

describe('series over virtual time', () => {
  test('count outcomes and measure latency in the bucket in which an operation completed', () => {
    const series = new SeriesCollector(10);
    series.add(op(0, 'transfer', 0, 5));
    series.add(op(1, 'transfer', 2, 9));
    series.add({ ...op(2, 'transfer', 0, 25), outcome: 'info' });
    series.add(op(3, 'verify', 20, 29));
    expect(series.finish(45)).toEqual({
      bucketUs: 10,
      operations: [
        {
          f: 'transfer',
          ok: [2, 0, 0, 0, 0],
          fail: [0, 0, 0, 0, 0],
          info: [0, 0, 1, 0, 0],
          p50Us: [5, null, null, null, null],
          p95Us: [7, null, null, null, null],
          p99Us: [7, null, null, null, null],
          maxUs: [7, null, null, null, null],
        },
        {
          f: 'verify',
          ok: [0, 0, 1, 0, 0],
          fail: [0, 0, 0, 0, 0],
          info: [0, 0, 0, 0, 0],
          p50Us: [null, null, 9, null, null],
          p95Us: [null, null, 9, null, null],
          p99Us: [null, null, 9, null, null],
          maxUs: [null, null, 9, null, null],
        },
      ],
    });
  });
});
