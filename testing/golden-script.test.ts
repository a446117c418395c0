import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Args,
  type Command,
  type CommandRunner,
  ExpectedError,
  isUpdate,
  playScript,
  runGoldenScripts,
  scriptTitle,
  unknownCommand,
} from './golden-script.ts';

/** Remembers numbers by name; enough to show every part of the format. */
class Memory implements CommandRunner {
  private readonly values = new Map<string, number>();

  run(command: Command): readonly string[] | string | Promise<string> {
    const { name, args, raw } = command;
    switch (name) {
      case 'set':
        return this.set(args);
      case 'get':
        return args.rest().map((key) => `${key}=${this.get(key)}`);
      case 'say':
        return args.tag('later') ? Promise.resolve(args.next('text')) : args.next('text');
      case '>':
        return args.tag('loud') ? raw.toUpperCase() : raw;
      case 'crash':
        throw new TypeError('a bug of the runner');
      default:
        return unknownCommand(command);
    }
  }

  private set(args: Args): readonly string[] {
    const quiet = args.flag('quiet');
    const pairs = args.pairs();
    for (const [key, value] of pairs) this.values.set(key, Number(value));
    return quiet ? [] : pairs.map(([key]) => `${key} is set`);
  }

  private get(key: string): number {
    const value = this.values.get(key);
    if (value === undefined) throw new ExpectedError(`${key} is not known`);
    return value;
  }
}

describe('scripts in a folder', () => {
  runGoldenScripts(new URL('./testdata/golden-script/', import.meta.url), () => new Memory());

  test('a folder without scripts is an error', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wavetank-golden-'));
    expect(() => runGoldenScripts(folder, () => new Memory())).toThrow('holds no golden script');
    rmSync(folder, { recursive: true });
  });
});

describe('playing', () => {
  const play = (script: string): Promise<string> => playScript(script, new Memory(), 'a.txt');

  test('output is filled in where the script has none or another', async () => {
    expect(await play('# It.\nset a=1\n')).toBe('# It.\nset a=1\n---\na is set\n');
    expect(await play('# It.\nset a=1 quiet\n---\nwrong\n')).toBe(
      '# It.\nset a=1 quiet\n---\nok\n',
    );
  });

  test('blocks end up one empty line apart, comments alone stay as they are', async () => {
    expect(await play('# It.\n\n\n# Now.\nsay hi\n\n\n')).toBe(
      '# It.\n\n# Now.\nsay hi\n---\nhi\n',
    );
  });

  test.each([
    ['an unknown command', 'fly', 'a.txt:2: fly: unknown command fly'],
    ['an argument nobody asked for', 'say a b c=1', 'nobody asked for b, c=1'],
    ['a tag nobody asked for', 'get [loud]', 'nobody asked for [loud]'],
    ['an argument nobody asked for, in set-up', '(say a b)', 'nobody asked for b'],
    ['an error without !', 'get a', 'a.txt:2: get a: a is not known'],
    ['an error without !, in set-up', '(get a)', 'a is not known'],
    ['! without an error', '!set a=1', 'an error was expected'],
    ['! before a bug of the runner', '!crash', 'a bug of the runner'],
    ['an argument that is missing', 'say', 'text is missing'],
    ['an open parenthesis', '(say a', 'the parenthesis is not closed'],
    ['an open quote', 'say "a', 'a quote is not closed'],
    ['a line without a name', 't1:', 'a command begins with its name'],
  ])('%s fails with file and line', async (_, line, message) => {
    await expect(play(`# It.\n${line}\n---\nok\n`)).rejects.toThrow(message);
  });
});

test('a script begins with a sentence', () => {
  expect(scriptTitle('# It works.\nsay a\n', 'a.txt')).toBe('It works.');
  expect(() => scriptTitle('say a\n', 'a.txt')).toThrow('a.txt:1: a script begins with');
  expect(() => scriptTitle('# no sentence\n', 'a.txt')).toThrow('a sentence');
});

test('scripts are rewritten only when asked for, and never under CI', () => {
  expect(isUpdate({})).toBe(false);
  expect(isUpdate({ UPDATE_GOLDEN: '1', CI: '' })).toBe(true);
  expect(() => isUpdate({ UPDATE_GOLDEN: '1', CI: 'true' })).toThrow('refused under CI');
});
