import type { RunningStatement } from './alarm.ts';

/** Texts of one record: what each kind of file says. */
export type RecordTexts = ReadonlyMap<string, string>;

/** Statements that a record shows, of each order. */
const SHOWN = 10;

/**
 * Files that the alarm leaves on a TiDB node's disk; they outlive the process. Old ones make room
 * for new ones.
 */
export class RecordFiles {
  private readonly texts = new Map<string, string>();

  /** Path and text of each file, in order of path. */
  all(): readonly (readonly [path: string, text: string])[] {
    return [...this.texts].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Writes `folder/running_sql<stamp>` and so on, and keeps the newest of each kind. */
  keepEach(folder: string, texts: RecordTexts, stamp: string, kept: number): void {
    for (const [kind, text] of texts) {
      this.texts.set(`${folder}/${kind}${stamp}`, text);
      this.thin(`${folder}/${kind}`, kept, (path) => path);
    }
  }

  /** Writes `folder/<record>/running_sql` and so on, and keeps the newest records. */
  keepTogether(folder: string, texts: RecordTexts, record: string, kept: number): void {
    for (const [kind, text] of texts) this.texts.set(`${folder}/${record}/${kind}`, text);
    this.thin(`${folder}/`, kept, (path) => path.slice(0, path.lastIndexOf('/')));
  }

  private thin(prefix: string, kept: number, groupOf: (path: string) => string): void {
    const paths = [...this.texts.keys()].filter((path) => path.startsWith(prefix));
    const groups = [...new Set(paths.map(groupOf))].sort((a, b) => (a < b ? 1 : -1));
    const stale = new Set(groups.slice(kept));
    for (const path of paths) if (stale.has(groupOf(path))) this.texts.delete(path);
  }
}

/**
 * What a record holds: the statements that hold most and that run longest; who holds what, in place
 * of a heap profile; and the statements' own trees, in place of goroutines.
 */
export function recordText(
  running: readonly RunningStatement[],
  nowUs: number,
  heap: string,
): RecordTexts {
  const byMemory = [...running].sort((a, b) => b.memory - a.memory);
  const byTime = [...running].sort((a, b) => nowUs - b.sinceUs - (nowUs - a.sinceUs));
  const text = listed('memory usage', byMemory) + listed('time usage', byTime);
  return new Map([
    ['running_sql', text],
    ['heap', heap],
    ['goroutine', running.map(({ tree }) => tree).join('')],
  ]);
}

function listed(what: string, statements: readonly RunningStatement[]): string {
  let text = `The ${SHOWN} SQLs with the most ${what} for OOM analysis\n`;
  for (const [i, { lines }] of statements.slice(0, SHOWN).entries()) {
    text += `SQL ${i}: \n${lines.join('\n')}\n\n`;
  }
  return text;
}
