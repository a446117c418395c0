import type { SimulatedCluster } from '../cluster/surface.ts';
import { AUTH_PLUGINS } from '../cluster/wire/auth.ts';
import { clockMs } from '../reports/virtual-time.ts';
import { EXIT } from '../runner/exit-code.ts';
import { HURRY_US } from '../runner/live-clock.ts';
import { readMoment } from '../runner/moment.ts';
import type { RunOptions } from '../runner/options.ts';
import { progressOn } from '../runner/progress.ts';
import type { RunFolder } from '../runner/run-folder.ts';
import { durationOf, oneOf, wholeNumber } from '../runner/scalar.ts';
import type { ServedWorld, ServeOptions, Serving } from '../runner/serve.ts';
import { SETTINGS } from '../runner/settings.ts';
import { UsageError } from '../runner/usage-error.ts';
import { parseFlag } from './parse-flag.ts';
import { camelCased, parseSettings } from './parse-settings.ts';
import { resolve } from './resolve.ts';
import { RUN_FLAGS, SERVE_DEFAULTS, type ServeFlags } from './serve-options.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What there is to open a port on. */
interface Subject {
  readonly options: RunOptions;
  /** Completes "with three stores and a seed". */
  readonly when: string;
  world(): Promise<ServedWorld>;
  /** What else is to be said, or done, once the port is open. */
  opened(cluster: SimulatedCluster): readonly string[];
}

/** `wavetank serve`: a cluster behind a port, until it is interrupted. */
export async function serveCommand(flags: ServeFlags): Promise<number> {
  const where = placeOf(flags);
  const subject = flags.at === undefined ? await live(flags) : await past(flags, flags.at);
  const { serve } = await import('../runner/serve.ts');
  const serving = await serve({ ...where, world: () => subject.world() });
  const lines = [welcome(serving, subject, where), ...subject.opened(serving.cluster)];
  process.stdout.write(`${lines.join('\n')}\n`);
  await Promise.race([interrupted(), serving.ended]);
  await serving.stop();
  return EXIT.valid;
}

/** A new cluster, and faults if there are to be any. */
async function live(flags: ServeFlags): Promise<Subject> {
  for (const flag of RUN_FLAGS) {
    if (flags[camelCased(flag)] !== undefined) throw new UsageError(`--${flag}: only with --at`);
  }
  const settings = { tidbReplicas: String(SERVE_DEFAULTS.tidb), scale: '1', nemesis: 'none' };
  const { options } = resolve(undefined, { ...settings, ...flags, config: false });
  const { seed, tidb, tikv, pd, profile, scaleDenominator, bugs } = options;
  // Mistakes are answered before the simulator is loaded.
  const [{ liveWorld }, { decidePlan }, { Injector }] = await Promise.all([
    import('../runner/serve.ts'),
    import('../runner/decide-plan.ts'),
    import('../runner/inject.ts'),
  ]);
  return {
    ...{ options, when: '' },
    world: () => liveWorld({ seed, tidb, tikv, pd, profile, scaleDenominator, bugs }),
    opened(cluster) {
      new Injector(cluster, decidePlan(options), cluster.nowUs());
      return [];
    },
  };
}

/** The cluster of a run, at a moment. */
async function past(flags: ServeFlags, at: string): Promise<Subject> {
  const { folder, atUs } = readMoment(flags.out, at);
  const options = folder === undefined ? describedRun(flags) : keptRun(folder, flags);
  const { pastOf } = await import('../runner/past.ts');
  let violation = '';
  return {
    ...{ options, when: `, as at ${clockMs(atUs)}` },
    async world() {
      const found = await pastOf(options, atUs, progressOn(process.stderr));
      const { rule, message } = found.violation ?? {};
      if (rule !== undefined) violation = `${rule} was violated here: ${message}`;
      return found;
    },
    opened(cluster) {
      const down = cluster.nodes().filter(({ alive }) => !alive);
      const names = down.map(({ name }) => name).join(', ');
      return [violation, names === '' ? '' : `down: ${names}`].filter((line) => line !== '');
    },
  };
}

function describedRun(flags: ServeFlags): RunOptions {
  const { seed } = parseSettings(flags);
  if (seed !== undefined) return resolve(undefined, { ...flags, config: false }).options;
  throw new UsageError('--at: of which run? It takes a --seed, or <run>@<moment>');
}

function keptRun(folder: RunFolder, flags: ServeFlags): RunOptions {
  const { out: _out, ...given } = parseSettings(flags);
  const [name] = Object.keys(given) as (keyof typeof given)[];
  const flag = name === undefined ? flags.plan && 'plan' : SETTINGS[name].flag;
  if (flag === undefined) return folder.readRecord().options;
  throw new UsageError(`--${flag}: ${folder.path} has decided that already`);
}

type Place = Omit<ServeOptions, 'world'>;

function placeOf(flags: ServeFlags): Place {
  const { host, user, password } = flags;
  const plugin = parseFlag('auth', oneOf(AUTH_PLUGINS), flags.auth) ?? SERVE_DEFAULTS.plugin;
  return {
    port: parseFlag('port', wholeNumber(0, 65_535), flags.port) ?? SERVE_DEFAULTS.port,
    host,
    account: { user, password, plugin },
    hurryUs: parseFlag('hurry', durationOf(1), flags.hurry) ?? HURRY_US,
    log: (node, line) => {
      if (flags.log === true) process.stderr.write(`${node} ${line}\n`);
    },
  };
}

/** One line: what runs where, and a command that talks to it. */
function welcome(serving: Serving, { options, when }: Subject, { host, account }: Place): string {
  const { profile, tidb, tikv, pd, seed } = options;
  const cluster = `${profile} with ${tidb} TiDB, ${tikv} TiKV, ${pd} PD, seed ${seed}${when}`;
  const password = account.password === '' ? '' : ' -p';
  const command = `mysql -h ${host} -P ${serving.port} -u ${account.user}${password} test`;
  return `serving ${cluster} on ${host}:${serving.port} (Ctrl-C ends it): ${command}`;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
}
