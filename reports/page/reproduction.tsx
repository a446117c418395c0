/**
 * The browser side of a reproduction: the same seed on several versions, side by side. First
 * whether each ended as it must; then the same picture of each: memory against quota on one scale,
 * the worst statement, and the log of the first breach beside the log in the issue.
 */
import type { ComponentChildren, JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { LineRun } from '../../runner/memory-lines.ts';
import type { ColumnResult, IssueLine, Reproduction } from '../../runner/reproduction.ts';
import type { ReproductionPageData, ReproductionPicture } from '../reproduction-page-data.ts';
import { bytes, count, lineRun, VERDICT_SIGN } from '../wording.ts';
import { CopyableCommand } from './copy.tsx';
import { Counts, Levels } from './memory.tsx';
import { MemoryCloseUp } from './memory-close-up.tsx';
import { mount } from './mount.tsx';
import { View } from './view.ts';

/** A column, and what is drawn of its run. */
interface Side {
  readonly column: ColumnResult;
  readonly picture: ReproductionPicture | null;
}

function Page({ report, pictures }: ReproductionPageData): JSX.Element {
  const sides = report.columns.map((column, i) => ({ column, picture: pictures[i] ?? null }));
  const toUs = Math.max(1, ...pictures.map((picture) => picture?.untilUs ?? 0));
  const view = useMemo(() => new View({ fromUs: 0, toUs }), [toUs]);
  return (
    <>
      <Outcome {...report} />
      <Sides sides={sides} of={(side) => <Ending {...side} />} />
      <Section title="Memory against quota" hint="One scale, one time axis. Drag to zoom.">
        <Sides sides={sides} of={({ picture }) => memoryOf(picture, view, highest(pictures))} />
      </Section>
      <Section title="The statement that held most">
        <Sides sides={sides} of={({ picture }) => worstOf(picture)} />
      </Section>
      <Section title="The log of the first breach" hint="Equal lines in a row are one row.">
        <Logs {...report} />
      </Section>
    </>
  );
}

function Outcome({ issue, seed, reproduced, differences }: Reproduction): JSX.Element {
  const cause = reproduced
    ? 'It fails as in the issue, and only on the version that had it.'
    : differences.join('; ');
  return (
    <header>
      <div class={`verdict ${reproduced ? 'valid' : 'invalid'}`}>
        <h1>
          <span id="verdict">{reproduced ? '✓ reproduced' : '✗ not reproduced'}</span>
          <span class="run">
            TiDB issue {issue}, seed {seed}
          </span>
        </h1>
        <p class="cause" id="cause">
          {cause}
        </p>
      </div>
    </header>
  );
}

interface SectionProps {
  readonly title: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
}

function Section({ title, hint, children }: SectionProps): JSX.Element {
  return (
    <section>
      <div class="head">
        <h2>{title}</h2>
        {hint !== undefined && <span class="soft">{hint}</span>}
      </div>
      {children}
    </section>
  );
}

interface SidesProps {
  readonly sides: readonly Side[];
  readonly of: (side: Side) => JSX.Element;
}

/** The same thing of every column, side by side. */
function Sides({ sides, of }: SidesProps): JSX.Element {
  return (
    <div class="sides">
      {sides.map((side) => (
        <article key={side.column.title}>
          <h3>{side.column.title}</h3>
          {of(side)}
        </article>
      ))}
    </div>
  );
}

/** How a run ended, in figures, with the way to its report and the line that runs it again. */
function Ending({ column, picture }: Side): JSX.Element {
  const { summary, expected, trouble, command } = column;
  if (summary === undefined) return <p class="invalid">It gave no answer: {trouble}</p>;
  const { verdict, cause, verifications, memory } = summary;
  const as = verdict === expected ? 'as it must be' : `not ${expected} as it must be`;
  return (
    <>
      <p class={verdict}>
        <b>
          {VERDICT_SIGN[verdict]} {verdict}
        </b>
        , <span class="soft">{as}</span>
      </p>
      <p class="what">{cause}</p>
      <p class="soft">
        {count(verifications.ok)} verifications succeeded, {count(verifications.failed)} failed;{' '}
        {bytes(memory.peakTracked)} held at most, quota {bytes(memory.quota)}
      </p>
      <p>
        <Counts {...memory} /> {picture !== null && <a href={picture.link}>report of the run</a>}
      </p>
      <CopyableCommand command={command} />
    </>
  );
}

const NOTHING = <p class="soft">No statement had memory to account for.</p>;

function memoryOf(picture: ReproductionPicture | null, view: View, reach: number): JSX.Element {
  if (picture?.memory === undefined) return NOTHING;
  return <Levels memory={picture.memory} report={picture} view={view} reach={reach} />;
}

function worstOf(picture: ReproductionPicture | null): JSX.Element {
  const worst = picture?.memory?.worst;
  return worst === undefined ? NOTHING : <MemoryCloseUp worst={worst} />;
}

/** The most bytes of any run: the scale that all share. */
function highest(pictures: readonly (ReproductionPicture | null)[]): number {
  return pictures.reduce((most, picture) => {
    const levels = picture?.memory?.levels ?? [];
    return levels.reduce((top, { consumed }) => Math.max(top, consumed), most);
  }, 0);
}

/** The issue's log and that of each run, row by row. */
function Logs({ issueLog, columns }: Reproduction): JSX.Element {
  const rows = Math.max(issueLog.length, ...columns.map(({ lines }) => lines.length));
  return (
    <div class="wide-table">
      <table id="logs">
        <thead>
          <tr>
            <th>log in the issue</th>
            {columns.map(({ title }) => (
              <th key={title}>{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            <tr key={row}>
              <td>{ofIssue(issueLog[row])}</td>
              {columns.map(({ title, lines }) => (
                <td key={title}>{ofRun(lines[row])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ofIssue(line: IssueLine | undefined): string {
  if (line === undefined) return '';
  return `${line.found ? '✓' : '✗'} ${lineRun(line)}`;
}

function ofRun(line: LineRun | undefined): string {
  return line === undefined ? '' : lineRun(line);
}

mount<ReproductionPageData>('comparison', (data) => <Page {...data} />);
