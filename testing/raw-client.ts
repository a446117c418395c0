import { createHash } from 'node:crypto';
import type { QueryResult } from '../cluster/session.ts';
import type { Account, AuthPlugin } from '../cluster/wire/auth.ts';
import { type Digests, scramble } from '../cluster/wire/auth.ts';
import type { Backend, Done, Reply, TextToRun } from '../cluster/wire/backend.ts';
import { ByteWriter } from '../cluster/wire/byte-writer.ts';
import { CAPABILITY } from '../cluster/wire/capabilities.ts';
import { WireConnection } from '../cluster/wire/connection.ts';
import { PacketReader } from '../cluster/wire/packet-reader.ts';
import { PacketWriter } from '../cluster/wire/packet-writer.ts';

/** Hash functions for tests. */
export const DIGESTS: Digests = { sha1: digest('sha1'), sha256: digest('sha256') };
const NONCE = new TextEncoder().encode('abcdefghijklmnopqrst');
const MAX_PACKET = 64 * 1024 * 1024;
const IDLE = { inTransaction: false, autocommits: true };

function digest(algorithm: string): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => new Uint8Array(createHash(algorithm).update(bytes).digest());
}

/** Results as a backend answers them. */
export function results(...list: QueryResult[]): Reply {
  return { kind: 'results', results: list, failure: undefined, state: IDLE };
}

/** A session that answers what a test tells it to, when the test does. */
export class ScriptedBackend implements Backend {
  /** What was asked, in order. */
  readonly asked: (TextToRun | string)[] = [];
  closed = 0;
  private waiting: Done | undefined = undefined;

  execute(text: TextToRun, done: Done): void {
    this.wait(text, done);
  }

  prepare(sql: string, done: Done): void {
    this.wait(`prepare ${sql}`, done);
  }

  reset(done: Done): void {
    this.wait('reset', done);
  }

  close(): void {
    this.closed++;
  }

  /** Answers what was asked last. */
  answer(reply: Reply): void {
    const { waiting } = this;
    if (waiting === undefined) throw new Error('nothing was asked');
    this.waiting = undefined;
    waiting(reply);
  }

  private wait(what: TextToRun | string, done: Done): void {
    if (this.waiting !== undefined) throw new Error('two requests at once');
    this.asked.push(what);
    this.waiting = done;
  }
}

/** How a client logs in. */
export interface LoginAs {
  readonly user?: string;
  readonly password?: string;
  /** undefined: it knows of no plugins. */
  readonly plugin?: AuthPlugin | undefined;
  readonly database?: string;
  readonly capabilities?: number;
}

/** A client that speaks in bytes, to a connection with a scripted session behind it. */
export class RawClient {
  readonly backend = new ScriptedBackend();
  readonly server: WireConnection;
  /** What the peer says to each send: whether it can take more. */
  room = true;
  /** Sizes of what was sent at once. */
  readonly sends: number[] = [];
  ended = false;
  private readonly reader = new PacketReader(MAX_PACKET);
  private sequence = 0;

  constructor(account: Account) {
    const options = {
      ...{ version: '8.0.11-TiDB', connectionId: 9, nonce: NONCE, account, digests: DIGESTS },
      ...{ peerHost: 'somewhere', statistics: () => 'Uptime: 1' },
    };
    this.server = new WireConnection(options, this.backend, {
      send: (bytes) => {
        this.sends.push(bytes.length);
        this.reader.feed(bytes);
        return this.room;
      },
      end: () => {
        this.ended = true;
      },
    });
    this.server.open();
  }

  /** Payloads that have come since the last look. */
  received(): Uint8Array[] {
    const payloads: Uint8Array[] = [];
    for (;;) {
      const next = this.reader.next();
      if (next === undefined) return payloads;
      if (typeof next === 'string') throw new Error(next);
      this.sequence = next.nextSequence;
      payloads.push(next.payload);
    }
  }

  /** Answers the greeting. */
  login(as: LoginAs): Uint8Array[] {
    this.received();
    const { user = 'root', password = '', plugin, database = '', capabilities = 0 } = as;
    const proof = scramble(plugin ?? 'mysql_native_password', password, NONCE, DIGESTS);
    const flags =
      capabilities |
      (CAPABILITY.protocol41 | CAPABILITY.secureConnection) |
      (plugin === undefined ? 0 : CAPABILITY.pluginAuth) |
      (database === '' ? 0 : CAPABILITY.connectWithDatabase);
    return this.continue((out) => {
      out.u32(flags);
      out.u32(MAX_PACKET);
      out.u8(46);
      out.skip(23);
      out.zeroEnded(user);
      out.u8(proof.length);
      out.raw(proof);
      if (database !== '') out.zeroEnded(database);
      if (plugin !== undefined) out.zeroEnded(plugin);
    });
  }

  /** The proof of a password, sent after a switch. */
  prove(plugin: AuthPlugin, password: string): Uint8Array[] {
    return this.continue((out) => out.raw(scramble(plugin, password, NONCE, DIGESTS)));
  }

  /** Goes on with the conversation. */
  continue(write: (out: ByteWriter) => void): Uint8Array[] {
    return this.send(this.sequence, write);
  }

  /** Sends a command. */
  command(code: number, write: (out: ByteWriter) => void = () => {}): Uint8Array[] {
    return this.send(0, (out) => {
      out.u8(code);
      write(out);
    });
  }

  /** Sends a payload under a sequence id of the caller's. */
  send(sequence: number, write: (out: ByteWriter) => void): Uint8Array[] {
    const packets = new PacketWriter(new ByteWriter());
    packets.sequence = sequence;
    packets.begin();
    write(packets.bytes);
    packets.end();
    this.server.receive(packets.bytes.take());
    return this.received();
  }
}
