import type { CopReply } from '../../tikv/request.ts';
import type { CopTaskDetails } from '../memory/exec-details.ts';
import type { BackoffKind } from '../txn/backoff.ts';

/** `unsafe.Sizeof(execdetails.ExecDetails{})` of v5.5.0-nightly. */
const EXEC_DETAILS_BYTES = 112;

/** What the client knows of one answer's making. */
export interface ResponseDetails extends Omit<CopTaskDetails, 'copUs'> {
  /** From the request to the answer, retries included, µs. */
  readonly respUs: number;
  /** Requests that it took. */
  readonly rpcs: number;
  /** What was waited out on the way, and for how long, ms. */
  readonly backoffs: ReadonlyMap<BackoffKind, number>;
}

/** An answer on its way from a worker to the reader. */
export type CopResponse =
  | {
      readonly kind: 'data';
      readonly reply: CopReply;
      readonly details: ResponseDetails;
      /** Bytes of its rows as they were sent. */
      readonly encoded: number;
      /** What it was charged with. */
      readonly bytes: number;
      /** Of the only task of its scan it is the last. */
      readonly last: boolean;
    }
  | { readonly kind: 'error'; readonly error: unknown }
  /** All answers of a task have been sent; only where tasks share a channel. */
  | { readonly kind: 'fin' };

/** An answer with rows. */
export type DataResponse = Extract<CopResponse, { kind: 'data' }>;

/** The one and only. Source: TiDB `finCopResp`. */
export const FIN: CopResponse = { kind: 'fin' };

/**
 * Bytes that the client charges for an answer: its key, the details of its execution, and the
 * encoded rows. Source: TiDB `copResponse.MemSize`.
 *
 * @param startKey of the task, in 16-bit units
 */
export function responseBytes(startKey: string, encodedRows: number): number {
  return 2 * startKey.length + EXEC_DETAILS_BYTES + encodedRows;
}
