import { expect, test } from 'vitest';
import { type CommandRunner, parseScript, runScript } from './golden-script.ts';

const world: CommandRunner = {
  run({ name, args, raw, tags, prefix }) {
    if (name === 'echo') return args.rest();
    if (name === 'fail') throw new Error('it failed');
    if (name === '>') return [`${prefix}|${raw}|${[...tags].join()}`];
    if (name === 'add') return String(args.number('a', 0) + args.number('b', 0));
    return [];
  },
};

test('outputs are filled in after the bar, `ok` where there is none', async () => {
  const script = '# Says things.\n\necho a b\nquiet\n\nquiet\n';
  expect(await runScript(script, world)).toBe(
    '# Says things.\n\necho a b\nquiet\n---\na\nb\n\nquiet\n---\nok\n',
  );
});

test('a correct script is reproduced to the letter', async () => {
  const script = '# Adds.\n\n# a comment\nc1: add a=1 b=2\n(add a=5)\n---\nc1: 3\n';
  expect(await runScript(script, world)).toBe(script);
});

test('an expected error is output, an unexpected one fails, a missing one is told', async () => {
  const out = await runScript('# Fails.\n\n!fail\n!quiet\n', world);
  expect(out).toContain('---\nit failed\nno error, though one was expected\n');
  await expect(runScript('# Fails.\n\nfail\n', world)).rejects.toThrow('it failed');
});

test('raw text keeps its lines, tags and prefix are told apart', async () => {
  const out = await runScript('# Raw.\n\nc1: [ast] > SELECT 1\n  FROM t\n', world);
  expect(out).toContain('---\nc1: c1|SELECT 1\n  FROM t|ast\n');
});

test('unused arguments and scripts without a sentence are errors', async () => {
  await expect(runScript('# Bad.\n\nadd a=1 c=2\n', world)).rejects.toThrow(
    'unused arguments: c=2',
  );
  expect(() => parseScript('echo a\n')).toThrow('a sentence');
});
