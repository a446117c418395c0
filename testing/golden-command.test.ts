import { expect, test } from 'vitest';
import { parseCommand } from './golden-command.ts';

test('a command has a prefix, a name, and arguments that are positional or named', () => {
  const { prefix, name, args, expectError, silent, raw } = parseCommand('t1: get a b at=15');
  expect({ prefix, name, expectError, silent, raw }).toEqual({
    prefix: 't1',
    name: 'get',
    expectError: false,
    silent: false,
    raw: '',
  });
  expect(args.integer('at')).toBe(15);
  expect(args.next('key')).toBe('a');
  expect(args.rest()).toEqual(['b']);
  expect(args.unused()).toEqual([]);
});

test('! announces an error, parentheses silence, with or without a prefix', () => {
  expect(parseCommand('!get a')).toMatchObject({ name: 'get', expectError: true, silent: false });
  expect(parseCommand('(t1: !get a)')).toMatchObject({
    prefix: 't1',
    name: 'get',
    expectError: true,
    silent: true,
  });
});

test('> passes the rest of the line as it stands', () => {
  const line = parseCommand("c1: [plan,ops] !> SELECT 'a  b=1' FROM t WHERE (a = 1)");
  expect(line).toMatchObject({ prefix: 'c1', name: '>', expectError: true, silent: false });
  expect(line.raw).toBe("SELECT 'a  b=1' FROM t WHERE (a = 1)");
  expect([line.args.tag('plan'), line.args.tag('ops'), line.args.tag('ast')]).toEqual([
    ...[true, true, false],
  ]);
  expect(parseCommand('(> INSERT INTO t VALUES (1))').raw).toBe('INSERT INTO t VALUES (1)');
});

test('quotes are those of JSON and may stand anywhere in a word', () => {
  const { args } = parseCommand('say why="my \\"last\\" is 3@1" "a b"=c "x=1" p["q r"]');
  expect(args.text('why')).toBe('my "last" is 3@1');
  expect(args.pairs()).toEqual([['a b', 'c']]);
  expect(args.rest()).toEqual(['x=1', 'p[q r]']);
});

test('named arguments keep their order, and a pair taken by name is not among the rest', () => {
  const { args } = parseCommand('prewrite b=2 primary=a a=1 c=');
  expect(args.text('primary')).toBe('a');
  expect(args.optionalText('ttl')).toBeUndefined();
  expect(args.pairs()).toEqual([
    ['b', '2'],
    ['a', '1'],
    ['c', ''],
  ]);
});

test('what nobody asked for is told: words, pairs, repeated keys, tags', () => {
  const { args } = parseCommand('begin ts=1 ts=2 pessimistic slow [ops]');
  expect(args.integer('ts')).toBe(1);
  expect(args.flag('pessimistic')).toBe(true);
  expect(args.flag('fast')).toBe(false);
  expect(args.unused()).toEqual(['ts=2', 'slow', '[ops]']);
});

test('a missing or malformed argument is an error that names it', () => {
  const { args } = parseCommand('tick ms=1.5 n=9007199254740993');
  expect(() => args.text('to')).toThrow('to= is missing');
  expect(() => args.next('node')).toThrow('node is missing');
  expect(() => args.integer('ms')).toThrow('ms=1.5 is not an integer');
  expect(() => args.optionalInteger('n')).toThrow('is not an integer');
  expect(args.optionalInteger('none')).toBeUndefined();
});
