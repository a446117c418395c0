import { expect, test } from 'vitest';
import { costsAtScale } from '../costs.ts';
import { PROFILES, type ProfileName } from '../profiles.ts';
import { GlobalVariables, SessionVariables } from './sysvar.ts';

function variables(profile: ProfileName, scale = 1) {
  const globals = new GlobalVariables(PROFILES[profile], costsAtScale(scale));
  return { globals, session: new SessionVariables(globals) };
}

/** What setting a global gives: its text, and the code of the warning or error. */
function set(profile: ProfileName, name: string, value: string, scale = 1): unknown[] {
  const { globals } = variables(profile, scale);
  try {
    const warning = globals.set(name, value);
    return [globals.get(name), warning?.code];
  } catch (error) {
    return [(error as { code: number }).code];
  }
}

test.each([
  ['32GB', '32GB', undefined],
  ['80%', '80%', undefined],
  ['1234567890123', '1234567890123', undefined],
  ['0', '0', undefined],
  ['600MB', '600MB', undefined],
  ['100MB', '512MB', 1292],
  ['1', '512MB', 1292],
  ['1%', '512MB', 1292],
])('tidb_server_memory_limit = %s is read back as %s', (value, text, warning) => {
  expect(set('v6.5.0', 'tidb_server_memory_limit', value)).toEqual([text, warning]);
});

test.each(['0%', '100%', '1gb', '1 GB', '1GiB', '-1', '1.5GB', '', 'junk'])(
  'tidb_server_memory_limit = %j is an error',
  (value) => {
    expect(set('v6.5.0', 'tidb_server_memory_limit', value)).toEqual([1292]);
  },
);

test('v8 knows binary units', () => {
  expect(set('v8.5.0', 'tidb_server_memory_limit', '1GiB')).toEqual(['1GiB', undefined]);
  const name = 'tidb_server_memory_limit_sess_min_size';
  expect(set('v8.5.0', name, '200MB')).toEqual(['209715200', undefined]);
  expect(set('v6.5.0', name, '200MB')).toEqual([1232]);
  expect(set('v8.5.0', name, '1')).toEqual(['128', 1292]);
});

test('sizes shrink with the scale', () => {
  const { globals } = variables('v8.5.0', 64);
  expect(globals.get('tidb_mem_quota_query')).toBe(String(2 ** 24));
  expect(globals.get('tidb_server_memory_limit_sess_min_size')).toBe(String(2 ** 21));
  expect(set('v8.5.0', 'tidb_server_memory_limit', '1MB', 64)).toEqual(['8MB', 1292]);
});

test.each([
  ['8589934592', '8589934592', undefined],
  ['-1', '-1', undefined],
  ['-2', '-1', 1292],
  ['1', '128', 1292],
  ['127', '128', 1292],
  ['0', '0', undefined],
  ['9223372036854775807', '9223372036854775807', undefined],
  ['9223372036854775808', '9223372036854775807', 1292],
])('tidb_mem_quota_query = %s becomes %s', (value, text, warning) => {
  expect(set('v8.5.0', 'tidb_mem_quota_query', value)).toEqual([text, warning]);
});

test('tidb_mem_quota_query takes no unit', () => {
  expect(set('v8.5.0', 'tidb_mem_quota_query', '32GB')).toEqual([1232]);
});

test('in v5.5 the quota belongs to the session and is not raised', () => {
  const { session } = variables('v5.5.0-nightly');
  expect(set('v5.5.0-nightly', 'tidb_mem_quota_query', '1')).toEqual([1228]);
  expect(session.set('tidb_mem_quota_query', '1')).toBeUndefined();
  expect(session.text('tidb_mem_quota_query')).toBe('1');
});

test('in v5.5 some variables of a session are the whole server’s', () => {
  const { globals, session } = variables('v5.5.0-nightly');
  session.set('tidb_memory_usage_alarm_ratio', '0.5');
  expect(new SessionVariables(globals).text('tidb_memory_usage_alarm_ratio')).toBe('0.5');
  expect(set('v5.5.0-nightly', 'tidb_mem_oom_action', 'LOG')).toEqual([1193]);
});

test.each([
  ['tidb_mem_oom_action', 'log', ['LOG', undefined]],
  ['tidb_mem_oom_action', '0', ['CANCEL', undefined]],
  ['tidb_mem_oom_action', '2', [1231]],
  ['tidb_enable_tmp_storage_on_oom', 'off', ['OFF', undefined]],
  ['tidb_enable_tmp_storage_on_oom', 'maybe', [1231]],
  ['tidb_memory_usage_alarm_ratio', '2', ['1', 1292]],
  ['tidb_memory_usage_alarm_ratio', 'x', [1232]],
  ['tidb_memory_usage_alarm_keep_record_num', '0', ['1', 1292]],
  ['tidb_server_memory_limit_gc_trigger', '0.64', [1105]],
  ['tidb_server_memory_limit_gc_trigger', '0.66', ['0.66', undefined]],
  ['tidb_gogc_tuner_threshold', '0.66', [1105]],
])('%s = %s gives %j', (name, value, outcome) => {
  expect(set('v8.5.0', name, value)).toEqual(outcome);
});

test('a global variable cannot be set for a session', () => {
  const { session } = variables('v8.5.0');
  expect(() => session.set('tidb_server_memory_limit', '1GB')).toThrow(
    "Variable 'tidb_server_memory_limit' is a GLOBAL variable and should be set with SET GLOBAL",
  );
});
