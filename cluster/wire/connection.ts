import { SqlError } from '../errors.ts';
import type { QueryResult, SessionState } from '../session.ts';
import { NOTHING, writeError, writeOk } from './answers.ts';
import type { Backend, Reply } from './backend.ts';
import { ByteReader, MalformedPacket } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { CAPABILITY, STATUS } from './capabilities.ts';
import { COMMANDS, type CommandContext, quoted, unknownCommand } from './commands.ts';
import { writeAuthSwitch, writeFastAuthOk, writeGreeting } from './handshake.ts';
import { LoginConversation, type LoginOptions, type LoginStep } from './login.ts';
import { type FramingError, PacketReader } from './packet-reader.ts';
import { PacketWriter } from './packet-writer.ts';
import { PreparedStatements } from './prepared.ts';
import { resultPackets } from './result-packets.ts';
import type { WriteRow } from './rows.ts';

/** `max_allowed_packet`. */
const MAX_PACKET = 64 * 1024 * 1024;

/** The other end of a connection: a socket, or something that behaves like one. */
export interface Peer {
  /** Takes bytes; false asks to send no more before `WireConnection.drained`. */
  send(bytes: Uint8Array): boolean;
  /** Closes the connection when all bytes are out. */
  end(): void;
}

/** What one connection is made from. */
export interface WireOptions extends LoginOptions {
  /** As `SELECT VERSION()` gives it. */
  readonly version: string;
  readonly connectionId: number;
  /** The line that COM_STATISTICS answers. */
  readonly statistics: () => string;
}

type Results = Extract<Reply, { kind: 'results' }>;

/**
 * One connection of a client: bytes in, bytes out, nothing in between but the session behind it. It
 * is synchronous, owns no socket, and does one command at a time; what a client sends meanwhile
 * waits.
 */
export class WireConnection implements CommandContext {
  readonly backend: Backend;
  readonly statements = new PreparedStatements();
  multiStatements = false;
  private readonly options: WireOptions;
  private readonly peer: Peer;
  private readonly reader = new PacketReader(MAX_PACKET);
  private readonly bytes = new ByteWriter();
  private readonly packets = new PacketWriter(this.bytes);
  private login: LoginConversation | undefined;
  private capabilities = 0;
  private state: SessionState = { inTransaction: false, autocommits: true };
  /** A command is under way, or its answer is. */
  private busy = false;
  private closed = false;
  /** The rest of an answer that the peer could not take at once. */
  private unsent: Generator<void, void, void> | undefined = undefined;

  constructor(options: WireOptions, backend: Backend, peer: Peer) {
    this.options = options;
    this.backend = backend;
    this.peer = peer;
    this.login = new LoginConversation(options);
  }

  get withoutEof(): boolean {
    return (this.capabilities & CAPABILITY.deprecateEof) !== 0;
  }

  /** Sends the greeting. */
  open(): void {
    const { version, connectionId, nonce, account } = this.options;
    const { plugin } = account;
    this.packet((out) => writeGreeting(out, { version, connectionId, nonce, plugin }));
    this.flush();
  }

  /** Bytes have come. */
  receive(bytes: Uint8Array): void {
    this.reader.feed(bytes);
    this.pump();
  }

  /** The peer can take bytes again. */
  drained(): void {
    if (this.unsent !== undefined && !this.closed) this.sendRest(this.unsent);
  }

  /** The peer has gone, or is to go. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.unsent = undefined;
    this.backend.close();
    this.peer.end();
  }

  status(): number {
    const { inTransaction, autocommits } = this.state;
    return (inTransaction ? STATUS.inTransaction : 0) | (autocommits ? STATUS.autocommit : 0);
  }

  packet(write: (out: ByteWriter) => void): void {
    this.packets.begin();
    write(this.bytes);
    this.packets.end();
  }

  ok(fields: Pick<QueryResult, 'affectedRows' | 'lastInsertId' | 'warnings'> = NOTHING): void {
    this.packet((out) => writeOk(out, fields, this.status()));
    this.finish();
  }

  fail(error: SqlError): void {
    this.packet((out) => writeError(out, error));
    this.finish();
  }

  tell({ results, failure }: Results, writeRow: WriteRow): void {
    const telling = { writeRow, status: this.status(), withoutEof: this.withoutEof };
    this.sendRest(resultPackets(this.packets, results, failure, telling));
  }

  finish(): void {
    this.flush();
    this.busy = false;
  }

  ask(
    request: (backend: Backend, done: (reply: Reply) => void) => void,
    then: (reply: Exclude<Reply, { kind: 'lost' }>) => void,
  ): void {
    request(this.backend, (reply) => {
      if (this.closed) return;
      if (reply.kind === 'lost') {
        this.close();
        return;
      }
      this.state = reply.state;
      then(reply);
      this.pump();
    });
  }

  changeUser(reader: ByteReader): void {
    this.login = new LoginConversation(this.options);
    this.statements.clear();
    const step = this.login.changeUser(reader, this.capabilities);
    this.ask(
      (backend, done) => backend.reset(done),
      () => this.follow(step),
    );
  }

  quit(): void {
    this.close();
  }

  statistics(): string {
    return this.options.statistics();
  }

  /** Handles what has been received, until something has to be waited for. */
  private pump(): void {
    while (!this.busy && !this.closed) {
      const received = this.reader.next();
      if (received === undefined) return;
      if (typeof received === 'string') {
        this.giveUp(received);
        return;
      }
      this.busy = true;
      this.packets.sequence = received.nextSequence;
      if (this.login === undefined && received.firstSequence !== 0) this.giveUp('out of order');
      else this.handle(received.payload);
    }
  }

  private handle(payload: Uint8Array): void {
    try {
      if (this.login !== undefined) this.follow(this.login.step(payload));
      else this.command(payload);
    } catch (error) {
      if (!(error instanceof MalformedPacket)) throw error;
      this.fail(new SqlError(1835, error.message));
      if (this.login !== undefined) this.close();
    }
  }

  private command(payload: Uint8Array): void {
    const command = COMMANDS.get(payload[0] ?? -1);
    if (command === undefined) this.fail(unknownCommand());
    else command(this, new ByteReader(payload, 1));
  }

  /** Goes on with the login. */
  private follow(step: LoginStep): void {
    switch (step.kind) {
      case 'switch':
        this.packet((out) => writeAuthSwitch(out, step.plugin, this.options.nonce));
        this.finish();
        return;
      case 'denied':
        this.fail(step.error);
        this.close();
        return;
      default:
        this.welcome(step);
    }
  }

  private welcome({ login, fast }: Extract<LoginStep, { kind: 'welcome' }>): void {
    this.login = undefined;
    this.capabilities = login.capabilities;
    this.multiStatements = (login.capabilities & CAPABILITY.multiStatements) !== 0;
    if (fast) this.packet(writeFastAuthOk);
    if (login.database === '') {
      this.ok();
      return;
    }
    const text = { sql: `USE ${quoted(login.database)}`, params: [], single: true };
    this.ask(
      (backend, done) => backend.execute(text, done),
      (reply) => {
        const failure = reply.kind === 'results' ? reply.failure : undefined;
        if (failure === undefined) this.ok();
        else {
          this.fail(failure);
          this.close();
        }
      },
    );
  }

  private sendRest(rest: Generator<void, void, void>): void {
    this.unsent = rest;
    for (;;) {
      const { done } = rest.next();
      const more = this.flush();
      if (this.closed) return;
      if (done === true) break;
      if (!more) return;
    }
    this.unsent = undefined;
    this.busy = false;
    this.pump();
  }

  /** Hands what has been written to the peer; false if it wants no more for now. */
  private flush(): boolean {
    return this.bytes.length === 0 || this.peer.send(this.bytes.take());
  }

  /** The bytes make no sense from here on. */
  private giveUp(why: FramingError): void {
    const error =
      why === 'too large'
        ? new SqlError(1153, "Got a packet bigger than 'max_allowed_packet' bytes")
        : new SqlError(1156, 'Got packets out of order');
    this.fail(error);
    this.close();
  }
}
