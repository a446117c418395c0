import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppendFile } from './append-file.ts';
import type { LogLine } from './report.ts';

/** Where log lines go while the run lasts, and where a window of them comes from afterwards. */
export interface LogStore {
  /** Adds one line. Times must not decrease. */
  add(line: LogLine): void;
  /**
   * The lines of `[fromUs, untilUs]` in order of time, at most `limit`, and how many more there
   * were.
   */
  window(fromUs: number, untilUs: number, limit: number): LogWindow;
}

/** A stretch of the nodes' logs. */
export interface LogWindow {
  readonly logs: readonly LogLine[];
  readonly logsOmitted: number;
}

/** Picks a window out of lines in order of time; the middle of too many is kept. */
export function windowOf(lines: readonly LogLine[], limit: number): LogWindow {
  const skipped = Math.max(0, lines.length - limit);
  const start = Math.floor(skipped / 2);
  return { logs: lines.slice(start, start + limit), logsOmitted: skipped };
}

/** Where in a node's file the lines of some moment begin. */
interface Mark {
  readonly atUs: number;
  readonly byte: number;
}

/** One node's file and its marks. */
interface NodeLog {
  readonly file: AppendFile;
  readonly marks: Mark[];
  /** Bytes written or held back. */
  bytes: number;
}

/** The nodes' logs on disk, `logs/<node>.log`, exactly as the nodes wrote them. */
export class LogFiles implements LogStore {
  private readonly folder: string;
  private readonly byNode = new Map<string, NodeLog>();

  constructor(folder: string) {
    this.folder = folder;
  }

  add({ atUs, node, line }: LogLine): void {
    const log = this.open(node);
    if (log.marks.at(-1)?.atUs !== atUs) log.marks.push({ atUs, byte: log.bytes });
    log.file.append(`${line}\n`);
    log.bytes += Buffer.byteLength(line) + 1;
  }

  /** Gives everything to the operating system. */
  flush(): void {
    for (const { file } of this.byNode.values()) file.flush();
  }

  /** Writes the rest and closes the files; `window` still works. */
  close(): void {
    for (const { file } of this.byNode.values()) file.close();
  }

  window(fromUs: number, untilUs: number, limit: number): LogWindow {
    this.flush();
    const lines = [...this.byNode].flatMap(([node, log]) => linesOf(node, log, fromUs, untilUs));
    return windowOf(
      lines.sort((a, b) => a.atUs - b.atUs),
      limit,
    );
  }

  private open(node: string): NodeLog {
    let log = this.byNode.get(node);
    if (log === undefined) {
      log = { file: new AppendFile(join(this.folder, `${node}.log`)), marks: [], bytes: 0 };
      this.byNode.set(node, log);
    }
    return log;
  }
}

function linesOf(node: string, log: NodeLog, fromUs: number, untilUs: number): LogLine[] {
  const content = readFileSync(log.file.path);
  return log.marks.flatMap((mark, i) => {
    if (mark.atUs < fromUs || mark.atUs > untilUs) return [];
    const text = content.subarray(mark.byte, log.marks[i + 1]?.byte).toString();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ atUs: mark.atUs, node, line }));
  });
}
