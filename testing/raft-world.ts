import {
  type ConfState,
  DEFAULT_RAFT_CONFIG,
  EMPTY_RESTORED,
  type Entry,
  founded,
  type RaftBug,
  type RaftConfig,
  RaftInvariantError,
  type RaftMessage,
  type Restored,
} from '../cluster/raft/index.ts';
import { RaftHost } from './raft-host.ts';
import { RaftSafety } from './raft-safety.ts';

/** More messages than any healthy group needs to come to rest. */
const MANY = 10_000;

/** A group of peers, the messages between them, and somebody who watches. */
export class RaftWorld {
  readonly hosts = new Map<number, RaftHost>();
  /** Messages under way, oldest first. */
  inFlight: RaftMessage<string>[] = [];
  readonly safety = new RaftSafety();
  /** What happened, in words; whoever reads it empties it. */
  events: string[] = [];
  /** Directed links that lose everything, as `from->to`. */
  readonly cut = new Set<string>();
  readonly bugs: Set<RaftBug>;
  private readonly settings: Partial<RaftConfig>;
  private readonly random: (id: number, bound: number) => number;

  constructor(
    random: (id: number, bound: number) => number,
    settings: Partial<RaftConfig>,
    bugs: Iterable<RaftBug> = [],
  ) {
    this.random = random;
    this.settings = settings;
    this.bugs = new Set(bugs);
  }

  /** Adds a founding member, or with a log of its own a peer that has been there for a while. */
  addMember(id: number, conf: ConfState, restored: Restored<string> = founded(conf)): void {
    this.add(id, restored);
  }

  /** Adds a peer that knows nothing. */
  addSpare(id: number): void {
    this.add(id, EMPTY_RESTORED);
  }

  /** The peer's host; throws if there is none. */
  host(id: number): RaftHost {
    const host = this.hosts.get(id);
    if (host === undefined) throw new Error(`there is no peer ${id}`);
    return host;
  }

  /** Does something to a peer that is up, and carries out what comes of it. */
  act(id: number, action: (raft: NonNullable<RaftHost['raft']>) => void): void {
    this.guard(this.host(id), (host) => {
      if (host.raft === undefined) return;
      action(host.raft);
      host.pump();
    });
  }

  /** Whether a message would arrive if it were delivered now. */
  arrives({ from, to }: RaftMessage<string>): boolean {
    return !this.cut.has(`${from}->${to}`) && this.hosts.get(to)?.raft !== undefined;
  }

  /** Delivers a message, or loses it. */
  deliver(message: RaftMessage<string>): void {
    if (!this.arrives(message)) {
      this.drop(message);
      return;
    }
    this.remove(message);
    const { kind, from, to } = message;
    this.act(to, (raft) => raft.step(message));
    if (kind === 'snapshot') this.act(from, (raft) => raft.reportSnapshot(to, true));
  }

  /** Delivers whatever is under way and comes of it, until all is quiet. */
  stabilize(deliver = (message: RaftMessage<string>): void => this.deliver(message)): void {
    for (let count = 0; ; count++) {
      const message = this.inFlight[0];
      if (message === undefined) return;
      if (count > MANY) {
        this.safety.report('messages that never come to rest');
        this.inFlight = [];
        return;
      }
      deliver(message);
    }
  }

  /** Loses a message; whoever sends a snapshot notices. */
  drop(message: RaftMessage<string>): void {
    this.remove(message);
    const { kind, from, to } = message;
    if (kind === 'snapshot') this.act(from, (raft) => raft.reportSnapshot(to, false));
  }

  /** The disk of a peer finishes, all of its writes or the first few. */
  sync(id: number, count?: number): void {
    this.guard(this.host(id), (host) => host.sync(count));
  }

  /** A peer dies; the first `kept` unsynced writes survive. */
  crash(id: number, kept = 0): void {
    this.host(id).crash(kept);
  }

  /** A peer comes back, its machine perhaps in an older state. */
  restart(id: number, replay = false): void {
    this.guard(this.host(id), (host) => host.restart(replay));
  }

  private remove(message: RaftMessage<string>): void {
    const at = this.inFlight.indexOf(message);
    if (at >= 0) this.inFlight.splice(at, 1);
  }

  private guard(host: RaftHost, action: (host: RaftHost) => void): void {
    try {
      action(host);
    } catch (error) {
      if (!(error instanceof RaftInvariantError)) throw error;
      this.events.push(`${host.id} panics: ${error.message}`);
      this.safety.report(error.message);
      host.crash();
    }
    this.safety.check(this.hosts.values());
  }

  private add(id: number, restored: Restored<string>): void {
    const config: RaftConfig = {
      ...DEFAULT_RAFT_CONFIG,
      ...this.settings,
      id,
      random: (bound) => this.random(id, bound),
      bugs: this.bugs,
    };
    const listener = {
      send: (message: RaftMessage<string>) => {
        this.safety.sent(message);
        this.inFlight.push(message);
      },
      event: (text: string) => this.events.push(text),
      applied: (entry: Entry<string>) => this.safety.applied(id, entry),
      read: (context: number, index: number) => this.noteRead(id, context, index),
    };
    this.hosts.set(id, new RaftHost(config, restored, listener));
  }

  private noteRead(id: number, context: number, index: number): void {
    this.safety.readServed(context, index);
    this.events.push(`${id} reads ${context} at ${index}`);
  }
}
