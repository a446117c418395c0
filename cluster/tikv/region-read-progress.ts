import type { Peer } from './peer.ts';
import type { ReadState } from './resolved-ts.ts';

/**
 * How far the past is known to be all there at one peer. What the leader said holds only from the
 * entry on that the leader had applied, and only for the keys that the region had then. Source:
 * TiKV `components/raftstore/src/store/util.rs`.
 */
export class RegionReadProgress {
  readonly peer: Peer;
  /** What holds here. */
  private current: ReadState | undefined = undefined;
  /** What will, when this peer has caught up with it; younger words wait until then. */
  private pending: ReadState | undefined = undefined;

  constructor(peer: Peer) {
    this.peer = peer;
  }

  /** The greatest timestamp at which everything is here; 0 if none is known. */
  safeTs(): number {
    this.catchUp();
    const { current, peer } = this;
    return current?.version === peer.region.epoch.version ? current.resolvedTs : 0;
  }

  /** Takes the leader's word. */
  offer(state: ReadState): void {
    this.catchUp();
    this.pending ??= state;
    this.catchUp();
  }

  private catchUp(): void {
    const { pending } = this;
    if (pending === undefined || !this.holds(pending)) return;
    const known = this.current;
    const newer = known === undefined || known.version !== pending.version;
    if (newer || known.resolvedTs < pending.resolvedTs) this.current = pending;
    this.pending = undefined;
  }

  private holds({ applied }: ReadState): boolean {
    const { bugs } = this.peer.store;
    return applied <= this.peer.storage.applied || bugs.has('read.safeTsBeforeApplied');
  }
}
