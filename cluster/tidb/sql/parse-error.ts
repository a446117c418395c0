import { SqlError } from '../../errors.ts';

const ER_PARSE_ERROR = 1064;
/** Longest piece of the statement that an error repeats (TiDB's limit). */
const NEAR_LIMIT = 2048;

/**
 * A statement the grammar does not accept: error 1064, SQLSTATE 42000, in TiDB's words. Line and
 * column are those of the place where the reader stood behind the offending token.
 */
export class ParseError extends SqlError {
  /** From 1. */
  readonly line: number;
  /** As TiDB counts; see `positionOf`. */
  readonly column: number;

  /**
   * @param text the whole statement text
   * @param start offset of the token that does not fit; the length of the text at its end
   * @param stop offset behind that token
   */
  constructor(text: string, start: number, stop: number) {
    const { line, column } = positionOf(text, stop);
    super(ER_PARSE_ERROR, messageOf(text.slice(start), line, column));
    this.line = line;
    this.column = column;
  }
}

/**
 * Line and column as TiDB counts them: its reader starts the column at 0 on the first line and at 1
 * on every later one, and we keep that so that the texts are equal.
 */
function positionOf(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let column = 0;
  for (let at = 0; at < offset; at++) {
    if (text.charCodeAt(at) === 10) {
      line++;
      column = 0;
    }
    column++;
  }
  return { line, column };
}

function messageOf(rest: string, line: number, column: number): string {
  const cut = rest.length > NEAR_LIMIT;
  const near = cut ? rest.slice(0, NEAR_LIMIT) : rest;
  const length = cut ? `(total length ${rest.length})` : '';
  return (
    'You have an error in your SQL syntax; check the manual that corresponds to your TiDB ' +
    `version for the right syntax to use line ${line} column ${column} near "${near}" ${length}`
  );
}
