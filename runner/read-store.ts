import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { FILES, RunFolder, runsIn } from './run-folder.ts';
import { SOAK_FILES, SoakFolder } from './soak-folder.ts';
import type { SoakReport } from './soak-report.ts';
import type { Indexed, IndexedRun, IndexedSoak, StoreIndex } from './store-index.ts';

/** What is said of a run or a soak that never came to its end, or has not yet. */
const UNFINISHED = 'it has not come to an end';

/**
 * Reads what is in the store, and the runs that its soaks kept. What cannot be read is left out.
 *
 * @param elsewhere folders of soaks that belong to it, but may lie outside
 */
export function readStore(out: string, elsewhere: readonly string[] = []): StoreIndex {
  const paths = new Set([...SoakFolder.all(out), ...elsewhere].map((path) => resolve(path)));
  const soaks = [...paths].flatMap((path) => readable(() => SoakFolder.open(path)));
  const kept = soaks.flatMap((soak) =>
    soak.keptRuns().flatMap((path) => indexRun(out, path, basename(soak.path))),
  );
  const runs = runsIn(out).flatMap((path) => indexRun(out, path, ''));
  return {
    runs: [...runs, ...kept].sort(newestFirst),
    soaks: soaks.map((soak) => indexSoak(out, soak)).sort(newestFirst),
  };
}

/** What could be read, if it could. */
function readable<T>(read: () => T): [T] | [] {
  try {
    return [read()];
  } catch {
    return [];
  }
}

function newestFirst(a: Indexed, b: Indexed): number {
  if (a.startedAt === b.startedAt) return a.name < b.name ? 1 : -1;
  return a.startedAt < b.startedAt ? 1 : -1;
}

function indexRun(out: string, path: string, soak: string): IndexedRun[] {
  return readable(() => new RunFolder(path).readRecord()).map((record) => {
    const { options, startedAt, summary } = record;
    const nemeses = options.nemeses.length === 0 ? 'no nemesis' : options.nemeses.join(', ');
    return {
      ...{ name: basename(path), startedAt, soak, case: options.case, seed: options.seed },
      verdict: summary?.verdict ?? 'unknown',
      cause: summary?.cause ?? UNFINISHED,
      simulatedSeconds: summary?.simulatedSeconds ?? 0,
      wallSeconds: summary?.wallSeconds ?? 0,
      configuration: `${options.preset}, ${nemeses}`,
      report: existsSync(join(path, FILES.html)) ? link(out, join(path, FILES.html)) : '',
      folder: link(out, path),
    };
  });
}

function indexSoak(out: string, { path, record }: SoakFolder): IndexedSoak {
  const [report] = readable(() => readReport(path));
  const outcomes = Object.entries(report?.seeds.outcomes ?? {}).filter(([, n]) => n > 0);
  return {
    ...{ name: basename(path), startedAt: record.startedAt, case: record.plan.case, outcomes },
    verdict: report?.verdict ?? 'unknown',
    cause: report?.cause ?? UNFINISHED,
    simulatedSeconds: report?.simulatedSeconds ?? 0,
    wallSeconds: report?.wallSeconds ?? 0,
    seeds: record.seeds,
    failures: (report?.failures ?? []).map((failure) => ({
      ...{ outcome: failure.outcome, verdict: failure.verdict, count: failure.count },
      ...{ signature: failure.signature, what: `${failure.check}: ${failure.cause}` },
      ...{ seed: failure.seeds[0] ?? '', command: failure.command },
      link: link(out, reportOrFolder(join(path, failure.runDir))),
    })),
    summary: report === undefined ? '' : link(out, join(path, SOAK_FILES.text)),
    folder: link(out, path),
  };
}

function readReport(path: string): SoakReport {
  return JSON.parse(readFileSync(join(path, SOAK_FILES.summary), 'utf8')) as SoakReport;
}

function reportOrFolder(path: string): string {
  const html = join(path, FILES.html);
  return existsSync(html) ? html : path;
}

function link(from: string, to: string): string {
  return relative(from, to).split(sep).map(encodeURIComponent).join('/');
}
