import { ConnectionLost, SqlError } from '../cluster/errors.ts';

/** Code that MySQL clients report when the connection breaks during a statement. */
const CR_SERVER_LOST = 2013;

/** The server answered, but not with what the statement must give: no row, or no integer. */
export class UnexpectedAnswer extends Error {}

/**
 * The text of a database failure as a history records it: code, then message. Whatever is not the
 * database's doing is a defect of the harness and is thrown on.
 */
export function failureText(error: unknown): string {
  if (error instanceof SqlError) return `${error.code} ${error.message}`;
  if (error instanceof ConnectionLost) return `${CR_SERVER_LOST} ${error.message}`;
  if (error instanceof UnexpectedAnswer) return error.message;
  throw error;
}
