import { describe, expect, test } from 'vitest';
import type { NodeInfo } from '../cluster/surface.ts';
import type { PlannedFault } from '../nemesis/fault.ts';
import { type FaultHost, Injector } from './inject.ts';

/** Three stores, a clock that is moved by hand, and a switch that makes a store deaf to faults. */
class Stores implements FaultHost {
  deaf = false;
  readonly calls: string[] = [];
  private now = 0;
  private readonly alive = [true, true, true];
  private readonly booked: { timeUs: number; action: () => void }[] = [];

  nodes(): NodeInfo[] {
    return this.alive.map((alive, id) => ({ id, name: `tikv-${id}`, kind: 'tikv', alive }));
  }

  pdLeader(): undefined {
    return undefined;
  }

  kill(id: number): void {
    this.calls.push(`${this.now} kill ${id}`);
    if (!this.deaf) this.alive[id] = false;
  }

  restart(id: number): void {
    this.calls.push(`${this.now} restart ${id}`);
    if (!this.deaf) this.alive[id] = true;
  }

  isAlive(id: number): boolean {
    return this.alive[id] === true;
  }

  nowUs(): number {
    return this.now;
  }

  at(timeUs: number, action: () => void): void {
    this.booked.push({ timeUs, action });
  }

  advanceTo(timeUs: number): void {
    const due = this.booked.filter((event) => event.timeUs <= timeUs && event.timeUs > this.now);
    due.sort((a, b) => a.timeUs - b.timeUs);
    for (const event of due) {
      this.now = event.timeUs;
      event.action();
    }
    this.now = timeUs;
  }
}

function kill(atUs: number, untilUs: number, target: string): PlannedFault {
  return { atUs, untilUs, nemesis: 'hand', fault: 'kill', target, parameters: {} };
}

describe('an injector', () => {
  test('injects and heals at the times of the plan and looks at the node after both', () => {
    const stores = new Stores();
    const plan = { faults: [kill(10, 20, 'tikv-1'), kill(20, 30, 'tikv-2')] };
    const injector = new Injector(stores, plan, 1000);
    stores.advanceTo(2000);
    expect(stores.calls).toEqual([
      '1010 kill 1',
      '1020 restart 1',
      '1020 kill 2',
      '1030 restart 2',
    ]);
    const seen = { nemesis: 'hand', fault: 'kill', tookEffect: true, healed: true, note: '' };
    expect(injector.records()).toEqual([
      { ...seen, target: 'tikv-1', atUs: 1010, untilUs: 1020 },
      { ...seen, target: 'tikv-2', atUs: 1020, untilUs: 1030 },
    ]);
  });

  test('does not believe a kill that leaves the node alive', () => {
    const stores = new Stores();
    stores.deaf = true;
    const injector = new Injector(stores, { faults: [kill(10, 20, 'tikv-0')] }, 0);
    stores.advanceTo(15);
    const [record] = injector.records();
    expect(record).toMatchObject({
      tookEffect: false,
      note: 'tikv-0 was not seen to be affected',
    });
  });

  test('does not believe a restart that leaves the node dead', () => {
    const stores = new Stores();
    const injector = new Injector(stores, { faults: [kill(10, 20, 'tikv-0')] }, 0);
    stores.advanceTo(15);
    stores.deaf = true;
    stores.advanceTo(30);
    expect(injector.records()).toMatchObject([
      { tookEffect: true, healed: false, note: 'tikv-0 did not recover' },
    ]);
  });

  test('says so when the node was down before', () => {
    const stores = new Stores();
    const injector = new Injector(stores, { faults: [kill(10, 20, 'tikv-0')] }, 0);
    stores.kill(0);
    stores.advanceTo(30);
    expect(injector.records()).toMatchObject([
      { tookEffect: false, healed: true, note: 'tikv-0 was under it already' },
    ]);
  });

  test('heals what runs and calls off what has not begun, when all is healed', () => {
    const stores = new Stores();
    const plan = { faults: [kill(10, 100, 'tikv-0'), kill(100, 200, 'tikv-1')] };
    const injector = new Injector(stores, plan, 0);
    stores.advanceTo(50);
    expect([injector.begun, injector.running]).toEqual([1, 1]);
    injector.healAll();
    expect(injector.running).toBe(0);
    stores.advanceTo(500);
    expect(injector.records()).toMatchObject([{ target: 'tikv-0', untilUs: 50, healed: true }]);
    expect(stores.calls).toEqual(['10 kill 0', '50 restart 0']);
  });
});
