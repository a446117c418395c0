import { type ConfChange, confOf, isJoint, type RaftBug } from '../cluster/raft/index.ts';
import { Rng } from '../cluster/sim/rng.ts';
import { RaftWorld } from './raft-world.ts';

/** One thing that happens: what it is, to whom, and a number to choose with. */
export type ChaosStep = readonly [what: number, whom: number, which: number];

/** What a random run begins with. */
export interface ChaosSetting {
  readonly seed: number;
  /** Founding voters, `1 … voters`; the peers behind them up to 5 know nothing. */
  readonly voters: number;
  /** Bit `id - 1`: the peer's disk syncs only now and then. */
  readonly slowDisks: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly broadcastCommit: boolean;
}

/** Peers of a random run. */
const PEERS = 5;
const MOST_IN_FLIGHT = 60;

/** Upper bound of a step's `what`, exclusive. */
export const CHAOS_KINDS = 100;

/**
 * Plays a random schedule: messages are delivered in any order, duplicated and lost, disks are
 * slow, peers crash and lose what was not synced, the membership changes. Then all is healed and
 * the group must make progress. Answers with what was violated.
 */
export function playChaos(
  setting: ChaosSetting,
  steps: readonly ChaosStep[],
  bugs: readonly RaftBug[] = [],
): readonly string[] {
  const chaos = new Chaos(setting, bugs);
  for (const step of steps) {
    chaos.play(step);
    if (chaos.violations.length > 0) return chaos.violations;
  }
  chaos.settle();
  return chaos.violations;
}

class Chaos {
  private readonly world: RaftWorld;
  private proposals = 0;
  private reads = 0;

  constructor(setting: ChaosSetting, bugs: readonly RaftBug[]) {
    const { seed, voters, slowDisks, preVote, checkQuorum, broadcastCommit } = setting;
    const rng = new Rng(`${seed}`, 'raft');
    const settings = {
      preVote,
      checkQuorum,
      broadcastCommit,
      maxInflight: 4,
      maxBytesPerMessage: seed % 4,
    };
    this.world = new RaftWorld((_, bound) => rng.nextInt(bound), settings, bugs);
    const founders = Array.from({ length: voters }, (_, i) => i + 1);
    for (const id of founders) this.world.addMember(id, confOf(founders));
    for (let id = voters + 1; id <= PEERS; id++) this.world.addSpare(id);
    for (const host of this.world.hosts.values())
      host.slow = ((slowDisks >> (host.id - 1)) & 1) === 1;
  }

  get violations(): readonly string[] {
    return this.world.safety.violations;
  }

  play([what, whom, which]: ChaosStep): void {
    const { world } = this;
    const id = (whom % PEERS) + 1;
    const host = world.host(id);
    if (what < 34) this.deliver(which % 8);
    else if (what < 38) this.duplicate(which);
    else if (what < 42) this.drop(which);
    else if (what < 50) this.tick(id, 1 + (which % 12));
    else if (what < 60) this.propose(1 + (which % 2));
    else if (what < 69) world.sync(id, which % 3 === 0 ? 1 : undefined);
    else if (what < 72) this.bounce(id, which);
    else if (what < 73) world.crash(id, which % 2);
    else if (what < 76) this.change(id, which);
    else if (what < 80) this.read(id);
    else if (what < 81) world.act(id, (raft) => raft.transferLeader(1 + (which % PEERS)));
    else if (what < 83) host.compact(host.machine.applied - (which % 3));
    else if (what < 87) world.act(id, (raft) => raft.campaign());
    else if (what < 92) for (let i = 0; i < 15; i++) this.deliver(0);
    else if (what < 94) this.isolate(id, which);
    else if (what < 97) world.cut.clear();
    else if (what < 98) this.sleepOrWake(id, which);
    else world.stabilize();
    while (world.inFlight.length > MOST_IN_FLIGHT) this.drop(0);
  }

  /** Heals everything and demands progress. */
  settle(): void {
    const { world } = this;
    world.cut.clear();
    for (const host of world.hosts.values()) {
      host.slow = false;
      if (host.raft === undefined) world.restart(host.id);
      world.sync(host.id);
      world.act(host.id, (raft) => raft.wake(0));
    }
    const goal = 'the end';
    for (let round = 0; round < 60 && this.violations.length === 0; round++) {
      for (let i = 0; i < 10; i++) this.tickAll();
      if (this.everybodyHas(goal)) return;
      for (const leader of this.leaders()) world.act(leader, (raft) => raft.propose(goal, 1));
    }
    world.safety.report('no progress after all was healed');
  }

  private everybodyHas(goal: string): boolean {
    const { hosts } = this.world;
    return this.leaders().some((leader) => {
      const voters = hosts.get(leader)?.raft?.conf.voters ?? [];
      return voters.every((id) => hosts.get(id)?.machine.values.includes(goal) === true);
    });
  }

  private tickAll(): void {
    for (const id of this.world.hosts.keys()) this.world.act(id, (raft) => raft.tick());
    this.world.stabilize();
  }

  private leaders(): number[] {
    const all = [...this.world.hosts.values()];
    return all.filter(({ raft }) => raft?.role === 'leader').map(({ id }) => id);
  }

  /** Cuts a peer off, in one direction or both, from everybody or somebody. */
  private isolate(id: number, which: number): void {
    const { world } = this;
    for (const other of world.hosts.keys()) {
      if (which % 4 === 0 && other !== 1 + (which % PEERS)) continue;
      if (which % 3 !== 0) world.cut.add(`${id}->${other}`);
      if (which % 3 !== 1) world.cut.add(`${other}->${id}`);
    }
  }

  private deliver(which: number): void {
    const { inFlight } = this.world;
    const message = inFlight[which % Math.max(1, inFlight.length)];
    if (message !== undefined) this.world.deliver(message);
  }

  private duplicate(which: number): void {
    const { inFlight } = this.world;
    const message = inFlight[which % Math.max(1, inFlight.length)];
    if (message !== undefined) inFlight.push({ ...message });
  }

  private drop(which: number): void {
    const { inFlight } = this.world;
    const message = inFlight[which % Math.max(1, inFlight.length)];
    if (message !== undefined) this.world.drop(message);
  }

  private tick(id: number, ticks: number): void {
    for (let i = 0; i < ticks; i++) this.world.act(id, (raft) => raft.tick());
  }

  private propose(count: number): void {
    for (const leader of this.leaders()) {
      this.world.act(leader, (raft) => {
        for (let i = 0; i < count; i++) raft.propose(`p${++this.proposals}`, 1);
      });
    }
  }

  private bounce(id: number, which: number): void {
    this.world.crash(id, which % 3);
    this.world.restart(id, which % 5 === 0);
  }

  private change(id: number, which: number): void {
    const leader = this.leaders()[id % Math.max(1, this.leaders().length)];
    if (leader === undefined) return;
    this.world.act(leader, (raft) => {
      const other = 1 + (which % PEERS);
      const add = { kind: 'add-voter', id } as const;
      const leave = { kind: which % 2 === 0 ? 'remove' : 'add-learner', id: other } as const;
      let change: ConfChange = { kind: 'simple', change: which % 3 === 0 ? add : leave };
      if (isJoint(raft.conf)) change = { kind: 'leave-joint' };
      else if (which % 4 !== 0 && id !== other) {
        change = { kind: 'enter-joint', changes: [add, leave], leave: 'auto' };
      }
      raft.proposeConfChange(change);
    });
  }

  private read(id: number): void {
    const context = ++this.reads;
    this.world.safety.readAsked(context);
    this.world.act(id, (raft) => raft.readIndex(context));
  }

  private sleepOrWake(id: number, which: number): void {
    this.world.act(id, (raft) => {
      if (which % 2 === 0) raft.hibernate();
      else raft.wake(which % 30);
    });
  }
}
