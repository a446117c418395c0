/**
 * The parser: text to syntax trees. The grammar is spread over a chain of classes, one family of
 * statements each; this file holds what ties them together and the two entry points.
 */
import { SqlError } from '../../errors.ts';
import type { Statement } from './ast.ts';
import { ParseError } from './parse-error.ts';
import type { Rule } from './parser-base.ts';
import { SessionParser } from './parser-session.ts';
import { type SqlToken, tokenize } from './tokenizer.ts';
import { symbol } from './tokens.ts';

/** What a text was parsed into. */
export interface ParsedText {
  readonly statements: readonly Statement[];
  /** The tokens of the literals that carry an ordinal, in that order. */
  readonly freeLiterals: readonly SqlToken[];
  /** Number of `?` markers. */
  readonly parameterCount: number;
}

/** The whole grammar. Building one costs milliseconds; `parse` reuses one instance. */
export class SqlParser extends SessionParser {
  /** Any statement. All but queries and changes of rows have their literals pinned. */
  readonly statement: Rule<Statement> = this.RULE('statement', () => {
    return this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.dataStatement) },
      { ALT: () => this.SUBRULE(this.explain) },
      { ALT: () => this.pinned(() => this.SUBRULE(this.definition)) },
      { ALT: () => this.pinned(() => this.SUBRULE(this.command)) },
    ]);
  });

  /** Changes of the schema. */
  readonly definition: Rule<Statement> = this.RULE('definition', () => {
    return this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.deallocate) },
      { ALT: () => this.SUBRULE(this.create) },
      { ALT: () => this.SUBRULE(this.drop) },
      { ALT: () => this.SUBRULE(this.alterTable) },
      { ALT: () => this.SUBRULE(this.truncate) },
    ]);
  });

  /** Everything that concerns the session or the server. */
  readonly command: Rule<Statement> = this.RULE('command', () => {
    return this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.beginTransaction) },
      { ALT: () => this.SUBRULE(this.endTransaction) },
      { ALT: () => this.SUBRULE(this.set) },
      { ALT: () => this.SUBRULE(this.use) },
      { ALT: () => this.SUBRULE(this.show) },
      { ALT: () => this.SUBRULE(this.prepare) },
      { ALT: () => this.SUBRULE(this.execute) },
      { ALT: () => this.SUBRULE(this.kill) },
      { ALT: () => this.SUBRULE(this.adminCheckTable) },
      { ALT: () => this.SUBRULE(this.analyzeTable) },
      { ALT: () => this.SUBRULE(this.splitTable) },
      { ALT: () => this.SUBRULE(this.flush) },
    ]);
  });

  /** Statements with `;` between them; empty ones are skipped. */
  readonly statements: Rule<Statement[]> = this.RULE('statements', () => {
    const found: Statement[] = [];
    this.OPTION(() => found.push(this.SUBRULE(this.statement)));
    this.MANY(() => {
      this.CONSUME(symbol.semicolon);
      this.OPTION2(() => found.push(this.SUBRULE2(this.statement)));
    });
    return found;
  });

  constructor(validate = false) {
    super(validate);
    this.performSelfAnalysis();
  }

  /** Parses a whole text. Throws ParseError. */
  parse(text: string): ParsedText {
    this.begin(text, tokenize(text));
    const statements = this.statements();
    const [error] = this.errors;
    if (error !== undefined) {
      const { startOffset, stopOffset } = error.token as SqlToken;
      const atEnd = Number.isNaN(startOffset);
      throw atEnd
        ? new ParseError(text, text.length, text.length)
        : new ParseError(text, startOffset, stopOffset);
    }
    return { statements, freeLiterals: this.free, parameterCount: this.parameters };
  }
}

const ER_EMPTY_QUERY = 1065;

let shared: SqlParser | undefined;

/** Parses a text with any number of statements. Throws ParseError (1064). */
export function parse(text: string): ParsedText {
  shared ??= new SqlParser();
  return shared.parse(text);
}

/** The statements of a text. Throws ParseError (1064). */
export function parseMany(text: string): readonly Statement[] {
  return parse(text).statements;
}

/**
 * The one statement of a text. Throws ParseError (1064), also for a second statement (at the end),
 * and SqlError 1065 when there is none.
 */
export function parseOne(text: string): Statement {
  const [statement, ...more] = parse(text).statements;
  if (statement === undefined) throw new SqlError(ER_EMPTY_QUERY, 'Query was empty');
  if (more.length > 0) throw new ParseError(text, text.length, text.length);
  return statement;
}
