import {
  type ConfChange,
  confOf,
  founded,
  type PeerChange,
  RAFT_BUGS,
  type RaftBug,
  type RaftConfig,
  type RaftMessage,
} from '../cluster/raft/index.ts';
import { type Args, type Command, type CommandRunner, unknownCommand } from './golden-script.ts';
import { shownConf, shownEntry, shownMessage, shownStatus, shownTerms } from './raft-show.ts';
import { RaftWorld } from './raft-world.ts';

/**
 * The vocabulary of `cluster/raft/testdata`: a group of peers whose messages lie still until they
 * are delivered. Every command prints what happens because of it: changes of role, entries applied,
 * reads served, snapshots installed, and violations of what Raft promises.
 *
 * cluster 1 2 3 [learners=4] [spare=5,6] [pre-vote=off] [check-quorum=off] [commit=lazy]
 * [window=] [message=] [refuse-votes=] · defect name · peer 1 terms=1,1,4 [term=] [vote=] [commit=]
 * (a peer with a past; its first term stands at index 1, the beginning)
 * campaign 1 · tick 1 2 [ticks=10] · run ticks=20 (all tick, all is delivered) · timeout 2 13
 * propose 1 x y · change 1 add-voter=4 remove=1 [explicit] · leave 1 · read 1 7 · transfer 1 to=2
 * compact 1 6 · hibernate 1 · wake 2 [ticks=] · unreachable 1 2
 * deliver [1->2] [kind] [first|last] · drop … · duplicate … · stabilize [trace] · cut 1->2 3 · heal
 * crash 1 · restart 1 [replay] · slow 1 · sync 1 [writes=1]
 * status [1] · log [1] · entries 1 · progress 1 · members · machines · flight
 */
export class RaftScript implements CommandRunner {
  private world: RaftWorld | undefined;
  private readonly defects: RaftBug[];
  private readonly timeouts = new Map<number, number>();
  private told = 0;
  private readonly commands: Readonly<Record<string, (args: Args) => readonly string[]>> = {
    cluster: (args) => this.cluster(args),
    peer: (args) => this.peer(args),
    defect: (args) => this.defect(args),
    campaign: (args) => this.each(args, (id) => this.now.act(id, (raft) => raft.campaign())),
    tick: (args) => this.tick(args),
    run: (args) => this.runTicks(args),
    timeout: (args) => this.timeout(args),
    propose: (args) => this.propose(args),
    change: (args) => this.change(args),
    leave: (args) => this.proposeChange(peerId(args), { kind: 'leave-joint' }),
    read: (args) => this.read(args),
    transfer: (args) => this.transfer(args),
    compact: (args) => this.compact(args),
    hibernate: (args) => this.hibernate(args),
    wake: (args) => this.wake(args),
    unreachable: (args) => this.unreachable(args),
    deliver: (args) => this.deliver(args),
    drop: (args) => this.drop(args),
    duplicate: (args) => this.duplicate(args),
    stabilize: (args) => this.stabilize(args),
    cut: (args) => this.cut(args),
    heal: () => this.heal(),
    crash: (args) => this.each(args, (id) => this.now.crash(id)),
    restart: (args) => this.restart(args),
    slow: (args) => this.each(args, (id) => this.setSlow(id, true)),
    sync: (args) => this.sync(args),
    status: (args) => this.hosts(args).map(shownStatus),
    log: (args) => this.hosts(args).map(shownTerms),
    entries: (args) =>
      this.hosts(args).flatMap(({ raft }) => raft?.log.entries.map(shownEntry) ?? []),
    progress: (args) => this.progress(args),
    members: (args) => this.members(args),
    machines: (args) =>
      this.hosts(args).map(({ id, machine }) => `${id}: ${machine.values.join(' ')}`),
    flight: () => this.now.inFlight.map(shownMessage),
  };

  /** With defects that are on from the beginning. */
  constructor(defects: readonly RaftBug[] = []) {
    this.defects = [...defects];
  }

  run(command: Command): readonly string[] {
    const { name, args } = command;
    const shown = this.commands[name]?.(args) ?? unknownCommand(command);
    const { events } = this.now;
    this.now.events = [];
    const violations = this.now.safety.violations
      .slice(this.told)
      .map((text) => `VIOLATED ${text}`);
    this.told += violations.length;
    return [...events, ...violations, ...shown];
  }

  private get now(): RaftWorld {
    if (this.world === undefined) throw new Error('a script begins with its cluster');
    return this.world;
  }

  private cluster(args: Args): readonly string[] {
    const learners = list(args.optionalText('learners'));
    const spare = list(args.optionalText('spare'));
    const settings: Partial<RaftConfig> = {
      preVote: args.optionalText('pre-vote') !== 'off',
      checkQuorum: args.optionalText('check-quorum') !== 'off',
      broadcastCommit: args.optionalText('commit') !== 'lazy',
      maxInflight: args.optionalInteger('window') ?? 256,
      maxBytesPerMessage: args.optionalInteger('message') ?? 1000,
      voteRefusalTicks: args.optionalInteger('refuse-votes') ?? 0,
    };
    const voters = args.rest().map(Number);
    // The lower its id, the sooner a peer loses patience, unless the script says otherwise.
    const random = (id: number, bound: number): number =>
      ((this.timeouts.get(id) ?? 9 + id) - 10) % bound;
    this.world = new RaftWorld(random, settings, this.defects);
    const conf = confOf(voters, learners);
    for (const id of [...voters, ...learners]) this.world.addMember(id, conf);
    for (const id of spare) this.world.addSpare(id);
    return [];
  }

  private peer(args: Args): readonly string[] {
    const id = peerId(args);
    const { conf } = this.now.host(id).machine;
    const terms = list(args.text('terms'));
    const origin = founded(conf, 1, terms[0]);
    const entries = terms.slice(1).map((term, i) => {
      const index = i + 2;
      const payload = `${term}.${index}`;
      return { term, index, kind: 'normal', payload, change: undefined, bytes: 1 } as const;
    });
    const term = args.optionalInteger('term') ?? terms.at(-1) ?? 1;
    const commit = args.optionalInteger('commit') ?? 1;
    this.now.addMember(id, conf, {
      ...origin,
      hardState: { term, vote: args.optionalInteger('vote') ?? 0, commit },
      log: { ...origin.log, entries },
    });
    return [];
  }

  private defect(args: Args): readonly string[] {
    const name = args.next('the defect');
    const bug = (Object.keys(RAFT_BUGS) as RaftBug[]).find((known) => known === name);
    if (bug === undefined) throw new Error(`unknown defect ${name}`);
    this.now.bugs.add(bug);
    return [];
  }

  private tick(args: Args): readonly string[] {
    const ticks = args.optionalInteger('ticks') ?? 1;
    const ids = args.rest().map(Number);
    for (let i = 0; i < ticks; i++) for (const id of ids) this.now.act(id, (raft) => raft.tick());
    return [];
  }

  private runTicks(args: Args): readonly string[] {
    const { now } = this;
    for (let i = args.integer('ticks'); i > 0; i--) {
      for (const id of now.hosts.keys()) now.act(id, (raft) => raft.tick());
      now.stabilize();
    }
    return [];
  }

  private timeout(args: Args): readonly string[] {
    this.timeouts.set(peerId(args), Number(args.next('the ticks')));
    return [];
  }

  private propose(args: Args): readonly string[] {
    const refused: string[] = [];
    this.now.act(peerId(args), (raft) => {
      for (const payload of args.rest()) {
        if (raft.propose(payload, 1) === undefined) refused.push(`refused: ${payload}`);
      }
    });
    return refused;
  }

  private change(args: Args): readonly string[] {
    const id = peerId(args);
    const leave = args.flag('explicit') ? 'explicit' : 'auto';
    const changes = args.pairs().map(([kind, who]): PeerChange => {
      if (kind !== 'add-voter' && kind !== 'add-learner' && kind !== 'remove') {
        throw new Error(`unknown change ${kind}`);
      }
      return { kind, id: Number(who) };
    });
    const [only] = changes;
    const simple = changes.length === 1 && only !== undefined;
    return this.proposeChange(
      id,
      simple ? { kind: 'simple', change: only } : { kind: 'enter-joint', changes, leave },
    );
  }

  private proposeChange(id: number, change: ConfChange): readonly string[] {
    const refused: string[] = [];
    this.now.act(id, (raft) => {
      if (raft.proposeConfChange(change) === undefined) refused.push(`refused: ${change.kind}`);
    });
    return refused;
  }

  private read(args: Args): readonly string[] {
    const refused: string[] = [];
    this.now.act(peerId(args), (raft) => {
      for (const context of args.rest().map(Number)) {
        this.now.safety.readAsked(context);
        if (!raft.readIndex(context)) refused.push(`refused: ${context}`);
      }
    });
    return refused;
  }

  private transfer(args: Args): readonly string[] {
    const to = args.integer('to');
    this.now.act(peerId(args), (raft) => raft.transferLeader(to));
    return [];
  }

  private compact(args: Args): readonly string[] {
    this.now.host(peerId(args)).compact(Number(args.next('the index')));
    return [];
  }

  private hibernate(args: Args): readonly string[] {
    let asleep = false;
    this.now.act(peerId(args), (raft) => {
      asleep = raft.hibernate();
    });
    return asleep ? [] : ['not at rest'];
  }

  private wake(args: Args): readonly string[] {
    const ticks = args.optionalInteger('ticks') ?? 0;
    this.now.act(peerId(args), (raft) => raft.wake(ticks));
    return [];
  }

  private unreachable(args: Args): readonly string[] {
    const id = peerId(args);
    const other = peerId(args);
    this.now.act(id, (raft) => raft.reportUnreachable(other));
    return [];
  }

  private deliver(args: Args): readonly string[] {
    for (const message of this.matching(args)) this.deliverShown(message);
    return [];
  }

  private deliverShown(message: RaftMessage<string>): void {
    const { now } = this;
    now.events.push(`${shownMessage(message)}${now.arrives(message) ? '' : ': lost'}`);
    now.deliver(message);
  }

  private drop(args: Args): readonly string[] {
    for (const message of this.matching(args)) {
      this.now.events.push(`${shownMessage(message)}: lost`);
      this.now.drop(message);
    }
    return [];
  }

  private duplicate(args: Args): readonly string[] {
    for (const message of this.matching(args)) this.now.inFlight.push({ ...message });
    return [];
  }

  private stabilize(args: Args): readonly string[] {
    if (args.flag('trace')) this.now.stabilize((message) => this.deliverShown(message));
    else this.now.stabilize();
    return [];
  }

  private cut(args: Args): readonly string[] {
    const { now } = this;
    for (const word of args.rest()) {
      if (word.includes('->')) now.cut.add(word);
      else {
        for (const id of now.hosts.keys()) {
          now.cut.add(`${word}->${id}`);
          now.cut.add(`${id}->${word}`);
        }
      }
    }
    return [];
  }

  private heal(): readonly string[] {
    this.now.cut.clear();
    return [];
  }

  private restart(args: Args): readonly string[] {
    const replay = args.flag('replay');
    return this.each(args, (id) => this.now.restart(id, replay));
  }

  private sync(args: Args): readonly string[] {
    const writes = args.optionalInteger('writes');
    return this.each(args, (id) => {
      if (writes === undefined) this.setSlow(id, false);
      this.now.sync(id, writes);
    });
  }

  private setSlow(id: number, slow: boolean): void {
    this.now.host(id).slow = slow;
  }

  private progress(args: Args): readonly string[] {
    const { raft } = this.now.host(peerId(args));
    return [...this.now.hosts.keys()].flatMap((id) => {
      const peer = raft?.progress(id);
      if (peer === undefined || id === raft?.id) return [];
      const { state, match, next, inflightCount } = peer;
      return `${id}: ${state} match=${match} next=${next} inflight=${inflightCount}`;
    });
  }

  private members(args: Args): readonly string[] {
    return this.hosts(args).map(({ id, raft, machine }) => {
      return `${id}: ${shownConf(raft?.conf ?? machine.conf)}`;
    });
  }

  private each(args: Args, action: (id: number) => void): readonly string[] {
    for (const id of args.rest().map(Number)) action(id);
    return [];
  }

  private hosts(args: Args) {
    const ids = args.rest().map(Number);
    return ids.length === 0 ? [...this.now.hosts.values()] : ids.map((id) => this.now.host(id));
  }

  /** Messages under way on a link, of a kind; all of them where nothing is said. */
  private matching(args: Args): RaftMessage<string>[] {
    const first = args.flag('first');
    const last = args.flag('last');
    const words = args.rest();
    const found = this.now.inFlight.filter(({ from, to, kind }) =>
      words.every((word) => word === `${from}->${to}` || word === kind || word === `->${to}`),
    );
    if (first) return found.slice(0, 1);
    return last ? found.slice(-1) : found;
  }
}

function peerId(args: Args): number {
  return Number(args.next('the peer'));
}

function list(text: string | undefined): number[] {
  return text === undefined || text === '' ? [] : text.split(',').map(Number);
}
