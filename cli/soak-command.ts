import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { renderSoakJunit } from '../reports/soak-junit.ts';
import { renderSoakText } from '../reports/soak-text.ts';
import { soak } from '../runner/soak.ts';
import { SOAK_FILES } from '../runner/soak-folder.ts';
import { SILENT_SOAK, type SoakProgress, soakProgressOn } from '../runner/soak-progress.ts';
import { composeSoakReport } from '../runner/soak-report.ts';
import { ownProgram } from '../runner/soak-worker.ts';
import { versions } from '../runner/version.ts';
import { INDEX, writeIndex } from '../runner/write-index.ts';
import { Interrupt } from './interrupt.ts';
import { type ResolvedSoak, resolveSoak } from './resolve-soak.ts';
import type { SoakFlags } from './soak-options.ts';

/** `wavetank soak`: many seeds, each in a process of its own. The worst gives the exit code. */
export async function soakCommand(caseName: string | undefined, flags: SoakFlags): Promise<number> {
  const resolved = resolveSoak(caseName, flags);
  const { folder, seeds, range, out, jobs, timeoutMs, forMs } = resolved;
  const now = (): number => performance.now();
  const progress = flags.quiet === true ? SILENT_SOAK : soakProgressOn(process.stderr, now, forMs);
  introduce(resolved, progress);
  const stop = new AbortController();
  const interrupt = new Interrupt(() => {
    progress.say('ending the workers; the ledger stays (again: end at once)');
    stop.abort();
  });
  const keepPassing = flags.keepPassing === true;
  const end = await soak({
    ...{ folder, seeds, jobs, timeoutMs, forMs, keepPassing, progress, now },
    ...{ program: ownProgram(), stop: stop.signal },
  }).finally(() => interrupt.dispose());
  const report = composeSoakReport({ folder, end, seeds, range, index: join(out, INDEX) });
  folder.write(SOAK_FILES.summary, `${JSON.stringify(report, null, 2)}\n`);
  folder.write(SOAK_FILES.junit, renderSoakJunit(report, end.results));
  folder.write(SOAK_FILES.text, renderSoakText(report, { colour: false }));
  writeIndex(out, folder.path, (trouble) => progress.say(trouble));
  const colour = process.stdout.isTTY === true && !('NO_COLOR' in process.env);
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(report)}\n` : renderSoakText(report, { colour }),
  );
  return report.exitCode;
}

function introduce({ folder, range, jobs }: ResolvedSoak, progress: SoakProgress): void {
  const { plan, versions: then } = folder.record;
  progress.say(`${plan.case}, seeds ${range}, ${jobs} at a time, in ${folder.path}`);
  const { wavetank } = versions();
  if (then.wavetank === wavetank) return;
  progress.say(`warning: this soak was begun by wavetank ${then.wavetank}, this is ${wavetank}`);
}
