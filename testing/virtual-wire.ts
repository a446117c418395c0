/**
 * The MySQL protocol without a network: mysql2 at one end, our protocol layer in front of a
 * simulated session at the other, and between them a socket that is nothing but two queues. A
 * platform's sockets deliver when the platform likes; these deliver when the loop of the simulation
 * says so.
 *
 * What a client writes reaches the server at once, within the turn of user code that wrote it, just
 * as a direct session's request does. What the server sends waits until all user code has come to
 * rest: an event of the simulation that ends with an answer is followed by turns that alternate
 * between delivering bytes and letting the driver and the case work on them, until both are quiet,
 * and only then by the next event. So the driver, whose inner workings hop through ticks and
 * microtasks, takes no virtual time and changes no order.
 */
import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { ProtocolSource, Session, SessionSource } from '../cluster/session.ts';
import { NONCE_LENGTH, SessionBackend, WireConnection } from '../cluster/wire/index.ts';
import { MysqlSession } from './mysql-session.ts';

/** All virtual sockets of one simulation. */
export class VirtualWire {
  /** Bytes, packets and sockets that have been through. */
  readonly seen = { bytes: 0, packets: 0, connections: 0 };
  private arriving: (() => void)[] = [];

  /** Lets user code and bytes alternate until neither moves any more. */
  async drain(): Promise<void> {
    do await setImmediate();
    while (this.deliver());
  }

  /** Sessions that speak to `source` through mysql2. */
  over(source: ProtocolSource): SessionSource {
    return {
      nodeCount: source.nodeCount,
      connect: (node) => this.connect(source, node ?? 0),
    };
  }

  /** Has something reach a client when it is at rest. */
  later(arrive: () => void): void {
    this.arriving.push(arrive);
  }

  private deliver(): boolean {
    const { arriving } = this;
    this.arriving = [];
    for (const arrive of arriving) arrive();
    return arriving.length > 0;
  }

  private connect(source: ProtocolSource, node: number): Promise<Session> {
    const socket = new VirtualSocket(this);
    this.seen.connections++;
    source.connect(node).then(
      (session) => {
        const wire = new WireConnection(
          {
            ...{ version: '8.0.11-TiDB', connectionId: session.id, peerHost: 'client' },
            ...{ nonce: NONCE, account: ACCOUNT, digests: DIGESTS, statistics: () => '' },
          },
          new SessionBackend(session, (error) => {
            throw error;
          }),
          { send: (bytes) => socket.arrive(bytes), end: () => socket.arriveEnd() },
        );
        socket.attach(wire);
      },
      () => socket.arriveEnd(),
    );
    return MysqlSession.open(socket, ACCOUNT);
  }
}

const ACCOUNT = { user: 'root', password: 'secret', plugin: 'caching_sha2_password' } as const;
/** Chance would do, but nothing depends on it. */
const NONCE = new Uint8Array(NONCE_LENGTH).fill(7);
const DIGESTS = { sha1: digest('sha1'), sha256: digest('sha256') };

function digest(algorithm: string): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => new Uint8Array(createHash(algorithm).update(bytes).digest());
}

/** What mysql2 takes for a socket. */
export class VirtualSocket extends EventEmitter {
  private readonly wire: VirtualWire;
  private server: WireConnection | undefined = undefined;
  private over = false;

  constructor(wire: VirtualWire) {
    super();
    this.wire = wire;
  }

  /** The server is there, and says so. */
  attach(server: WireConnection): void {
    this.server = server;
    if (this.over) server.close();
    else server.open();
  }

  /** From the client, at once. */
  write(bytes: Uint8Array): boolean {
    this.wire.seen.packets++;
    this.wire.seen.bytes += bytes.length;
    this.server?.receive(new Uint8Array(bytes));
    return true;
  }

  /** From the server, later. */
  arrive(bytes: Uint8Array): boolean {
    this.wire.seen.bytes += bytes.length;
    this.wire.later(() => {
      if (!this.over) this.emit('data', Buffer.from(bytes));
    });
    return true;
  }

  /** The server has closed the connection. */
  arriveEnd(): void {
    this.wire.later(() => this.finish());
  }

  /** The client closes the connection. */
  end(): void {
    if (this.over) return;
    this.over = true;
    this.server?.close();
  }

  destroy(): void {
    this.end();
  }

  pause(): void {}

  resume(): void {}

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.emit('end');
    this.emit('close');
  }
}
