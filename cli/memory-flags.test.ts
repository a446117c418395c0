import { describe, expect, test } from 'vitest';
import { formatBytes, parseBytes } from '../runner/byte-size.ts';
import { parseConfig } from '../runner/config.ts';
import { systemVariables } from '../runner/memory-overrides.ts';
import { resolveOptions } from '../runner/options.ts';
import { replayCommand } from '../runner/replay-command.ts';
import { parseSettings } from './parse-settings.ts';

const FLAGS = {
  memQuota: '512KB',
  oomAction: 'log',
  rateLimitAction: 'on',
  executorConcurrency: '1',
  tmpStorage: 'off',
  tmpStorageQuota: '16MB',
  serverMemoryLimit: '40%',
  memoryMix: 'sort=1,join=2',
};

describe('memory control', () => {
  test('is set by flags, and becomes the variables of TiDB', () => {
    const options = resolveOptions('ledger', parseSettings(FLAGS), () => '1');
    expect(systemVariables(options.memory)).toEqual([
      ['tidb_mem_quota_query', '524288'],
      ['tidb_mem_oom_action', 'log'],
      ['tidb_enable_rate_limit_action', 'on'],
      ['tidb_executor_concurrency', '1'],
      ['tidb_enable_tmp_storage_on_oom', 'off'],
      ['tidb_server_memory_limit', '40%'],
    ]);
    expect(options.memory.tmpStorageQuotaBytes).toBe(2 ** 24);
  });

  test('is part of the line that runs a run again', () => {
    const options = resolveOptions('ledger', parseSettings(FLAGS), () => '1');
    expect(replayCommand(options, '')).toBe(
      'npx wavetank run ledger --seed=1 --mem-quota=512KB --oom-action=log ' +
        '--rate-limit-action=on --executor-concurrency=1 --tmp-storage=off --tmp-storage-quota=16MB ' +
        '--server-memory-limit=40% --memory-mix=sort=1,join=2',
    );
  });

  test('may stand in the file', () => {
    const text = [
      'memory:',
      '  quota: 512KB',
      '  oom-action: log',
      '  rate-limit-action: "on"',
      '  executor-concurrency: 1',
      '  tmp-storage: "off"',
      '  tmp-storage-quota: 16MB',
      '  server-limit: 40%',
      'ledger:',
      '  memory-mix: sort=1,join=2',
    ].join('\n');
    expect(parseConfig('c.yaml', text).settings).toEqual(parseSettings(FLAGS));
  });

  test('is refused where a version does not have it', () => {
    const settings = { profile: 'v5.5.0-nightly', oomAction: 'log' } as const;
    expect(() => resolveOptions('ledger', settings, () => '1')).toThrow(
      '--oom-action: v5.5.0-nightly has no tidb_mem_oom_action',
    );
  });
});

describe('a size', () => {
  test.each([
    ['4096', 4096, '4KB'],
    ['4097', 4097, '4097'],
    ['16MB', 2 ** 24, '16MB'],
    ['1024GB', 2 ** 40, '1TB'],
  ])('%s is %d bytes, told as %s', (text, bytes, told) => {
    expect(parseBytes(text)).toBe(bytes);
    expect(formatBytes(bytes)).toBe(told);
  });

  test.each(['', '0', '-1', '1.5GB', '16mb', '16 MB', '99999999TB'])('is not "%s"', (text) => {
    expect(parseBytes(text)).toBeUndefined();
  });
});
