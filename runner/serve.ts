import { createHash, randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createCluster } from '../cluster/cluster.ts';
import { ConnectionLost } from '../cluster/errors.ts';
import { serverVersion } from '../cluster/profiles.ts';
import type { ClusterOptions, NodeInfo, SimulatedCluster } from '../cluster/surface.ts';
import {
  type Account,
  type Digests,
  NONCE_LENGTH,
  SessionBackend,
  WireConnection,
} from '../cluster/wire/index.ts';
import { SECOND_US } from './duration.ts';
import { type ClockOptions, LiveClock } from './live-clock.ts';
import { LiveSession } from './live-session.ts';
import { drain } from './run.ts';
import { UsageError } from './usage-error.ts';

/** By then PD has a leader and the stores have told it of themselves. Virtual µs. */
const UP_US = 30 * SECOND_US;

/** A cluster that a port can be opened on. */
export interface ServedWorld {
  readonly cluster: SimulatedCluster;
  /** As `SELECT VERSION()` gives it. */
  readonly version: string;
  /** How time goes while nothing is asked, and what becomes of assertions. */
  readonly clock: Pick<ClockOptions, 'idle' | 'onViolation'>;
}

/** What is served, and where. */
export interface ServeOptions {
  /** Makes the world, once the port is ours. */
  readonly world: () => Promise<ServedWorld>;
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
  readonly account: Account;
  /** Virtual time that a request may use up at once, µs. */
  readonly hurryUs: number;
  /** Every line that a node logs. */
  readonly log: (node: string, line: string) => void;
}

/** A cluster behind a port. */
export interface Serving {
  readonly port: number;
  /** As `SELECT VERSION()` gives it. */
  readonly version: string;
  /** For faults: nodes can be killed while clients are connected. */
  readonly cluster: SimulatedCluster;
  /** Rejects when the world breaks; resolves after `stop`. */
  readonly ended: Promise<void>;
  /** Closes every connection and the port. */
  stop(): Promise<void>;
}

/**
 * Opens a port on a cluster. Throws a `UsageError` when the port cannot be had; whoever connects
 * before there is a world is turned away.
 *
 * There is one port, and connections go to the living TiDB nodes in turn, as they would behind a
 * load balancer. A node that dies takes its connections with it.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const server = createServer({ noDelay: true });
  const turnAway = (socket: Socket): void => void socket.destroy();
  server.on('connection', turnAway);
  await listen(server, options);
  try {
    const world = await options.world();
    server.off('connection', turnAway);
    return new LiveCluster(options, world, server);
  } catch (error) {
    server.close();
    throw error;
  }
}

/** A new cluster with its nodes up, whose time goes on. */
export async function liveWorld(options: Omit<ClusterOptions, 'drain'>): Promise<ServedWorld> {
  const cluster = createCluster({ ...options, drain });
  await comeUp(cluster);
  return { cluster, version: serverVersion(options.profile), clock: { idle: 'passes' } };
}

/** Hash functions of the platform. */
export const NODE_DIGESTS: Digests = {
  sha1: (bytes) => new Uint8Array(createHash('sha1').update(bytes).digest()),
  sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
};

interface Client {
  readonly socket: Socket;
  readonly node: NodeInfo;
  readonly wire: WireConnection;
}

class LiveCluster implements Serving {
  readonly port: number;
  readonly version: string;
  readonly cluster: SimulatedCluster;
  readonly ended: Promise<void>;
  private readonly options: ServeOptions;
  private readonly server: Server;
  private readonly clock: LiveClock;
  private readonly startedMs = performance.now();
  private readonly clients = new Set<Client>();
  private readonly sockets = new Set<Socket>();
  private turn = 0;
  private accepted = 0;

  constructor(options: ServeOptions, world: ServedWorld, server: Server) {
    this.options = options;
    this.cluster = world.cluster;
    this.server = server;
    this.version = world.version;
    this.port = (server.address() as AddressInfo).port;
    const { hurryUs } = options;
    const onStep = (): void => this.lookAround();
    this.clock = new LiveClock(world.cluster, { ...world.clock, hurryUs, onStep });
    server.on('connection', (socket) => void this.accept(socket));
    this.ended = this.clock.run();
  }

  async stop(): Promise<void> {
    this.clock.stop();
    await this.ended;
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    this.cluster.stop();
  }

  /** After every step: logs go out, and connections of dead nodes are closed. */
  private lookAround(): void {
    this.cluster.drainLogs(this.options.log);
    for (const { node, wire } of this.clients) if (!this.cluster.isAlive(node.id)) wire.close();
  }

  private async accept(socket: Socket): Promise<void> {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    // A peer that vanishes is no news: 'close' follows.
    socket.on('error', () => {});
    try {
      await this.attach(socket);
    } catch (error) {
      socket.destroy();
      if (!(error instanceof ConnectionLost)) throw error;
    }
  }

  private async attach(socket: Socket): Promise<void> {
    const { index, node } = this.nextNode();
    const session = await this.clock.during(this.cluster.source.connect(index));
    this.accepted++;
    const backend = new SessionBackend(new LiveSession(session, this.clock), (error) => {
      throw error;
    });
    const wire = new WireConnection(
      {
        version: this.version,
        connectionId: session.id,
        nonce: nonce(),
        account: this.options.account,
        digests: NODE_DIGESTS,
        peerHost: socket.remoteAddress ?? 'localhost',
        statistics: () => this.statistics(),
      },
      backend,
      { send: (bytes) => socket.write(bytes), end: () => socket.destroySoon() },
    );
    const client = { socket, node, wire };
    this.clients.add(client);
    socket.on('data', (bytes: Buffer) => wire.receive(new Uint8Array(bytes)));
    socket.on('drain', () => wire.drained());
    socket.on('close', () => {
      this.clients.delete(client);
      wire.close();
    });
    if (socket.destroyed) {
      this.clients.delete(client);
      wire.close();
    } else wire.open();
  }

  /** The next living TiDB node, in turn. */
  private nextNode(): { index: number; node: NodeInfo } {
    const nodes = this.cluster.nodes().filter(({ kind }) => kind === 'tidb');
    for (let i = 0; i < nodes.length; i++) {
      const index = this.turn++ % nodes.length;
      const node = nodes[index];
      if (node?.alive === true) return { index, node };
    }
    throw new ConnectionLost('no TiDB node is up');
  }

  private statistics(): string {
    const seconds = Math.floor((performance.now() - this.startedMs) / 1000);
    return `Uptime: ${seconds}  Threads: ${this.clients.size}  Connections: ${this.accepted}`;
  }
}

/** Lets the nodes find each other. */
async function comeUp(cluster: SimulatedCluster): Promise<void> {
  await cluster.advanceTo(UP_US);
  let isUp = false;
  const ask = async (): Promise<void> => {
    const session = await cluster.source.connect();
    await session.execute('BEGIN; ROLLBACK');
    session.close();
    isUp = true;
  };
  const asked = ask();
  // Whatever it fails with is thrown below.
  asked.catch(() => {});
  await cluster.advanceTo(cluster.nowUs() + UP_US);
  if (!isUp) await asked;
}

function nonce(): Uint8Array {
  // No zero byte: one would end the nonce for clients that read it as text.
  return new Uint8Array(randomBytes(NONCE_LENGTH)).map((byte) => (byte % 255) + 1);
}

function listen(server: Server, { port, host }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'the port is in use' : (error.code ?? error.message);
      reject(new UsageError(`--port: cannot listen on ${host}:${port}: ${why}`));
    });
    server.listen(port, host, resolve);
  });
}
