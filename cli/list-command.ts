import { CASES, type CaseName, LEDGER_DEFAULTS } from '../cases/index.ts';
import { LEDGER_CHECKS } from '../checker/ledger.ts';
import { BUGS } from '../cluster/bugs.ts';
import { PROFILES, type Profile } from '../cluster/profiles.ts';
import { NEMESES } from '../nemesis/index.ts';
import { RUN_CHECKS } from '../runner/run-checks.ts';
import { unknownName } from '../runner/suggest.ts';

type Row = readonly [name: string, summary: string];

const LISTS: Readonly<Record<string, () => readonly Row[]>> = {
  cases: () => Object.values(CASES).map(caseRow),
  nemeses: () => NEMESES.map(({ name, origin, summary }) => [name, `${summary} (${origin})`]),
  checkers: () => [
    ...Object.entries(RUN_CHECKS),
    ...LEDGER_CHECKS.map((name): Row => [name, 'the contract of the ledger case']),
  ],
  mutants: () => Object.entries(BUGS),
  profiles: () => Object.values(PROFILES).map(profileRow),
};

function caseRow(make: (typeof CASES)[CaseName]): Row {
  const { name, summary } = make(LEDGER_DEFAULTS);
  return [name, summary];
}

function profileRow({ name, clusteredIndex }: Profile): Row {
  return [name, `tidb_enable_clustered_index = ${clusteredIndex}`];
}

/** `wavetank list`: names and one line about each. */
export async function listCommand(what: string): Promise<number> {
  const list = LISTS[what];
  if (list === undefined) throw unknownName('list', what, Object.keys(LISTS));
  const rows = list();
  const width = Math.max(...rows.map(([name]) => name.length));
  process.stdout.write(rows.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join(''));
  return 0;
}
