/** What PD keeps in etcd. */
export interface EtcdState {
  /** Upper bound of handed-out timestamps, ms. */
  readonly savedMs: number;
  /** Node that holds the leader key; undefined while it is free. */
  readonly leader: number | undefined;
  /** Counts how often the key was taken: a revocation names the lease it means. */
  readonly lease: number;
  /** Next id to allocate. */
  readonly nextId: number;
  /** Names of the schedulers that run. */
  readonly schedulers: readonly string[];
}

/** What a new cluster begins with. */
export const INITIAL_STATE: EtcdState = {
  savedMs: 0,
  leader: undefined,
  lease: 0,
  nextId: 100,
  schedulers: ['balance-leader-scheduler', 'balance-region-scheduler'],
};

/** A transaction of PD on etcd; those of a leader are void once it holds the key no more. */
export type EtcdCommand =
  /** Takes the leader key if it is free. */
  | { readonly kind: 'campaign'; readonly member: number }
  /** Frees the key, if it is still held by that lease. */
  | { readonly kind: 'revoke'; readonly lease: number }
  | { readonly kind: 'save-timestamp'; readonly member: number; readonly savedMs: number }
  | { readonly kind: 'allocate-ids'; readonly count: number }
  | { readonly kind: 'set-schedulers'; readonly member: number; readonly names: readonly string[] };

/** The state after a command, and whether its condition held. */
export interface EtcdOutcome {
  readonly state: EtcdState;
  readonly ok: boolean;
}

/** Applies one transaction. Pure: every member comes to the same state. */
export function applyEtcd(state: EtcdState, command: EtcdCommand): EtcdOutcome {
  switch (command.kind) {
    case 'campaign':
      if (state.leader !== undefined) return { state, ok: false };
      return { state: { ...state, leader: command.member, lease: state.lease + 1 }, ok: true };
    case 'revoke':
      if (state.lease !== command.lease) return { state, ok: false };
      return { state: { ...state, leader: undefined }, ok: true };
    case 'save-timestamp':
      if (state.leader !== command.member) return { state, ok: false };
      return { state: { ...state, savedMs: command.savedMs }, ok: true };
    case 'allocate-ids':
      return { state: { ...state, nextId: state.nextId + command.count }, ok: true };
    case 'set-schedulers':
      if (state.leader !== command.member) return { state, ok: false };
      return { state: { ...state, schedulers: command.names }, ok: true };
  }
}
