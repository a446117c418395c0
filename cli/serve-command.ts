import { AUTH_PLUGINS } from '../cluster/wire/auth.ts';
import { EXIT } from '../runner/exit-code.ts';
import { HURRY_US } from '../runner/live-clock.ts';
import type { RunOptions } from '../runner/options.ts';
import { durationOf, oneOf, wholeNumber } from '../runner/scalar.ts';
import type { ServeOptions, Serving } from '../runner/serve.ts';
import { parseFlag } from './parse-flag.ts';
import { resolve } from './resolve.ts';
import { SERVE_DEFAULTS, type ServeFlags } from './serve-options.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** `wavetank serve`: a cluster behind a port, until it is interrupted. */
export async function serveCommand(flags: ServeFlags): Promise<number> {
  const settings = { tidbReplicas: String(SERVE_DEFAULTS.tidb), scale: '1', nemesis: 'none' };
  const { options } = resolve(undefined, { ...settings, ...flags, config: false });
  const serveOptions = serveOptionsOf(options, flags);
  // Mistakes are answered before the simulator is loaded.
  const [{ serve }, { decidePlan }, { Injector }] = await Promise.all([
    import('../runner/serve.ts'),
    import('../runner/decide-plan.ts'),
    import('../runner/inject.ts'),
  ]);
  const serving = await serve(serveOptions);
  new Injector(serving.cluster, decidePlan(options), serving.cluster.nowUs());
  process.stdout.write(`${welcome(serving, options, serveOptions)}\n`);
  await Promise.race([interrupted(), serving.ended]);
  await serving.stop();
  return EXIT.valid;
}

function serveOptionsOf(options: RunOptions, flags: ServeFlags): ServeOptions {
  const { seed, tidb, tikv, pd, profile, scaleDenominator, bugs } = options;
  const { host, user, password } = flags;
  const plugin = parseFlag('auth', oneOf(AUTH_PLUGINS), flags.auth) ?? SERVE_DEFAULTS.plugin;
  return {
    cluster: { seed, tidb, tikv, pd, profile, scaleDenominator, bugs },
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
function welcome(serving: Serving, options: RunOptions, { host, account }: ServeOptions): string {
  const { profile, tidb, tikv, pd, seed } = options;
  const cluster = `${profile} with ${tidb} TiDB, ${tikv} TiKV, ${pd} PD, seed ${seed}`;
  const password = account.password === '' ? '' : ' -p';
  const command = `mysql -h ${host} -P ${serving.port} -u ${account.user}${password} test`;
  return `serving ${cluster} on ${host}:${serving.port} (Ctrl-C ends it): ${command}`;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
}
