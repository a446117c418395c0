import { describe, expect, test } from 'vitest';
import type { FaultRecord, PlannedFault } from '../nemesis/fault.ts';
import { BareHost } from '../testing/fault-host.ts';
import { Injector } from './inject.ts';

const SECOND_US = 1_000_000;

function planned(
  fault: string,
  target: string,
  atUs: number,
  untilUs: number,
  parameters: PlannedFault['parameters'] = {},
): PlannedFault {
  return { atUs, untilUs, nemesis: 'hand', fault, target, parameters };
}

function kill(atUs: number, untilUs: number, target: string): PlannedFault {
  return planned('kill', target, atUs, untilUs);
}

/** Three stores with the ids 1 to 3. */
function stores(): BareHost {
  return new BareHost(['tikv-0', 'tikv-1', 'tikv-2']);
}

/** What the injector says of a plan that was carried out to its end, and for long after. */
function carriedOut(host: BareHost, ...faults: readonly PlannedFault[]): FaultRecord[] {
  const injector = new Injector(host, { faults }, 0);
  host.advanceTo(10_000 * SECOND_US);
  return injector.records();
}

describe('an injector', () => {
  test('injects and heals at the times of the plan and looks at the node after both', () => {
    const host = stores();
    const plan = { faults: [kill(10, 20, 'tikv-1'), kill(20, 30, 'tikv-2')] };
    const injector = new Injector(host, plan, 1000);
    host.advanceTo(2000);
    expect(host.calls).toEqual(['1010 kill 2', '1020 restart 2', '1020 kill 3', '1030 restart 3']);
    const seen = {
      nemesis: 'hand',
      fault: 'kill',
      tookEffect: true,
      healed: true,
      crowdedOut: false,
    };
    const told = { effect: '', note: '' };
    expect(injector.records()).toEqual([
      { ...seen, ...told, target: 'tikv-1', hit: 'tikv-1', atUs: 1010, untilUs: 1020 },
      { ...seen, ...told, target: 'tikv-2', hit: 'tikv-2', atUs: 1020, untilUs: 1030 },
    ]);
  });

  test('does not believe a kill that leaves the node alive', () => {
    const host = stores();
    host.deaf = true;
    expect(carriedOut(host, kill(10, 20, 'tikv-0'))).toMatchObject([
      { tookEffect: false, note: 'tikv-0 was not seen to be affected' },
    ]);
  });

  test('does not believe a restart that leaves the node dead, though it asks again', () => {
    const host = stores();
    const injector = new Injector(host, { faults: [kill(10, 20, 'tikv-0')] }, 0);
    host.advanceTo(15);
    host.deaf = true;
    host.advanceTo(1000 * SECOND_US);
    expect(injector.records()).toMatchObject([
      { tookEffect: true, healed: false, note: 'tikv-0 did not recover' },
    ]);
    expect(host.calls.length).toBeGreaterThan(500);
  });

  test('heals late what could not be healed in time', () => {
    const host = stores();
    const injector = new Injector(host, { faults: [kill(10, 20, 'tikv-0')] }, 0);
    host.advanceTo(15);
    host.deaf = true;
    host.advanceTo(5 * SECOND_US);
    host.deaf = false;
    host.advanceTo(10 * SECOND_US);
    const untilUs = 5 * SECOND_US + 20;
    expect(injector.records()).toMatchObject([{ healed: true, untilUs, note: '' }]);
  });

  test('says so when the node was down before', () => {
    const host = stores();
    host.kill(1);
    expect(carriedOut(host, kill(10, 20, 'tikv-0'))).toMatchObject([
      { tookEffect: false, healed: true, note: 'tikv-0 was under it already' },
    ]);
  });

  test('heals what runs and calls off what has not begun, when all is healed', () => {
    const host = stores();
    const plan = { faults: [kill(10, 100, 'tikv-0'), kill(100, 200, 'tikv-1')] };
    const injector = new Injector(host, plan, 0);
    host.advanceTo(50);
    expect([injector.begun, injector.running]).toEqual([1, 1]);
    injector.healAll();
    expect(injector.running).toBe(0);
    host.advanceTo(500);
    expect(injector.records()).toMatchObject([{ target: 'tikv-0', untilUs: 50, healed: true }]);
    expect(host.calls).toEqual(['10 kill 1', '50 restart 1']);
  });
});

describe('faults that meet on one process', () => {
  test('are over when the last of them ends', () => {
    const host = stores();
    const records = carriedOut(host, kill(10, 100, 'tikv-0'), kill(50, 200, 'tikv-0'));
    expect(host.calls).toEqual(['10 kill 1', '200 restart 1']);
    expect(records).toMatchObject([
      { atUs: 10, untilUs: 200, tookEffect: true, healed: true, note: '' },
      { atUs: 50, untilUs: 200, tookEffect: true, healed: true, note: '' },
    ]);
  });

  test('may be a kill within a pause: the node stays away until the pause is over', () => {
    const host = stores();
    const records = carriedOut(host, planned('pause', 'tikv-0', 10, 200), kill(50, 100, 'tikv-0'));
    expect(host.calls).toEqual(['50 kill 1', '200 restart 1']);
    expect(records).toMatchObject([
      { fault: 'pause', tookEffect: true, healed: true },
      { fault: 'kill', untilUs: 200, tookEffect: true, healed: true },
    ]);
  });

  test('may be a pause of a node that is down: nothing is left of it to pause', () => {
    const host = stores();
    const pause = planned('pause', 'tikv-0', 50, 200);
    expect(carriedOut(host, kill(10, 100, 'tikv-0'), pause)).toMatchObject([
      { untilUs: 200, tookEffect: true, healed: true },
      { fault: 'pause', tookEffect: true, healed: true },
    ]);
    expect(host.isAlive(1)).toBe(true);
  });

  test('are healed together when all is healed', () => {
    const host = stores();
    const faults = [kill(10, 100, 'tikv-0'), kill(20, 200, 'tikv-0')];
    const injector = new Injector(host, { faults }, 0);
    host.advanceTo(30);
    injector.healAll();
    expect(injector.records()).toMatchObject([
      { untilUs: 30, healed: true },
      { untilUs: 30, healed: true },
    ]);
  });
});

describe('a role', () => {
  const members = (): BareHost => new BareHost(['pd-0', 'pd-1', 'pd-2']);

  test('is filled in when the fault begins, and the record says by whom', () => {
    const host = members();
    host.leader = 1;
    host.at(5, () => {
      host.leader = 3;
    });
    expect(carriedOut(host, kill(10, 20, 'pd-leader'))).toMatchObject([
      { target: 'pd-leader', hit: 'pd-2', tookEffect: true, healed: true },
    ]);
  });

  test('of a follower is picked round and round', () => {
    const picked = [0, 1, 2, 7].map((pick) => {
      const host = members();
      host.leader = 2;
      return carriedOut(host, planned('kill', 'pd-follower', 10, 20, { pick }))[0]?.hit;
    });
    expect(picked).toEqual(['pd-0', 'pd-2', 'pd-0', 'pd-2']);
  });

  test('that nobody fills yet is looked for again until the fault is over', () => {
    const host = members();
    host.at(2 * SECOND_US + 1, () => {
      host.leader = 2;
    });
    expect(carriedOut(host, kill(10, 20 * SECOND_US, 'pd-leader'))).toMatchObject([
      { hit: 'pd-1', atUs: 2 * SECOND_US + 10, tookEffect: true, note: '' },
    ]);
    expect(carriedOut(members(), kill(10, 20, 'pd-leader'))).toMatchObject([
      { hit: 'pd-leader', tookEffect: false, healed: true, note: 'no member of PD leads' },
    ]);
  });

  test('that nobody fills because of other faults is nobody’s mistake', () => {
    const [cause, victim] = [kill(10, 40, 'pd-0'), kill(20, 30, 'pd-leader')];
    expect(carriedOut(members(), cause, victim)).toMatchObject([
      { tookEffect: true, crowdedOut: false },
      { tookEffect: false, crowdedOut: true, healed: true },
    ]);
    expect(carriedOut(members(), victim)).toMatchObject([{ tookEffect: false, crowdedOut: false }]);
  });
});

describe('PD', () => {
  const SHUFFLE = { scheduler: 'shuffle-leader-scheduler' };

  test('runs a scheduler for as long as the fault lasts', () => {
    const host = new BareHost(['pd-0']);
    host.leader = 1;
    const seen: (readonly string[])[] = [];
    for (const us of [5, 15, 25]) host.at(us, () => seen.push(host.pdControl.schedulers() ?? []));
    const fault = planned('scheduler', 'pd', 10, 20, SHUFFLE);
    expect(carriedOut(host, fault)).toMatchObject([
      { hit: 'pd-0', tookEffect: true, healed: true },
    ]);
    expect(seen).toEqual([[], ['shuffle-leader-scheduler'], []]);
  });

  test('that refuses is asked again, to begin and to end', () => {
    const host = new BareHost(['pd-0']);
    host.refusal = 'no member of PD leads';
    const times = [3, 9, 12];
    times.forEach((second, i) => {
      host.at(second * SECOND_US, () => {
        host.refusal = i === 1 ? 'no member of PD leads' : undefined;
      });
    });
    const fault = planned('scheduler', 'pd', SECOND_US, 10 * SECOND_US, SHUFFLE);
    expect(carriedOut(host, fault)).toMatchObject([
      { atUs: 3 * SECOND_US, untilUs: 12 * SECOND_US, tookEffect: true, healed: true, note: '' },
    ]);
  });

  test('says what became of an operation on a region', () => {
    const host = new BareHost(['pd-0']);
    host.leader = 1;
    const parameters = { operation: 'split', pick: 1 };
    const fault = planned('region_operation', 'pd', 10, 20, parameters);
    expect(carriedOut(host, fault)).toMatchObject([
      { tookEffect: true, healed: true, effect: 'split of 0: finished' },
    ]);
  });
});
