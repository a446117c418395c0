import { describe, expect, test } from 'vitest';
import { Rng } from '../../cluster/sim/rng.ts';
import type { PlannedFault } from '../../nemesis/fault.ts';
import { NEMESES } from '../../nemesis/index.ts';
import { makePlan } from '../../nemesis/plan.ts';
import { topologyOf } from '../../nemesis/targets.ts';
import { BareHost } from '../../testing/fault-host.ts';
import { Injector } from '../inject.ts';

const SECOND_US = 1_000_000;
const NAMES = ['tidb-0', 'tikv-0', 'tikv-1', 'pd-0'];
const CLIENT = 0;
const [TIDB, TIKV0, TIKV1, PD] = [1, 2, 3, 4] as const;

function fault(
  kind: string,
  target: string,
  parameters: PlannedFault['parameters'] = {},
): PlannedFault {
  return { atUs: 10, untilUs: 20, nemesis: 'hand', fault: kind, target, parameters };
}

/** The state of the nodes in the middle of a fault, and what the record says of it. */
function during<T>(planned: PlannedFault, look: (host: BareHost) => T) {
  const host = new BareHost(NAMES);
  const injector = new Injector(host, { faults: [planned] }, 0);
  const before = look(host);
  host.advanceTo(15);
  const meanwhile = look(host);
  host.advanceTo(200 * SECOND_US);
  expect(look(host)).toEqual(before);
  const [record] = injector.records();
  expect(record).toMatchObject({ tookEffect: true, healed: true, note: '' });
  return { meanwhile, effect: record?.effect };
}

/** Ways that are blocked, as `from>to`. */
function blocked(host: BareHost): string[] {
  return ways((from, to) => host.link(from, to).blocked);
}

/** Ways on which a fault of a kind lies. */
function under(kind: string): (host: BareHost) => string[] {
  return (host) =>
    ways((from, to) => host.link(from, to).inForce.some(({ fault }) => fault.kind === kind));
}

function ways(holds: (from: number, to: number) => boolean): string[] {
  const all = [CLIENT, TIDB, TIKV0, TIKV1, PD];
  return all.flatMap((from) =>
    all.filter((to) => from !== to && holds(from, to)).map((to) => `${from}>${to}`),
  );
}

describe('a partition', () => {
  test('cuts a node off from the others, but not from the client', () => {
    const { meanwhile } = during(fault('partition', 'tikv-0', { direction: 'both' }), blocked);
    expect(meanwhile).toEqual(['1>2', '2>1', '2>3', '2>4', '3>2', '4>2']);
  });

  test('may make a node deaf or mute', () => {
    const deaf = during(fault('partition', 'tikv-0', { direction: 'in' }), blocked);
    expect(deaf.meanwhile).toEqual(['1>2', '3>2', '4>2']);
    const mute = during(fault('partition', 'tikv-0', { direction: 'out' }), blocked);
    expect(mute.meanwhile).toEqual(['2>1', '2>3', '2>4']);
  });

  test('with a bridge leaves one node that sees both sides', () => {
    const { meanwhile } = during(fault('bridge', 'tikv-1', { side: 'tikv-0' }), blocked);
    expect(meanwhile).toEqual(['1>2', '2>1', '2>4', '4>2']);
  });
});

describe('a link', () => {
  test.each(['loss', 'corrupt', 'duplicate', 'reorder'])(
    'has %s on all that a node sends, also to the client',
    (kind) => {
      const parameters = { percent: 40, correlation: 25 };
      const { meanwhile, effect } = during(fault(kind, 'tidb-0', parameters), under(kind));
      expect(meanwhile).toEqual(['1>0', '1>2', '1>3', '1>4']);
      expect(effect).toMatch(/^\w+ 0 (packets|messages)$/);
    },
  );

  test('is late on all that a node sends', () => {
    const parameters = { latencyUs: 90_000, jitterUs: 90_000, correlation: 25 };
    const { meanwhile } = during(fault('delay', 'pd-0', parameters), under('delay'));
    expect(meanwhile).toEqual(['4>0', '4>1', '4>2', '4>3']);
  });

  test('is clogged both ways', () => {
    const { meanwhile } = during(fault('clog', 'tidb-0'), under('clog'));
    expect(meanwhile).toEqual(['0>1', '1>0', '1>2', '1>3', '1>4', '2>1', '3>1', '4>1']);
  });

  test('says how many packets a fault has struck', () => {
    const host = new BareHost(NAMES);
    const injector = new Injector(host, { faults: [fault('clog', 'tikv-0')] }, 0);
    host.at(15, () => host.world.process(PD)?.send(TIKV0, 'hello', 0));
    host.advanceTo(SECOND_US);
    expect(injector.records()).toMatchObject([{ effect: 'held back 1 packet' }]);
  });
});

describe('a process', () => {
  const state = (host: BareHost): string =>
    [host.isAlive(TIKV0) ? 'alive' : 'dead', host.isPaused(TIKV0) ? 'paused' : ''].join(' ').trim();

  test('is killed, loses power, or is paused', () => {
    expect(during(fault('kill', 'tikv-0'), state).meanwhile).toBe('dead');
    expect(during(fault('power_cut', 'tikv-0'), state).meanwhile).toBe('dead');
    expect(during(fault('pause', 'tikv-0'), state).meanwhile).toBe('alive paused');
  });
});

describe('a clock and a disk', () => {
  test('are skewed, and said by how much', () => {
    const skew = fault('skew', 'pd-0', { offsetUs: -150_000 });
    const { meanwhile, effect } = during(skew, (host) => host.clock(PD).skewUs);
    expect([meanwhile, effect]).toEqual([-150_000, 'the clock was 150 ms behind when it ended']);
  });

  test('strobe', () => {
    const strobe = fault('strobe', 'pd-0', { offsetUs: 5000, periodUs: 3 });
    // At 15 µs it has been off from 10 to 13, right until 16.
    expect(during(strobe, (host) => host.clock(PD).skewUs).meanwhile).toBe(0);
  });

  test('are slow, or do not answer at all', () => {
    const kinds = (host: BareHost) => host.disk(TIKV1)?.inForce.map(({ fault }) => fault.kind);
    const slow = during(fault('slow_disk', 'tikv-1', { factor: 50 }), kinds);
    expect([slow.meanwhile, slow.effect]).toEqual([['slow'], 'slowed 0 syncs']);
    expect(during(fault('stall_disk', 'tikv-1'), kinds).meanwhile).toEqual(['stall']);
  });
});

test('a cluster grows by nodes of one component, and shrinks back', () => {
  const names = (host: BareHost): string[] => host.nodes().map(({ name }) => name);
  const { meanwhile, effect } = during(fault('scale_out', 'tikv', { count: 2 }), names);
  expect(meanwhile).toEqual([...NAMES, 'tikv-5', 'tikv-6']);
  expect(effect).toBe('added tikv-5, tikv-6');
});

describe('every nemesis', () => {
  const HOUR_US = 3600 * SECOND_US;
  const topology = topologyOf({ tidb: 2, tikv: 3, pd: 3 });

  test.each(NEMESES.map(({ name }) => name))(
    '%s takes effect and leaves nothing behind',
    (name) => {
      const host = new BareHost(topology.nodes.map((node) => node.name));
      host.leader = host.nodes().find((node) => node.name === 'pd-1')?.id;
      const plan = makePlan({
        nemeses: NEMESES.filter((nemesis) => nemesis.name === name),
        ...{ mode: 'round-robin', topology, lengthUs: HOUR_US },
        stream: (label) => new Rng('7', label),
      });
      const injector = new Injector(host, plan, 0);
      host.advanceTo(HOUR_US);
      injector.healAll();
      expect(injector.records()).toHaveLength(plan.faults.length);
      expect(injector.records().filter((record) => !record.tookEffect)).toEqual([]);
      expect(injector.records().filter((record) => !record.healed)).toEqual([]);
      expect(host.nodes().map((node) => [node.name, node.alive])).toEqual(
        topology.nodes.map((node) => [node.name, true]),
      );
      const ids = [host.clientId, ...host.nodes().map(({ id }) => id)];
      for (const from of ids) {
        expect([host.isPaused(from), host.clock(from).skewUs]).toEqual([false, 0]);
        expect(host.disk(from)?.inForce ?? []).toEqual([]);
        for (const to of ids) expect(host.link(from, to).inForce).toEqual([]);
      }
    },
  );
});
