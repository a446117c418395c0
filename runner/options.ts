import { CASES, type CaseName, type LedgerPreset, PRESET_SCALES } from '../cases/index.ts';
import { BUGS } from '../cluster/bugs.ts';
import type { ProfileName } from '../cluster/profiles.ts';
import { findNemesis, NEMESES } from '../nemesis/index.ts';
import type { NemesisMode, Plan } from '../nemesis/plan.ts';
import { type Topology, topologyOf } from '../nemesis/targets.ts';
import { DEFAULTS } from './defaults.ts';
import { type MemoryOverrides, memoryOverridesOf } from './memory-overrides.ts';
import type { Settings } from './settings.ts';
import { unknownName } from './suggest.ts';
import { UsageError } from './usage-error.ts';

/** Settings that are the ledger's own. */
export const CASE_SETTINGS = [
  ...(['accounts', 'concurrency', 'intervalUs', 'txnMode', 'primaryKey', 'verifyFrom'] as const),
  'memoryMix',
] as const;

/** Options of a case that were set by hand; what is absent comes from the preset. Times in µs. */
export type CaseOverrides = Pick<Settings, (typeof CASE_SETTINGS)[number]>;

/**
 * What is run: everything that decides the trace, with nothing left to a default. Two runs with
 * equal options have equal hashes. Plain JSON.
 */
export interface RunOptions {
  readonly case: CaseName;
  /** Decimal spelling of a 64-bit number. */
  readonly seed: string;
  /** Length of the safety phase in virtual µs. */
  readonly runTimeUs: number;
  /** Names, in the order in which they take turns. */
  readonly nemeses: readonly string[];
  /** Whether they really take turns. */
  readonly nemesisMode: NemesisMode;
  readonly preset: LedgerPreset;
  /** N of the scale 1/N. */
  readonly scaleDenominator: number;
  readonly tidb: number;
  readonly tikv: number;
  readonly pd: number;
  readonly profile: ProfileName;
  /** Seeded defects that are on. */
  readonly bugs: readonly string[];
  readonly caseOverrides: CaseOverrides;
  readonly memory: MemoryOverrides;
  /** A plan given by hand; absent: made from the nemeses and the seed. */
  readonly plan?: Plan;
}

/** What an empty list of nemeses is called. */
const NO_NEMESIS = 'none';

/**
 * The options of a run. Throws a `UsageError` for a name that does not exist, and for a target that
 * this version cannot run against.
 *
 * @param settings what was set; flags already merged over the file
 * @param drawSeed called if no seed was set
 */
export function resolveOptions(
  caseName: string,
  settings: Settings,
  drawSeed: () => string,
): RunOptions {
  const merged = { ...DEFAULTS, ...settings };
  demandSimulation(merged.target);
  const nemeses = merged.nemeses.filter((name) => name !== NO_NEMESIS);
  demandKnown(
    'nemesis',
    nemeses,
    NEMESES.map(({ name }) => name),
  );
  demandMembersOfPd(nemeses, merged.pd);
  demandKnown('defect', merged.bugs, Object.keys(BUGS));
  const { runTimeUs, nemesisMode, preset, tidb, tikv, pd, profile, bugs } = merged;
  return {
    case: knownCase(caseName),
    seed: settings.seed ?? drawSeed(),
    ...{ runTimeUs, nemeses, nemesisMode, preset, tidb, tikv, pd, profile, bugs },
    scaleDenominator: settings.scaleDenominator ?? PRESET_SCALES[preset],
    caseOverrides: overridesOf(settings),
    memory: memoryOverridesOf(settings, profile),
  };
}

/** The cluster's nodes, before there is a cluster. */
export function topologyFor(options: RunOptions): Topology {
  return topologyOf({ tidb: options.tidb, tikv: options.tikv, pd: options.pd });
}

/** The nemeses of a run; names were checked when the options were resolved. */
export function nemesesFor(options: RunOptions) {
  return options.nemeses.map(findNemesis).filter((nemesis) => nemesis !== undefined);
}

function knownCase(name: string): CaseName {
  const names = Object.keys(CASES) as CaseName[];
  const found = names.find((known) => known === name);
  if (found === undefined) throw unknownName('case', name, names);
  return found;
}

/** A nemesis that finds nobody to harm would make a run that shows less than it says. */
function demandMembersOfPd(nemeses: readonly string[], members: number): void {
  for (const name of nemeses) {
    const least = findNemesis(name)?.leastPd ?? 1;
    if (members >= least) continue;
    throw new UsageError(`nemesis ${name} needs ${least} members of PD, got ${members}`);
  }
}

function demandSimulation(target: string): void {
  if (target === 'sim') return;
  throw new UsageError(
    '--target: this version runs the simulated cluster only (sim); real clusters come later',
  );
}

function demandKnown(what: string, names: readonly string[], known: readonly string[]): void {
  for (const name of names) if (!known.includes(name)) throw unknownName(what, name, known);
}

function overridesOf(settings: Settings): CaseOverrides {
  const set = CASE_SETTINGS.filter((name) => settings[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, settings[name]]));
}
