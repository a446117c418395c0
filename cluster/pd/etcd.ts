import { type Process, Rng, type World } from '../sim/index.ts';

/** What PD keeps in etcd. */
interface EtcdState {
  /** Upper bound of handed-out timestamps, ms. */
  savedMs: number;
  /** Node that holds the leader key; its lease runs out at `leaseUntilUs`. */
  leader: number | undefined;
  leaseUntilUs: number;
  /** Next id to allocate. */
  nextId: number;
}

/** How long a quorum write takes: a round trip and a sync, µs. */
const WRITE_US = 1_500;
/** etcd's own election after its leader died: 3 s until it is noticed, up to 3 s to elect. */
const ELECTION_MIN_US = 3_000_000;
const ELECTION_SPREAD_US = 3_000_000;

/**
 * The store behind PD's members: one durable copy that answers while a majority of the members
 * live. When the member that leads etcd dies, nobody can write until another has been elected.
 */
export class Etcd {
  readonly state: EtcdState = { savedMs: 0, leader: undefined, leaseUntilUs: 0, nextId: 100 };
  private readonly world: World;
  private readonly members: readonly number[];
  private readonly rng: Rng;
  private leader: number;
  private electedUs = 0;

  constructor(world: World, members: readonly number[]) {
    this.world = world;
    this.members = members;
    this.rng = new Rng(world.seed, 'pd/etcd');
    this.leader = members[0] as number;
  }

  /**
   * Runs `change` as one linearizable transaction on behalf of `member`; `done` gets its result, or
   * undefined when etcd could not answer.
   */
  transact<T>(member: Process, change: (state: EtcdState) => T, done: (result?: T) => void): void {
    member.after(WRITE_US + this.rng.nextExponential(300), () => {
      if (this.available()) done(change(this.state));
      else done(undefined);
    });
  }

  /** A member died. If it led etcd, the others elect a new leader, which takes time. */
  memberDied(node: number): void {
    if (node !== this.leader) return;
    this.electedUs = this.world.nowUs + ELECTION_MIN_US + this.rng.nextInt(ELECTION_SPREAD_US);
  }

  private available(): boolean {
    const alive = this.members.filter((node) => this.world.process(node)?.alive === true);
    if (alive.length * 2 <= this.members.length || this.world.nowUs < this.electedUs) return false;
    if (!alive.includes(this.leader)) this.leader = alive[0] as number;
    return true;
  }
}
