/**
 * The browser side of the index of a store: what the soaks found, then every run, newest first,
 * with its verdict, its cause and the way to its report. A person comes here with a question ("what
 * failed last night?"), so runs can be narrowed down by verdict and by any word in their row.
 */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { VerdictKind } from '../../checker/checker.ts';
import type { IndexedRun } from '../../runner/store-index.ts';
import type { StorePageData } from '../store-page-data.ts';
import { span } from '../virtual-time.ts';
import { count, counted, VERDICT_SIGN } from '../wording.ts';
import { mount } from './mount.tsx';
import { Soaks } from './soaks.tsx';

const VERDICTS: readonly VerdictKind[] = ['invalid', 'unknown', 'valid'];

function Page(data: StorePageData): JSX.Element {
  return (
    <>
      <header>
        <h1>
          Wavetank{' '}
          <span class="soft">
            {counted(data.runs.length + data.runsOmitted, 'run')},{' '}
            {counted(data.soaks.length, 'soak')}
          </span>
        </h1>
      </header>
      <Soaks {...data} />
      <Runs {...data} />
    </>
  );
}

function Runs({ runs, runsOmitted }: StorePageData): JSX.Element {
  const [verdict, setVerdict] = useState<VerdictKind | undefined>(undefined);
  const [words, setWords] = useState('');
  const shown = runs.filter((run) => matches(run, verdict, words));
  const of = (kind: VerdictKind): number => runs.filter((run) => run.verdict === kind).length;
  return (
    <section>
      <div class="head">
        <h2>Runs</h2>
        {VERDICTS.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={verdict === kind}
            onClick={() => setVerdict(verdict === kind ? undefined : kind)}
          >
            {VERDICT_SIGN[kind]} {count(of(kind))} {kind}
          </button>
        ))}
        <input
          type="search"
          placeholder="seed, nemesis, cause, …"
          aria-label="Show runs with these words"
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <span class="soft">{count(shown.length)} shown</span>
      </div>
      <RunTable runs={shown} />
      {runsOmitted > 0 && <p class="soft">{count(runsOmitted)} older runs are not on this page.</p>}
    </section>
  );
}

function matches(run: IndexedRun, verdict: VerdictKind | undefined, words: string): boolean {
  if (verdict !== undefined && run.verdict !== verdict) return false;
  const text = `${run.seed} ${run.case} ${run.configuration} ${run.cause} ${run.name} ${run.soak}`;
  const wanted = words.toLowerCase().split(/\s+/);
  return wanted.every((word) => text.toLowerCase().includes(word));
}

function RunTable({ runs }: { runs: readonly IndexedRun[] }): JSX.Element {
  return (
    <table id="runs">
      <thead>
        <tr>
          <th>verdict</th>
          <th>begun</th>
          <th class="num">seed</th>
          <th>configuration</th>
          <th class="num">simulated</th>
          <th class="num">wall</th>
          <th>cause</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <RunRow key={run.folder} run={run} />
        ))}
      </tbody>
    </table>
  );
}

function RunRow({ run }: { run: IndexedRun }): JSX.Element {
  const { verdict, report, folder } = run;
  return (
    <tr>
      <td class={`tight ${verdict}`}>
        {VERDICT_SIGN[verdict]} {verdict}
      </td>
      <td class="tight">
        <a href={report === '' ? folder : report}>{moment(run.startedAt)}</a>
      </td>
      <td class="num">{run.seed}</td>
      <td>
        {run.case}, {run.configuration}
        {run.soak !== '' && <span class="soft"> (soak {run.soak})</span>}
      </td>
      <td class="num tight">{span(run.simulatedSeconds * 1e6)}</td>
      <td class="num tight">{span(run.wallSeconds * 1e6)}</td>
      <td class="wide">{run.cause}</td>
    </tr>
  );
}

/** ISO 8601 without the letters between, to the second; UTC, as the folders are named. */
function moment(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

mount<StorePageData>('index', (data) => <Page {...data} />);
