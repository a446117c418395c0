/**
 * Golden scripts: behaviour written as a conversation that a person can read and a test can check.
 *
 * ```
 * # A reader that meets the lock of a dead transaction rolls it back.
 * t1: begin ts=10
 * (t1: prewrite a=1)
 * ---
 * ok
 *
 * t2: !get a
 * ---
 * KeyIsLocked a start=10
 * ```
 *
 * The first line is the sentence the script shows; it is the test's title. Then come blocks: commands,
 * `---`, output up to an empty line (an empty line in the output is written `|`). `name:` before a
 * command is a session or transaction; `!` means an error is expected; `[tags]` switch extra output;
 * `(…)` silences set-up; `>` passes the rest of the line raw; a raw text goes on over lines that begin
 * with two blanks. `ok` stands for no output. A fresh world per script.
 *
 * `UPDATE_GOLDEN=1` rewrites the outputs, for a person to read the diff; refused under CI.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** One command of a script. */
export interface Command {
  /** Session or transaction before the colon; empty if none. */
  readonly prefix: string;
  /** First word; `>` for raw text. */
  readonly name: string;
  readonly args: Args;
  readonly tags: ReadonlySet<string>;
  /** What follows `>`. */
  readonly raw: string;
}

/** What runs the commands of one script. Throwing means the command failed: see `!`. */
export interface CommandRunner {
  run(command: Command): string | readonly string[] | Promise<string | readonly string[]>;
}

/** Positional and named arguments of a command. Whatever a runner does not ask for is an error. */
export class Args {
  private readonly positional: string[];
  private readonly named: Map<string, string>;

  constructor(words: readonly string[]) {
    this.positional = words.filter((word) => !isNamed(word));
    this.named = new Map(words.filter(isNamed).map(splitNamed));
  }

  /** The next positional argument. */
  next(what: string): string {
    const word = this.positional.shift();
    if (word === undefined) throw new ScriptError(`expected ${what}`);
    return word;
  }

  /** All positional arguments that are left. */
  rest(): string[] {
    return this.positional.splice(0);
  }

  /** A named argument, or undefined. */
  get(name: string): string | undefined {
    const value = this.named.get(name);
    this.named.delete(name);
    return value;
  }

  /** A named number, or `otherwise`. */
  number(name: string, otherwise: number): number {
    const text = this.get(name);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (Number.isNaN(value)) throw new ScriptError(`${name}=${text} is not a number`);
    return value;
  }

  /** All named arguments that are left, in order. */
  entries(): [name: string, value: string][] {
    const entries = [...this.named];
    this.named.clear();
    return entries;
  }

  /** Arguments nobody asked for. */
  unused(): string[] {
    return [...this.positional, ...[...this.named].map(([name, value]) => `${name}=${value}`)];
  }
}

/** The script itself is wrong: an unknown command, a missing or unused argument. */
export class ScriptError extends Error {}

interface ParsedCommand {
  readonly command: Command;
  readonly text: string;
  readonly silent: boolean;
  readonly expectError: boolean;
}

interface Block {
  readonly commands: readonly ParsedCommand[];
  readonly lines: readonly string[];
  readonly expected: readonly string[];
}

/** A script as read from its file. */
export interface Script {
  readonly title: string;
  readonly header: readonly string[];
  readonly blocks: readonly Block[];
}

/** Registers one test per `*.txt` of a folder; each runs in a world of its own. */
export function runGoldenScripts(folder: URL, makeWorld: () => CommandRunner): void {
  const path = fileURLToPath(folder);
  describe(path.split('/').slice(-3).join('/'), () => {
    const files = readdirSync(path).filter((file) => file.endsWith('.txt'));
    if (files.length === 0) throw new Error(`there are no scripts in ${path}`);
    for (const file of files.sort()) {
      const text = readFileSync(`${path}/${file}`, 'utf8');
      test(`${file}: ${parseScript(text).title}`, async () => {
        const actual = await runScript(text, makeWorld());
        if (mayUpdate() && actual !== text) writeFileSync(`${path}/${file}`, actual);
        else expect(actual).toBe(text);
      });
    }
  });
}

/** Runs a script and returns its text with the outputs that really came. */
export async function runScript(text: string, world: CommandRunner): Promise<string> {
  const script = parseScript(text);
  const parts = [...script.header];
  for (const block of script.blocks) {
    const output: string[] = [];
    for (const parsed of block.commands) output.push(...(await runCommand(parsed, world)));
    parts.push('', ...block.lines, '---', ...(output.length === 0 ? ['ok'] : output));
  }
  return `${parts.join('\n')}\n`;
}

/** Reads a script. Fails when it does not begin with a sentence. */
export function parseScript(text: string): Script {
  const paragraphs = text.replace(/\n+$/, '').split(/\n\n+/);
  const header = (paragraphs.shift() as string).split('\n');
  const title = header.map((line) => line.replace(/^# ?/, '')).join(' ');
  if (!header.every((line) => line.startsWith('#')) || !/[.!?]$/.test(title)) {
    throw new ScriptError('a script begins with "# " and a sentence');
  }
  return { title, header, blocks: paragraphs.map(parseBlock) };
}

function parseBlock(paragraph: string): Block {
  const lines = paragraph.split('\n');
  const bar = lines.indexOf('---');
  const head = bar < 0 ? lines : lines.slice(0, bar);
  const commands: ParsedCommand[] = [];
  for (const line of joinRaw(head)) {
    if (!line.startsWith('#')) commands.push(parseCommand(line));
  }
  return { commands, lines: head, expected: bar < 0 ? [] : lines.slice(bar + 1) };
}

/** A raw text may go on: lines that begin with two blanks belong to the line before. */
function joinRaw(lines: readonly string[]): string[] {
  const joined: string[] = [];
  for (const line of lines) {
    if (line.startsWith('  ') && joined.length > 0) joined.push(`${joined.pop()}\n${line}`);
    else joined.push(line);
  }
  return joined;
}

function parseCommand(text: string): ParsedCommand {
  let rest = text;
  const silent = rest.startsWith('(') && rest.endsWith(')');
  if (silent) rest = rest.slice(1, -1);
  const [, prefix = '', afterPrefix = rest] = /^([\w-]+):\s*([\s\S]*)$/.exec(rest) ?? [];
  rest = afterPrefix;
  const expectError = rest.startsWith('!');
  if (expectError) rest = rest.slice(1).trimStart();
  const tags = new Set<string>();
  for (let tag = /^\[([\w-]+)\]\s*/.exec(rest); tag !== null; tag = /^\[([\w-]+)\]\s*/.exec(rest)) {
    tags.add(tag[1] as string);
    rest = rest.slice(tag[0].length);
  }
  const raw = rest.startsWith('>') ? rest.slice(1).trimStart() : '';
  const words = raw === '' ? rest.split(/\s+/) : ['>'];
  const command = { prefix, name: words[0] as string, args: new Args(words.slice(1)), tags, raw };
  return { command, text, silent, expectError };
}

async function runCommand(parsed: ParsedCommand, world: CommandRunner): Promise<string[]> {
  const { command, text, silent, expectError } = parsed;
  const label = command.prefix === '' ? '' : `${command.prefix}: `;
  let output: string[];
  try {
    const result = await world.run(command);
    output = typeof result === 'string' ? splitLines(result) : [...result];
    const unused = command.args.unused();
    if (unused.length > 0) throw new ScriptError(`unused arguments: ${unused.join(' ')}`);
    if (expectError) output.push('no error, though one was expected');
  } catch (error) {
    if (error instanceof ScriptError) throw new ScriptError(`${text}: ${error.message}`);
    if (!expectError) throw error;
    output = splitLines(error instanceof Error ? error.message : String(error));
  }
  return silent ? [] : output.map((line) => (line === '' ? '|' : label + line));
}

function splitLines(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

function mayUpdate(): boolean {
  if (process.env['UPDATE_GOLDEN'] === undefined) return false;
  if (process.env['CI'] !== undefined) throw new Error('golden scripts are not rewritten under CI');
  return true;
}

function isNamed(word: string): boolean {
  return /^[\w-]+=/.test(word);
}

function splitNamed(word: string): [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}
