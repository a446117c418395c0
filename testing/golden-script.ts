/**
 * Golden scripts: behaviour pinned by text that a person can read.
 *
 * ```text
 * # A reader that meets a live lock is told whose it is.
 * t1: begin ts=10
 * (t1: prewrite a=1 primary=a)
 * t2: !get a
 * ---
 * t2: KeyIsLocked a start=10
 * ```
 *
 * The first line is a sentence, the test's title. Then come blocks: commands (see
 * golden-command.ts) and comments, `---`, what the commands printed, and an empty line. An empty
 * line inside the output stands as `|`; a block that prints nothing says `ok`. Output of a command
 * with a prefix carries the prefix. `UPDATE_GOLDEN=1` rewrites the scripts; the diff is for a
 * person to read, so under CI it is refused. The idea is cockroachdb/datadriven's and
 * erikgrinaker/goldenscript's.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Command, type CommandRunner, ExpectedError, parseCommand } from './golden-command.ts';

export {
  type Args,
  type Command,
  type CommandRunner,
  ExpectedError,
  unknownCommand,
} from './golden-command.ts';

const SEPARATOR = '---';
const NO_OUTPUT = 'ok';
const EMPTY_LINE = '|';

/**
 * Registers one test for each `*.txt` in the folder, with the script's sentence as its title and a
 * fresh world from `makeWorld`. A folder without scripts is an error: nothing tested is not a pass.
 */
export function runGoldenScripts(folder: URL | string, makeWorld: () => CommandRunner): void {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder;
  const update = isUpdate(process.env);
  const files = readdirSync(path).filter((name) => name.endsWith('.txt'));
  if (files.length === 0) throw new Error(`${path} holds no golden script`);
  for (const file of files.sort()) registerScript(join(path, file), makeWorld, update);
}

function registerScript(path: string, makeWorld: () => CommandRunner, update: boolean): void {
  const script = readFileSync(path, 'utf8');
  test(scriptTitle(script, path), async () => {
    const played = await playScript(script, makeWorld(), path);
    if (update && played !== script) writeFileSync(path, played);
    if (!update) expect(script, basename(path)).toBe(played);
  });
}

/** Whether scripts are to be rewritten; throws if that is asked for under CI. */
export function isUpdate(environment: Readonly<Record<string, string | undefined>>): boolean {
  const { UPDATE_GOLDEN, CI } = environment;
  if (UPDATE_GOLDEN !== '1') return false;
  if (CI !== undefined && CI !== '') {
    throw new Error('UPDATE_GOLDEN is refused under CI: somebody must read what changed');
  }
  return true;
}

/** The sentence a script begins with; throws if it begins with anything else. */
export function scriptTitle(script: string, path: string): string {
  const title = /^# (\S.*[.?!])(?:\n|$)/.exec(script)?.[1];
  if (title === undefined) throw new Error(`${path}:1: a script begins with "# " and a sentence`);
  return title;
}

/**
 * Plays a script and answers with the script as it should read. Throws, with file and line, for a
 * line that is no command, an argument nobody asked for, and an error that came unannounced or
 * stayed away.
 */
export async function playScript(
  script: string,
  runner: CommandRunner,
  path = 'script',
): Promise<string> {
  const played: string[] = [];
  for (const block of readBlocks(script)) {
    const output: string[] = [];
    for (const { text, number } of block.commands) {
      if (text.startsWith('#')) continue;
      output.push(...(await playLine(text, runner, `${path}:${number}`)));
    }
    played.push(renderBlock(block, output));
  }
  return `${played.join('\n\n')}\n`;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

interface Block {
  /** Commands and comments. */
  readonly commands: readonly Line[];
  /** Nothing is executed, hence nothing is expected. */
  readonly onlyComments: boolean;
}

function readBlocks(script: string): Block[] {
  const blocks: Block[] = [];
  let lines: Line[] = [];
  const end = (): void => {
    const separator = lines.findIndex(({ text }) => text === SEPARATOR);
    const commands = joinContinued(separator < 0 ? lines : lines.slice(0, separator));
    const onlyComments = commands.every(({ text }) => text.startsWith('#'));
    if (lines.length > 0) blocks.push({ commands, onlyComments });
    lines = [];
  };
  for (const [index, text] of script.split('\n').entries()) {
    if (text === '') end();
    else lines.push({ text, number: index + 1 });
  }
  end();
  return blocks;
}

/** A line that begins with two blanks goes on with the raw text of the line before. */
function joinContinued(lines: readonly Line[]): Line[] {
  const joined: Line[] = [];
  for (const line of lines) {
    const before = joined.at(-1);
    if (before === undefined || !line.text.startsWith('  ')) joined.push(line);
    else joined[joined.length - 1] = { ...before, text: `${before.text}\n${line.text}` };
  }
  return joined;
}

function renderBlock({ commands, onlyComments }: Block, output: readonly string[]): string {
  const lines = commands.map(({ text }) => text);
  if (!onlyComments) lines.push(SEPARATOR, ...(output.length === 0 ? [NO_OUTPUT] : output));
  return lines.join('\n');
}

async function playLine(text: string, runner: CommandRunner, place: string): Promise<string[]> {
  try {
    const command = parseCommand(text);
    const lines = await outcome(command, runner);
    const unused = command.args.unused();
    if (unused.length > 0) throw new Error(`nobody asked for ${unused.join(', ')}`);
    return command.silent ? [] : lines.map((line) => shown(line, command.prefix));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${place}: ${text}: ${reason}`, { cause: error });
  }
}

async function outcome(command: Command, runner: CommandRunner): Promise<string[]> {
  let output: readonly string[] | string;
  try {
    output = await runner.run(command);
  } catch (error) {
    if (!command.expectError || !(error instanceof ExpectedError)) throw error;
    return error.message.split('\n');
  }
  if (command.expectError) throw new Error('an error was expected');
  const parts = typeof output === 'string' ? [output] : output;
  if (parts.length === 1 && parts[0] === '') return [];
  return parts.flatMap((part) => part.split('\n'));
}

function shown(line: string, prefix: string | undefined): string {
  const named = prefix === undefined ? line : `${prefix}: ${line}`.trimEnd();
  return named === '' ? EMPTY_LINE : named;
}
