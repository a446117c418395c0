import { expect, test } from 'vitest';
import type { PdReply, PdRequest } from '../../pd/request.ts';
import { type Process, World } from '../../sim/index.ts';
import { PdClient } from './pd-client.ts';

const SECOND = 1_000_000;
const MEMBERS = [1, 2, 3];

/** Three members that answer as told, and a client; `asked` notes who was asked for what. */
class ScriptedPd {
  readonly world = new World('1', { minUs: 80, tailUs: 20 });
  readonly asked: [member: number, request: PdRequest][] = [];
  readonly log: string[] = [];
  readonly client: PdClient;
  readonly process: Process;
  /** Who serves; the others name it. */
  leader: number | undefined = 1;
  ts = 1000;

  constructor() {
    for (const member of MEMBERS) this.startMember(member);
    this.process = this.world.start(9, 'tidb-0');
    this.client = new PdClient(this.process, MEMBERS, (_level, _source, message, fields = []) => {
      const error = fields.find(([name]) => name === 'error');
      this.log.push(error === undefined ? message : `${message}: ${error[1]}`);
    });
  }

  startMember(member: number): void {
    this.world.start(member, `pd-${member}`).handle({
      onCall: (call) => {
        const request = call.request as PdRequest;
        this.asked.push([member, request]);
        call.respond(this.reply(member, request), 0);
      },
    });
  }

  /** Asks for a timestamp; the outcome appears later. */
  ask(): { ts?: number; error?: unknown } {
    const outcome: { ts?: number; error?: unknown } = {};
    this.process.spawn(this.client.timestamp(), (error, ts) => {
      if (error === undefined) outcome.ts = ts as number;
      else outcome.error = error;
    });
    return outcome;
  }

  pass(us: number): void {
    this.world.scheduler.runUntil(this.world.nowUs + us);
  }

  private reply(member: number, request: PdRequest): PdReply {
    if (member !== this.leader) return { kind: 'not-leader', leader: this.leader };
    if (request.kind !== 'tso') return { kind: 'ok' };
    this.ts += request.count;
    return { kind: 'tso', ts: this.ts };
  }
}

test('who asks while a request is under way shares the next one, in order', () => {
  const pd = new ScriptedPd();
  const early = [pd.ask(), pd.ask()];
  pd.pass(50);
  const late = [pd.ask(), pd.ask(), pd.ask()];
  pd.pass(2000);
  expect(early.map(({ ts }) => ts)).toEqual([1001, 1002]);
  expect(late.map(({ ts }) => ts)).toEqual([1003, 1004, 1005]);
  expect(pd.asked.map(([, request]) => request)).toEqual([
    { kind: 'tso', count: 2 },
    { kind: 'tso', count: 3 },
  ]);
});

test('a waiter costs no event of its own', () => {
  const few = new ScriptedPd();
  few.ask();
  few.pass(2000);
  const many = new ScriptedPd();
  for (let i = 0; i < 500; i++) many.ask();
  many.pass(2000);
  expect(many.world.scheduler.trace.events).toBe(few.world.scheduler.trace.events);
});

test('a member that does not lead names the leader, who is asked next', () => {
  const pd = new ScriptedPd();
  pd.leader = 3;
  const outcome = pd.ask();
  pd.pass(2 * SECOND);
  expect(outcome.ts).toBe(1001);
  expect(pd.asked.map(([member]) => member)).toEqual([1, 3]);
});

test('a dead leader is searched for among the members, once a second', () => {
  const pd = new ScriptedPd();
  pd.leader = 2;
  pd.world.kill(1);
  const outcome = pd.ask();
  pd.pass(0.5 * SECOND);
  expect(outcome.ts).toBeUndefined();
  pd.pass(SECOND);
  expect(outcome.ts).toBe(1001);
});

test('an outage is logged in the words of the PD client and ends in 9001', () => {
  const pd = new ScriptedPd();
  for (const member of MEMBERS) pd.world.kill(member);
  const outcome = pd.ask();
  pd.pass(30 * SECOND);
  expect(outcome).toEqual({});
  pd.pass(90 * SECOND);
  expect(outcome.error).toMatchObject({ code: 9001, message: 'PD server timeout' });
  expect([...new Set(pd.log)]).toEqual([
    expect.stringMatching(
      /^\[pd\] update connection contexts failed: rpc error: code = Unavailable/,
    ),
    '[pd] tso stream is not ready',
    '[pd] create tso stream error: ' +
      '[PD:client:ErrClientCreateTSOStream]create TSO stream failed, retry timeout',
  ]);
});

test('an outage of ten seconds is survived', () => {
  const pd = new ScriptedPd();
  pd.leader = undefined;
  const outcome = pd.ask();
  pd.pass(10 * SECOND);
  expect(outcome).toEqual({});
  pd.leader = 2;
  pd.pass(10 * SECOND);
  expect(outcome.ts).toBe(1001);
});

test('a timestamp that goes back ends the run', () => {
  const pd = new ScriptedPd();
  pd.ask();
  pd.pass(2000);
  pd.ts = 1000;
  pd.ask();
  expect(() => pd.pass(2000)).toThrow('timestamp fallback');
});

test('requests other than timestamps find the leader too, or end in 9001', () => {
  const pd = new ScriptedPd();
  pd.leader = 2;
  let error: unknown;
  const request = pd.client.ask({ kind: 'region-heartbeat', heartbeats: [] }, 'ok');
  pd.process.spawn(request, (thrown) => {
    error = thrown ?? 'done';
  });
  pd.pass(2 * SECOND);
  expect(error).toBe('done');
  pd.leader = undefined;
  pd.process.spawn(pd.client.ask({ kind: 'alloc-id', count: 1 }, 'id'), (thrown) => {
    error = thrown;
  });
  pd.pass(60 * SECOND);
  expect(error).toMatchObject({ code: 9001 });
});
