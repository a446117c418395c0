import { beforeEach, describe, expect, test } from 'vitest';
import { Rng } from '../sim/rng.ts';
import { BasicCluster } from './basic-cluster.ts';
import { mergeOperators, movePeerOperator, transferLeaderOperator } from './create-operator.ts';
import type { RegionHeartbeat } from './heartbeat.ts';
import { type Operator, OperatorKind, Priority, type PriorityLevel } from './operator.ts';
import { OperatorController } from './operator-controller.ts';
import { scheduleConfig } from './schedule-config.ts';
import type { ScheduleContext } from './schedule-context.ts';

const MIB = 1024 * 1024;
const SECOND_US = 1_000_000;

function heartbeat(id: number, bytes = 96 * MIB): RegionHeartbeat {
  const letter = (at: number): string => String.fromCharCode(96 + at);
  return {
    region: {
      id,
      startKey: letter(id),
      endKey: letter(id + 1),
      epoch: { confVer: 1, version: 1 },
      peers: [1, 2, 3].map((store) => ({ id: id * 10 + store, store, role: 'voter' })),
    },
    leader: id * 10 + 1,
    term: 5,
    downPeers: [],
    pendingPeers: [],
    approximateSizeBytes: bytes,
    approximateKeys: 1000,
  };
}

let context: ScheduleContext;
let ended: string[];

beforeEach(() => {
  ended = [];
  const config = scheduleConfig();
  const cluster = new BasicCluster(config);
  const bugs = new Set<string>();
  const operators = new OperatorController({
    cluster,
    rng: new Rng('1', 'operators'),
    bugs,
    observe: ({ region, status }, reason) => {
      if (reason !== undefined) ended.push(`${region} ${status}: ${reason}`);
    },
  });
  let nextId = 1000;
  const allocId = (): number => nextId++;
  context = { cluster, config, operators, bugs, allocId, rng: new Rng('1', 'test'), nowUs: 0 };
  for (const store of [1, 2, 3, 4]) {
    cluster.storeHeartbeat({ store, regionCount: 0, leaderCount: 0 }, 0);
  }
  for (let id = 1; id <= 9; id++) cluster.regionHeartbeat(heartbeat(id), 0);
});

function transfer(id: number, priority: PriorityLevel = Priority.medium): Operator {
  const purpose = { description: 'test', kind: OperatorKind.leader, priority };
  return made(transferLeaderOperator(context, purpose, heartbeat(id), 2));
}

function move(id: number, bytes?: number): Operator {
  const purpose = { description: 'test', kind: OperatorKind.region };
  return made(movePeerOperator(context, purpose, heartbeat(id, bytes), 3, 4));
}

function made(operator: Operator | string): Operator {
  if (typeof operator === 'string') throw new Error(operator);
  return operator;
}

function running(): number[] {
  return [...context.operators.operators()].map(({ region }) => region);
}

describe('an operator that waits', () => {
  test('is dropped if it is not started within three seconds', () => {
    const late = transfer(1);
    const inTime = transfer(2);
    expect(context.operators.addWaiting([inTime], 3 * SECOND_US - 1)).toBe(1);
    expect(context.operators.addWaiting([late], 3 * SECOND_US)).toBe(0);
    expect(late.status).toBe('expired');
    expect(ended).toEqual(['1 expired: was not started in time']);
    expect(context.operators.counters.of('test').expired).toBe(1);
  });

  test('is refused where five of the same kind wait already', () => {
    const all = [1, 2, 3, 4, 5, 6, 7].map((id) => transfer(id));
    expect(context.operators.addWaiting(all, 0)).toBe(5);
    expect(running()).toEqual([1, 2, 3, 4, 5]);
    expect(ended).toEqual(['6 refused: too many are waiting', '7 refused: too many are waiting']);
  });

  test('is served more often, the higher its priority', () => {
    let urgentFirst = 0;
    for (let round = 0; round < 200; round++) {
      const low = transfer(1, Priority.low);
      const urgent = transfer(2, Priority.urgent);
      context.operators.addWaiting([low, urgent], 0);
      if (running()[0] === 2) urgentFirst++;
      for (const id of [1, 2]) context.operators.cancel(id, 'again', 0);
    }
    expect(urgentFirst).toBeGreaterThan(170);
    expect(urgentFirst).toBeLessThan(200);
  });
});

describe('adding', () => {
  test('is refused for a region that is not known, or not as it was', () => {
    const stale = transfer(1);
    const { region } = heartbeat(1);
    const epoch = { confVer: 2, version: 1 };
    context.cluster.regionHeartbeat({ ...heartbeat(1), region: { ...region, epoch } }, 0);
    expect(context.operators.addNow([stale], 0)).toBe('the epoch has moved');
    const unknown = transfer(20);
    expect(context.operators.addNow([unknown], 0)).toBe('no such region');
    expect([stale.status, unknown.status]).toEqual(['refused', 'refused']);
  });

  test('replaces an operator of lower priority, and no other', () => {
    const first = transfer(1, Priority.medium);
    expect(context.operators.addNow([first], 0)).toBeUndefined();
    expect(context.operators.addNow([transfer(1, Priority.medium)], 0)).toBe('test is under way');
    expect(context.operators.addNow([transfer(1, Priority.high)], 0)).toBeUndefined();
    expect(first.status).toBe('replaced');
    expect(context.operators.countOf(OperatorKind.leader)).toBe(1);
  });

  test('takes both operators of a merge or none', () => {
    const purpose = { description: 'merge', kind: 0 };
    const merge = mergeOperators(context, purpose, heartbeat(1), heartbeat(2));
    if (typeof merge === 'string') throw new Error(merge);
    context.operators.addNow([transfer(2)], 0);
    expect(context.operators.addWaiting(merge, 0)).toBe(0);
    expect(running()).toEqual([2]);
    expect(merge.map(({ status }) => status)).toEqual(['refused', 'refused']);
  });
});

describe('the limit of a store', () => {
  test('lets one large region pass, and the next one four seconds later', () => {
    expect(context.operators.addNow([move(1)], 0)).toBeUndefined();
    expect(context.operators.addNow([move(2)], 0)).toBe('store 4 is at its limit');
    const inTime = movedAt(4 * SECOND_US - 1);
    expect(context.operators.addNow([inTime], 4 * SECOND_US - 1)).toBe('store 4 is at its limit');
    expect(context.operators.addNow([movedAt(4 * SECOND_US)], 4 * SECOND_US)).toBeUndefined();
  });

  test('lets five small regions pass, and any number of empty ones', () => {
    for (const id of [1, 2, 3, 4, 5]) {
      expect(context.operators.addNow([move(id, 20 * MIB)], 0)).toBeUndefined();
    }
    expect(context.operators.addNow([move(6, 20 * MIB)], 0)).toBe('store 4 is at its limit');
    for (const id of [6, 7, 8]) {
      expect(context.operators.addNow([move(id, MIB)], 0)).toBeUndefined();
    }
  });

  function movedAt(nowUs: number): Operator {
    context = { ...context, nowUs };
    return move(3);
  }
});

describe('time allowed', () => {
  test.each([
    ['a transfer', () => transfer(1), 10],
    ['a move of 96 MiB', () => move(1), 600],
    ['a move of 1 GiB', () => move(1, 1024 * MIB), 6144],
  ])('%s has its first step time out after its time, and not before', (_name, make, seconds) => {
    const operator = make();
    context.operators.addNow([operator], 0);
    const region = heartbeat(1);
    expect(context.operators.onHeartbeat(region, seconds * SECOND_US - 1)).toBeDefined();
    expect(context.operators.onHeartbeat(region, seconds * SECOND_US)).toBeUndefined();
    expect(operator.status).toBe('timed-out');
    expect(running()).toEqual([]);
  });

  test('a merge has a hundred seconds, whichever half', () => {
    const merge = mergeOperators(
      context,
      { description: 'merge', kind: 0 },
      heartbeat(1),
      heartbeat(2),
    );
    if (typeof merge === 'string') throw new Error(merge);
    context.operators.addNow(merge, 0);
    context.operators.onHeartbeat(heartbeat(2), 100 * SECOND_US - 1);
    expect(running()).toEqual([1, 2]);
    context.operators.onHeartbeat(heartbeat(2), 100 * SECOND_US);
    expect(running()).toEqual([]);
    expect(merge.map(({ status }) => status)).toEqual(['cancelled', 'timed-out']);
  });
});
