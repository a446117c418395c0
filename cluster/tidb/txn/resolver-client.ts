import type { Bugs } from '../../bugs.ts';
import type { Backoffer } from './backoff.ts';
import type { PdClient } from './pd-client.ts';
import type { RegionRequestSender } from './region-request.ts';

/** What resolving locks needs of the client it is done for. */
export interface ResolverClient {
  readonly pd: PdClient;
  readonly sender: RegionRequestSender;
  readonly bugs: Bugs;
  /** A fresh budget of patience. */
  backoff(budgetMs: number): Backoffer;
}
