import type { Datum } from './datum.ts';
import { ConnectionLost } from './errors.ts';
import type {
  PreparedText,
  ProtocolSession,
  ProtocolSource,
  QueryResult,
  SessionState,
} from './session.ts';
import { hashText, type Process } from './sim/index.ts';
import type { ClientReply, ClientRequest } from './tidb/server.ts';

/** A client waits for an answer as long as its connection stands. */
const PATIENCE_US = 86_400_000_000;
/** Between two attempts to tell a server that a connection is gone. */
const RESET_US = 5_000_000;
/** A connection attempt gives up after this (the driver's `connectTimeout`). */
const CONNECT_US = 10_000_000;

/**
 * The client machine: where the case's sessions live. It is part of the simulated network and never
 * killed. Here virtual time meets promises: a promise is settled inside an event, and the loop then
 * lets user code run before the next one.
 */
export class ClientMachine implements ProtocolSource {
  private readonly process: Process;
  private servers: readonly number[];
  private connections = 0;
  private stopped = false;

  constructor(process: Process, servers: readonly number[]) {
    this.process = process;
    this.servers = servers;
  }

  get nodeCount(): number {
    return this.servers.length;
  }

  /** The TiDB nodes there are have become others. */
  serversAre(servers: readonly number[]): void {
    this.servers = servers;
  }

  async connect(node = 0): Promise<ProtocolSession> {
    const server = this.servers[node];
    if (server === undefined) throw new Error(`there is no TiDB node ${node}`);
    const id = ++this.connections;
    await this.ask(server, { kind: 'connect', connection: id }, CONNECT_US);
    return new ClientSession(this, server, id);
  }

  /** Sends a request; rejects with `ConnectionLost`. An error packet is an answer too. */
  ask(server: number, request: ClientRequest, timeoutUs = PATIENCE_US): Promise<Answer> {
    if (this.stopped) return Promise.reject(new ConnectionLost('the cluster has been stopped'));
    const digest = 'sql' in request ? hashText(request.sql) : request.connection;
    return new Promise((resolve, reject) => {
      this.process.call(server, request, digest, timeoutUs, (reply, error) => {
        this.process.world.scheduler.userWork = true;
        const answer = reply as ClientReply | undefined;
        if (error !== undefined || answer === undefined || answer.kind === 'closed') {
          reject(new ConnectionLost());
        } else resolve(answer);
      });
    });
  }

  /**
   * Has a server end a connection: the client closed it, or it broke, and then the server's kernel
   * must learn of that too, or the session would hold its locks for ever. Tried until it is known.
   */
  bye(server: number, connection: number): void {
    if (this.stopped) return;
    const request: ClientRequest = { kind: 'close', connection };
    this.process.call(server, request, connection, CONNECT_US, (_reply, error) => {
      if (error !== undefined) this.process.after(RESET_US, () => this.bye(server, connection));
    });
  }

  /** Every later request is rejected. */
  stop(): void {
    this.stopped = true;
  }
}

/** What came of a request whose answer arrived. */
type Answer = Exclude<ClientReply, { readonly kind: 'closed' }>;

class ClientSession implements ProtocolSession {
  readonly id: number;
  state: SessionState = { inTransaction: false, autocommits: true };
  private readonly machine: ClientMachine;
  private readonly server: number;
  private dead = false;

  constructor(machine: ClientMachine, server: number, id: number) {
    this.machine = machine;
    this.server = server;
    this.id = id;
  }

  execute(sql: string, params: readonly Datum[] = []): Promise<QueryResult> {
    return this.request({ kind: 'execute', connection: this.id, sql, params }, resultOf);
  }

  executeSingle(sql: string): Promise<QueryResult> {
    const request = {
      kind: 'execute',
      connection: this.id,
      sql,
      params: [],
      single: true,
    } as const;
    return this.request(request, resultOf);
  }

  prepare(sql: string): Promise<PreparedText> {
    return this.request({ kind: 'prepare', connection: this.id, sql }, preparedOf);
  }

  reset(): Promise<void> {
    return this.request({ kind: 'reset', connection: this.id }, () => undefined);
  }

  close(): void {
    if (this.dead) return;
    this.dead = true;
    this.machine.bye(this.server, this.id);
  }

  /** Rejects with `SqlError` or `ConnectionLost`. */
  private async request<T>(request: ClientRequest, pick: (answer: Answer) => T): Promise<T> {
    try {
      if (this.dead) throw new ConnectionLost('MySQL server has gone away');
      const answer = await this.machine.ask(this.server, request);
      this.state = answer.state;
      if (answer.kind === 'error') throw answer.error;
      return pick(answer);
    } catch (error) {
      if (error instanceof ConnectionLost) {
        this.close();
        // One event may end many sessions: all of them are closed before any client learns of it.
        await undefined;
      }
      throw error;
    }
  }
}

function resultOf(answer: Answer): QueryResult {
  if (answer.kind === 'result') return answer.result;
  throw new Error(`a result was expected, not ${answer.kind}`);
}

function preparedOf(answer: Answer): PreparedText {
  if (answer.kind === 'prepared') return answer.prepared;
  throw new Error(`a prepared statement was expected, not ${answer.kind}`);
}
