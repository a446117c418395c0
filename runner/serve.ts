import { createHash, randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createCluster } from '../cluster/cluster.ts';
import { ConnectionLost } from '../cluster/errors.ts';
import type { ClusterOptions, NodeInfo, SimulatedCluster } from '../cluster/surface.ts';
import {
  type Account,
  type Digests,
  NONCE_LENGTH,
  SessionBackend,
  WireConnection,
} from '../cluster/wire/index.ts';
import { SECOND_US } from './duration.ts';
import { LiveClock } from './live-clock.ts';
import { LiveSession } from './live-session.ts';
import { UsageError } from './usage-error.ts';

/** By then PD has a leader and the stores have told it of themselves. Virtual µs. */
const UP_US = 30 * SECOND_US;

/** What is served, and where. */
export interface ServeOptions {
  readonly cluster: Omit<ClusterOptions, 'drain'>;
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
 * Starts a cluster and opens its port. Throws a `UsageError` when the port cannot be had.
 *
 * There is one port, and connections go to the living TiDB nodes in turn, as they would behind a
 * load balancer. A node that dies takes its connections with it.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const cluster = createCluster({ ...options.cluster, drain: async () => setImmediate() });
  const version = await comeUp(cluster);
  const server = createServer({ noDelay: true });
  await listen(server, options);
  return new LiveCluster(options, cluster, server, version);
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

  constructor(options: ServeOptions, cluster: SimulatedCluster, server: Server, version: string) {
    this.options = options;
    this.cluster = cluster;
    this.server = server;
    this.version = version;
    this.port = (server.address() as AddressInfo).port;
    this.clock = new LiveClock(cluster, options.hurryUs, () => this.lookAround());
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

/** Lets the nodes find each other; gives the version that they say they are. */
async function comeUp(cluster: SimulatedCluster): Promise<string> {
  await cluster.advanceTo(UP_US);
  const answer: { version: string | undefined } = { version: undefined };
  const ask = async (): Promise<void> => {
    const session = await cluster.source.connect();
    const { rows } = await session.execute('BEGIN; ROLLBACK; SELECT VERSION()');
    session.close();
    answer.version = String(rows[0]?.[0]);
  };
  const asked = ask();
  // Whatever it fails with is thrown below.
  asked.catch(() => {});
  await cluster.advanceTo(cluster.nowUs() + UP_US);
  if (answer.version === undefined) await asked;
  return answer.version ?? '';
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
