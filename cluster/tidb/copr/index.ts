/**
 * # The coprocessor's client
 *
 * How the rows of a scan come from the stores. A reader that is opened has everything under way at
 * once, and holds what arrives before it is asked for; that is what makes it fast, and what makes
 * it the first to slow down when memory is short.
 *
 * ```
 *   ranges ── cut at region borders ──▶ tasks
 *                                         │ one token each
 *        sender ──▶ queue of 1 ──▶ workers ── CopRequest ──▶ stores
 *                                         │ charged to the reader
 *                                         ▼
 *                          channel: answer, answer, fin, answer, …
 *                                         │ released
 *                                         ▼
 *     CopIterator.next ──▶ SelectResult.next ── chunk ──▶ TableReader
 *          │ at a fin                │ charged until the next answer comes
 *          └─ token back, or destroyed (RateLimitAction)
 * ```
 *
 * **Tokens.** As many as workers; twice as many where order matters, and then each task has a
 * channel of its own and its end is the channel's end. Nothing is sent without one, so a reader
 * that is not read from holds so many answers and no more. Destroyed tokens are how a reader gives
 * way (`rate-limit-action.ts`).
 *
 * **Memory.** An answer is charged before there is room for it in the channel, released when it is
 * taken out, and charged anew, decoded, until the next one comes. All by formula
 * (`memory/chunk-bytes.ts`); nothing is allocated for it. A charge may end in a quota's panic: the
 * worker recovers from it and sends the error instead, uncharged.
 *
 * **Trouble.** A region that is not what it was: its ranges are located anew, by the same worker. A
 * lock: it is resolved, and the task sent again. A store that is silent for a minute, or
 * unreachable: the next peer is asked, within the budget of patience of task and region. A slow
 * round is logged. KILL is noticed at the next tick of three seconds of whoever waits.
 *
 * **Closing** ends it all at once: workers that wait for a store are cancelled, others find the
 * channel gone; what was charged is released, tokens are back. A node that is killed drops the
 * tasks' frames like all others.
 *
 * Left out: batched tasks of one store, buckets of a region, small tasks' own workers, the cache of
 * answers. Source: TiDB `store/copr`, `distsql`.
 */
export { copProfileOf } from './cop-profile.ts';
export type { ResponseDetails } from './cop-response.ts';
export type { ConsumedAnswer, CopSettings, ScanReader } from './scan-reader.ts';
export { SelectResult } from './select-result.ts';
