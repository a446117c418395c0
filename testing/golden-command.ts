/**
 * One command line of a golden script:
 *
 * ```text
 * t1: !get a b at=15        session t1, an error is expected, two positional arguments, one named
 * (t1: commit ts=2)         its output is dropped: it only sets the scene
 * c1: [plan] > SELECT 1     the rest of the line goes to the runner as it is, with the tag `plan`
 * check why="no answer"     quotes as in JSON
 * ```
 */

/** One command, as a {@link CommandRunner} receives it. */
export interface Command {
  /** The session or transaction before the colon. */
  readonly prefix: string | undefined;
  /** The first word, or `>` for a raw command. */
  readonly name: string;
  /** Everything behind the first word, and the tags. */
  readonly args: Args;
  /** What stands behind `>`; empty for any other command. */
  readonly raw: string;
  /** Written with `!`: the command must end in an {@link ExpectedError}. */
  readonly expectError: boolean;
  /** Written in parentheses: what it prints is dropped. */
  readonly silent: boolean;
}

/** What executes the commands of one script: a small world, made afresh for each script. */
export interface CommandRunner {
  /**
   * Executes one command and answers with its output: lines, or text that may hold several. Throws
   * {@link ExpectedError} where the command fails as a command can; anything else that is thrown
   * fails the test, `!` or not. An unknown name is {@link unknownCommand}.
   */
  run(command: Command): readonly string[] | string | Promise<readonly string[] | string>;
}

/** A failure that belongs to the world under test. Its message is what the script shows. */
export class ExpectedError extends Error {
  override readonly name = 'ExpectedError';
}

/** The answer to a command that a runner does not know. */
export function unknownCommand(command: Command): never {
  throw new Error(`unknown command ${command.name}`);
}

interface Argument {
  readonly key: string | undefined;
  readonly value: string;
  used: boolean;
}

/** Arguments and tags of a command; whatever the runner never asks for fails the script. */
export class Args {
  private readonly all: Argument[];
  private readonly tags: Argument[];

  constructor(tokens: readonly Token[]) {
    const own = (wanted: boolean): Argument[] =>
      tokens
        .filter((token) => token.tag === wanted)
        .map(({ key, value }) => ({ key, value, used: false }));
    this.all = own(false);
    this.tags = own(true);
  }

  /** The value of `key=…`; throws if it is not there. */
  text(key: string): string {
    const value = this.optionalText(key);
    if (value === undefined) throw new Error(`${key}= is missing`);
    return value;
  }

  /** The value of `key=…`, if it is there. */
  optionalText(key: string): string | undefined {
    return this.take((argument) => argument.key === key)?.value;
  }

  /** The value of `key=…` as a safe integer; throws if it is missing or anything else. */
  integer(key: string): number {
    return toInteger(key, this.text(key));
  }

  /** The value of `key=…` as a safe integer, if it is there. */
  optionalInteger(key: string): number | undefined {
    const value = this.optionalText(key);
    return value === undefined ? undefined : toInteger(key, value);
  }

  /** Whether the bare word stands among the arguments. */
  flag(word: string): boolean {
    return (
      this.take((argument) => argument.key === undefined && argument.value === word) !== undefined
    );
  }

  /** Whether the command carries the tag. */
  tag(name: string): boolean {
    const found = this.tags.find((tag) => tag.value === name);
    if (found !== undefined) found.used = true;
    return found !== undefined;
  }

  /** The next positional argument; throws if there is none. `what` names it in the error. */
  next(what: string): string {
    const value = this.optionalNext();
    if (value === undefined) throw new Error(`${what} is missing`);
    return value;
  }

  /** The next positional argument, if there is one. */
  optionalNext(): string | undefined {
    return this.take((argument) => argument.key === undefined)?.value;
  }

  /** All positional arguments not yet asked for, in the order written. */
  rest(): string[] {
    return this.takeAll((argument) => argument.key === undefined).map(({ value }) => value);
  }

  /** All `key=value` pairs not yet asked for, in the order written. */
  pairs(): [key: string, value: string][] {
    return this.takeAll((argument) => argument.key !== undefined).map(({ key = '', value }) => [
      key,
      value,
    ]);
  }

  /** What nobody asked for, as written. */
  unused(): string[] {
    const left = this.all.filter(({ used }) => !used);
    const words = left.map(({ key, value }) => (key === undefined ? value : `${key}=${value}`));
    return [...words, ...this.tags.filter(({ used }) => !used).map(({ value }) => `[${value}]`)];
  }

  private take(wanted: (argument: Argument) => boolean): Argument | undefined {
    const found = this.all.find((argument) => !argument.used && wanted(argument));
    if (found !== undefined) found.used = true;
    return found;
  }

  private takeAll(wanted: (argument: Argument) => boolean): Argument[] {
    const found = this.all.filter((argument) => !argument.used && wanted(argument));
    for (const argument of found) argument.used = true;
    return found;
  }
}

function toInteger(key: string, value: string): number {
  const number = Number(value);
  if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(number)) {
    throw new Error(`${key}=${value} is not an integer`);
  }
  return number;
}

const LINE = /^(?:(?<prefix>[\w.-]+):)?\s*(?<tags>(?:\[\S*\]\s*)*)(?<error>!)?\s*(?<body>.*)$/s;

/** Reads one command line; throws with the reason if it is not one. */
export function parseCommand(line: string): Command {
  const text = line.trim();
  const silent = text.startsWith('(');
  if (silent && !text.endsWith(')')) throw new Error('the parenthesis is not closed');
  const { groups } = LINE.exec(silent ? text.slice(1, -1).trim() : text) ?? {};
  const { prefix, tags = '', error, body = '' }: Record<string, string | undefined> = groups ?? {};
  const before = tokens(tags);
  const common = { prefix, expectError: error !== undefined, silent };
  if (body.startsWith('>')) {
    return { ...common, name: '>', raw: body.slice(1).trim(), args: new Args(before) };
  }
  const [name, ...after] = tokens(body);
  if (name === undefined || name.tag || name.key !== undefined) {
    throw new Error('a command begins with its name');
  }
  return { ...common, name: name.value, raw: '', args: new Args([...before, ...after]) };
}

interface Token {
  readonly tag: boolean;
  readonly key: string | undefined;
  readonly value: string;
}

const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
const WORDS = new RegExp(String.raw`(?:[^\s"]|${QUOTED})+`, 'g');
const PAIR = new RegExp(`^((?:[^"=]|${QUOTED})+)=(.*)$`);
const TAGS = /^\[(.*)\]$/;

function tokens(text: string): Token[] {
  if (text.replace(WORDS, '').trim() !== '') throw new Error('a quote is not closed');
  return (text.match(WORDS) ?? []).flatMap((word): Token[] => {
    const names = TAGS.exec(word)?.[1]?.split(',');
    if (names !== undefined) {
      return names.map((value) => ({ tag: true, key: undefined, value }));
    }
    const [, key, value] = PAIR.exec(word) ?? [];
    if (key === undefined) return [{ tag: false, key, value: unquoted(word) }];
    return [{ tag: false, key: unquoted(key), value: unquoted(value ?? '') }];
  });
}

function unquoted(word: string): string {
  return word.replace(new RegExp(QUOTED, 'g'), (quoted) => String(JSON.parse(quoted)));
}
