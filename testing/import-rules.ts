/**
 * Who may import whom, as rules of dependency-cruiser. The table is that of ARCHITECTURE.md §5:
 * what a folder may import at run time, and what it may know as types only. Nodes of different
 * kinds (`tikv`, `pd`, `tidb`) share types and meet through messages.
 */
import { cruise, type IForbiddenRuleType, type IViolation } from 'dependency-cruiser';

interface Direction {
  /** A pattern of paths: whose imports these are. */
  readonly from: string;
  /** Patterns of what it may import. */
  readonly may: readonly string[];
  /** Patterns of what it may import with `import type`. */
  readonly mayKnow: readonly string[];
}

/** Files that put the cluster together or face outwards; no chapter may look up to them. */
const ASSEMBLY_FILES =
  'cluster|invariants|client|surface|bootstrap|memory-record|pd-control|region-counters|scaling|bulk-import';
const ASSEMBLY = `^cluster/(${ASSEMBLY_FILES})\\.ts$`;
/** The vocabulary all chapters share: key, column, datum, errors, bugs, costs, … */
const SHARED = `^cluster/(?!(${ASSEMBLY_FILES})\\.ts)[\\w-]+\\.ts$`;
const SIM = '^cluster/sim/';
const RAFT = '^cluster/raft/';
const MVCC = '^cluster/mvcc/';
const TIKV = '^cluster/tikv/';
const PD = '^cluster/pd/';
const TIDB = '^cluster/tidb/';
const WIRE = '^cluster/wire/';
const CHECKER = '^checker/';
const CASES = '^cases/';
const NEMESIS = '^nemesis/';
const RUNNER = '^runner/';
const REPORTS = '^reports/';
const CLUSTER = '^cluster/';

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  sim: { from: SIM, may: [], mayKnow: [] },
  raft: { from: RAFT, may: [], mayKnow: [SIM] },
  // The list of seeded defects names those of Raft, which that chapter tells by itself.
  shared: { from: SHARED, may: [RAFT], mayKnow: [SIM, MVCC, TIKV, PD] },
  mvcc: { from: MVCC, may: [SHARED], mayKnow: [SIM] },
  tikv: { from: TIKV, may: [SHARED, SIM, MVCC, RAFT], mayKnow: [PD] },
  pd: { from: PD, may: [SHARED, SIM, RAFT], mayKnow: [TIKV] },
  tidb: { from: TIDB, may: [SHARED, SIM, 'node_modules/chevrotain/'], mayKnow: [MVCC, TIKV, PD] },
  wire: { from: WIRE, may: [SHARED, '^cluster/tidb/executor/(decimal|value)\\.ts$'], mayKnow: [] },
  assembly: { from: ASSEMBLY, may: [CLUSTER], mayKnow: [] },
  checker: { from: CHECKER, may: [], mayKnow: [] },
  cases: { from: CASES, may: [CHECKER, '^cluster/(session|errors|datum)\\.ts$'], mayKnow: [] },
  nemesis: { from: NEMESIS, may: [], mayKnow: [CLUSTER] },
  reports: {
    from: REPORTS,
    may: ['^(?!\\w+/)', 'node_modules/'],
    mayKnow: [RUNNER, CHECKER, NEMESIS],
  },
};

function directionRules(name: string, direction: Direction): IForbiddenRuleType[] {
  const { from, may, mayKnow } = direction;
  const known = [from, ...may, ...mayKnow];
  const rules: IForbiddenRuleType[] = [
    {
      name: `${name}-imports-only-what-it-may`,
      severity: 'error',
      from: { path: from, pathNot: TESTS },
      to: { pathNot: known },
    },
  ];
  if (mayKnow.length > 0) {
    rules.push({
      name: `${name}-knows-types-only`,
      severity: 'error',
      from: { path: from, pathNot: TESTS },
      to: { path: [...mayKnow], pathNot: [from, ...may], dependencyTypesNot: ['type-only'] },
    });
  }
  return rules;
}

const TESTS = '(\\.test\\.tsx?$|^testing/)';

/** The rules: the table, and what holds everywhere. */
export const IMPORT_RULES: readonly IForbiddenRuleType[] = [
  ...Object.entries(DIRECTIONS).flatMap(([name, direction]) => directionRules(name, direction)),
  {
    name: 'the-core-imports-no-node-builtin',
    severity: 'error',
    from: { path: [CLUSTER, CHECKER, CASES, NEMESIS], pathNot: [TESTS, '^cluster/real/'] },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'no-cycle',
    comment: 'types that mention each other load nothing, hence make no cycle',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'nothing-imports-the-command-line',
    severity: 'error',
    from: { pathNot: ['^cli\\.ts$', '^cli/', '^cli\\.test\\.ts$'] },
    to: { path: ['^cli\\.ts$', '^cli/'] },
  },
  {
    name: 'only-tests-import-testing',
    severity: 'error',
    from: { pathNot: TESTS },
    to: { path: '^testing/' },
  },
  {
    name: 'every-import-resolves',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];

/** What a cruise through the imports found. */
export interface Cruise {
  /** Number of files whose imports were read. */
  readonly modules: number;
  /** One line for each import that breaks a rule. */
  readonly violations: readonly string[];
}

/**
 * Reads the imports of all files in the folders of a repository, and holds them against the rules.
 */
export async function cruiseImports(baseDir: string, folders: string[]): Promise<Cruise> {
  const { output } = await cruise(folders, {
    baseDir,
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    ruleSet: { forbidden: [...IMPORT_RULES] },
    validate: true,
  });
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with text');
  const { violations } = output.summary;
  return {
    modules: output.modules.filter(({ source }) => !source.includes('node_modules')).length,
    violations: violations.map(describeViolation),
  };
}

function describeViolation({ rule, from, to, cycle }: IViolation): string {
  const way = cycle === undefined ? to : cycle.map(({ name }) => name).join(' → ');
  return `${rule.name}: ${from} → ${way}`;
}
