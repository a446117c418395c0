import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { DEFAULTS } from './defaults.ts';
import { UsageError } from './usage-error.ts';

const FILE = 'harness.config.yaml';
const DURATION = 'expected a duration such as 90s, 1h30m or 250ms';
const SCALE = 'expected 1 or 1/N with N a power of two, such as 1/64';
const CLUSTER_KEYS = 'expected one of scale, tidb, tikv, pd, tidb-version';

/** The lines a person sees for a configuration with mistakes. */
function complaints(text: string): string[] {
  try {
    parseConfig(FILE, text);
  } catch (error) {
    if (error instanceof UsageError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a configuration', () => {
  test('gives the settings it names and no others', () => {
    const text = [
      'case: ledger',
      'seed: 18446744073709551615',
      'run-time: 1h30m',
      'nemesis: [random_kill]',
      'cluster:',
      '  scale: 1/1024',
      '  tikv: 4',
      'ledger:',
      '  interval: 2s',
    ].join('\n');
    expect(parseConfig('c.yaml', text)).toEqual({
      case: 'ledger',
      settings: {
        seed: '18446744073709551615',
        runTimeUs: 5_400_000_000,
        nemeses: ['random_kill'],
        scaleDenominator: 1024,
        tikv: 4,
        intervalUs: 2_000_000,
      },
    });
  });

  test('may be empty', () => {
    expect(parseConfig('c.yaml', '# nothing yet\n')).toEqual({ settings: {} });
  });

  test('that comes with the package states the defaults', () => {
    const text = readFileSync(new URL('../harness.config.yaml', import.meta.url), 'utf8');
    const { bugs: _, ...stated } = DEFAULTS;
    expect(parseConfig(FILE, text)).toEqual({ case: 'ledger', settings: stated });
  });

  const mistakes: [sentence: string, text: string, lines: string[]][] = [
    [
      'an unknown key',
      'case: ledger\ncluster:\n  pdd: 3\n',
      [`${FILE}:3:3 cluster.pdd: unknown key "pdd", ${CLUSTER_KEYS}`],
    ],
    [
      'a text where a number belongs',
      'cluster:\n  tikv: four\n',
      [`${FILE}:2:3 cluster.tikv: expected a whole number from 1 to 64, got "four"`],
    ],
    [
      'a block where a value belongs',
      'run-time:\n  hours: 6\n',
      [`${FILE}:1:1 run-time: ${DURATION}, got a block of keys`],
    ],
    [
      'a value where a block belongs',
      'cluster: 3\n',
      [`${FILE}:1:1 cluster: expected a block of keys, got 3`],
    ],
    [
      'a value where a list belongs',
      'nemesis: random_kill\n',
      [`${FILE}:1:1 nemesis: expected a list, got "random_kill"`],
    ],
    [
      'a bad item of a list',
      'nemesis:\n  - random_kill\n  - []\n',
      [`${FILE}:3:5 nemesis[1]: expected a name, got a list`],
    ],
    [
      'several mistakes, in the order of the lines',
      'seed: -1\ncluster:\n  scale: 1/3\n  pdd: 1\npreset: hott\n',
      [
        `${FILE}:1:1 seed: expected a whole number from 0 to 18446744073709551615, got -1`,
        `${FILE}:3:3 cluster.scale: ${SCALE}, got "1/3"`,
        `${FILE}:4:3 cluster.pdd: unknown key "pdd", ${CLUSTER_KEYS}`,
        `${FILE}:5:1 preset: expected one of oom, hot, got "hott"`,
      ],
    ],
    ['a key twice', 'seed: 1\nseed: 2\n', [`${FILE}:2:1 Map keys must be unique`]],
    [
      'a list where the keys belong',
      '- ledger\n',
      [`${FILE}:1:1 expected a block of keys, got a list`],
    ],
  ];
  test.each(mistakes)(
    'with %s is refused with the place and what was expected',
    (_, text, lines) => {
      expect(complaints(text)).toEqual(lines);
    },
  );
});
