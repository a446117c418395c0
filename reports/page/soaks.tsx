import type { JSX } from 'preact';
import type { IndexedFailure, IndexedSoak } from '../../runner/store-index.ts';
import type { StorePageData } from '../store-page-data.ts';
import { span } from '../virtual-time.ts';
import { count, VERDICT_SIGN } from '../wording.ts';
import { CopyableCommand } from './copy.tsx';

/** Every soak, newest first, with each kind of failure it found and how to see that again. */
export function Soaks({ soaks }: StorePageData): JSX.Element | null {
  if (soaks.length === 0) return null;
  return (
    <section>
      <div class="head">
        <h2>Soaks</h2>
      </div>
      {soaks.map((soak) => (
        <Soak key={soak.folder} soak={soak} />
      ))}
    </section>
  );
}

function Soak({ soak }: { soak: IndexedSoak }): JSX.Element {
  const { verdict, name, simulatedSeconds, wallSeconds, summary, folder } = soak;
  const outcomes = soak.outcomes.map(([outcome, n]) => `${count(n)} ${outcome}`).join(', ');
  const times = `${span(simulatedSeconds * 1e6)} simulated in ${span(wallSeconds * 1e6)}`;
  return (
    <article class={`verdict soak ${verdict}`}>
      <h2>
        {VERDICT_SIGN[verdict]} {verdict}
        <span class="run">
          <a href={summary === '' ? folder : summary}>{name}</a>: {soak.case}, seeds {soak.seeds}
        </span>
      </h2>
      <p>{soak.cause}</p>
      <p class="soft">{outcomes === '' ? 'no result yet' : `${outcomes}; ${times}`}</p>
      {soak.failures.map((failure) => (
        <Failure key={`${failure.outcome} ${failure.signature}`} failure={failure} />
      ))}
    </article>
  );
}

function Failure({ failure }: { failure: IndexedFailure }): JSX.Element {
  const { outcome, verdict, what, seed, link, command } = failure;
  return (
    <div class="failure">
      <b class={verdict}>
        {VERDICT_SIGN[verdict]} {outcome} ×{count(failure.count)}
      </b>{' '}
      {what} (first: <a href={link}>seed {seed}</a>)
      <CopyableCommand command={command} />
    </div>
  );
}
