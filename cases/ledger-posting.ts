import { ConnectionLost, classifyFailure, type Outcome, SqlError } from '../cluster/errors.ts';
import type { Session } from '../cluster/session.ts';
import type { CaseRandom } from './case.ts';
import { failureText, UnexpectedAnswer } from './failure.ts';
import { insertPosting, type PostingSide, selectLast } from './ledger-sql.ts';
import { integerOf } from './sql-value.ts';

/** Amounts are below this, as in tipocket. */
const AMOUNTS = 100;

/** A posting as it is asked for; the causality ids are filled in as far as it gets. */
export interface Posting {
  readonly group: string;
  readonly a: number;
  readonly b: number;
  readonly amount: number;
  cidA: number | null;
  cidB: number | null;
}

/** Draws a posting; undefined when both accounts come out the same, which tipocket skips. */
export function drawPosting(random: CaseRandom, accounts: number): Posting | undefined {
  const group = String(random.nextInt63());
  const a = random.nextInt(accounts) + 1;
  const b = random.nextInt(accounts) + 1;
  const amount = random.nextInt(AMOUNTS);
  return a === b ? undefined : { group, a, b, amount, cidA: null, cidB: null };
}

/** How a posting ended. */
export interface PostingEnd {
  readonly outcome: Outcome;
  /** Code and text; empty when ok. */
  readonly error: string;
  /** Whether the session can serve the next posting. */
  readonly sessionUsable: boolean;
}

const POSTED: PostingEnd = { outcome: 'ok', error: '', sessionUsable: true };

/** Performs one posting in one transaction. Rejects only with what is not the database's doing. */
export async function performPosting(session: Session, posting: Posting): Promise<PostingEnd> {
  let commitSent = false;
  try {
    await session.execute('BEGIN');
    const a = await readLast(session, posting.a);
    posting.cidA = a.cid;
    const b = await readLast(session, posting.b);
    posting.cidB = b.cid;
    await session.execute(insertPosting(posting.group, posting.amount, a, b));
    commitSent = true;
    await session.execute('COMMIT');
    return POSTED;
  } catch (error) {
    return await giveUp(session, error, commitSent);
  }
}

/** The next row to write for an account: causality id last seen plus one, and the balance read. */
async function readLast(session: Session, account: number): Promise<PostingSide> {
  const { rows } = await session.execute(selectLast(account));
  const [row] = rows;
  if (row === undefined) throw new UnexpectedAnswer(`acc${account} has no row`);
  return { account, cid: Number(integerOf(row[0])) + 1, balance: integerOf(row[1]) };
}

async function giveUp(session: Session, error: unknown, commitSent: boolean): Promise<PostingEnd> {
  const text = failureText(error);
  const outcome = classifyFailure(error, commitSent);
  const answered = outcome === 'fail' && !(error instanceof ConnectionLost);
  return { outcome, error: text, sessionUsable: answered && (await rollBack(session)) };
}

/** Sends ROLLBACK; whether the session answered it. */
export async function rollBack(session: Session): Promise<boolean> {
  try {
    await session.execute('ROLLBACK');
    return true;
  } catch (error) {
    if (error instanceof SqlError || error instanceof ConnectionLost) return false;
    throw error;
  }
}
