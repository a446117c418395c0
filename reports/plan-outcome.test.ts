import { describe, expect, it } from 'vitest';
import type { FaultRecord, PlannedFault } from '../nemesis/fault.ts';
import { faultsAround, joinPlan, rowsAround, startUs } from './plan-outcome.ts';

const MINUTE_US = 60_000_000;

function planned(atMinute: number, target: string): PlannedFault {
  return {
    atUs: atMinute * MINUTE_US,
    untilUs: (atMinute + 2) * MINUTE_US,
    nemesis: 'random_kill',
    fault: 'kill',
    target,
    parameters: {},
  };
}

function happened(atMinute: number, target: string, tookEffect = true): FaultRecord {
  const { parameters: _, ...rest } = planned(atMinute, target);
  return {
    ...rest,
    hit: target,
    tookEffect,
    crowdedOut: false,
    healed: true,
    effect: '',
    note: '',
  };
}

describe('the plan beside what came of it', () => {
  it('pairs each line with the record that began in its time', () => {
    const plan = [planned(1, 'tikv-0'), planned(5, 'tikv-0')];
    const second = happened(5, 'tikv-0');
    expect(joinPlan(plan, [second])).toEqual([
      { planned: plan[0] },
      { planned: plan[1], happened: second },
    ]);
  });

  it('leaves a line alone that the run did not get to', () => {
    expect(joinPlan([planned(1, 'pd-0')], [])).toEqual([{ planned: planned(1, 'pd-0') }]);
  });

  it('shows a fault that nobody planned', () => {
    const stray = happened(0, 'tidb-0');
    const rows = joinPlan([planned(1, 'pd-0')], [stray]);
    expect(rows[0]).toEqual({ happened: stray });
  });

  it('uses each record once', () => {
    const twice = [planned(1, 'pd-0'), planned(1, 'pd-0')];
    const rows = joinPlan(twice, [happened(1, 'pd-0')]);
    expect(rows.filter((row) => row.happened !== undefined)).toHaveLength(1);
  });
});

describe('the rows around a moment', () => {
  const rows = [1, 5, 9, 13, 17].map((minute) => ({ happened: happened(minute, 'tikv-0') }));
  const minutes = (atMinute: number, limit: number): number[] => {
    const chosen = rowsAround(rows, atMinute * MINUTE_US, limit);
    return chosen.map((row) => startUs(row) / MINUTE_US);
  };

  it('are all of them when they are few', () => {
    expect(minutes(6, 5)).toEqual([1, 5, 9, 13, 17]);
  });

  it('stand half before it and half after', () => {
    expect(minutes(10, 2)).toEqual([9, 13]);
  });

  it('are as many at either end of the run', () => {
    expect(minutes(0, 3)).toEqual([1, 5, 9]);
    expect(minutes(99, 3)).toEqual([9, 13, 17]);
  });
});

describe('the faults around a moment', () => {
  it('names those in force', () => {
    const text = faultsAround([happened(1, 'tikv-0')], 2 * MINUTE_US);
    expect(text).toBe('In force then: kill tikv-0 (since 0:01:00).');
  });

  it('names the last one when none is in force', () => {
    const faults = [happened(1, 'tikv-0'), happened(4, 'pd-0'), happened(20, 'tidb-0')];
    const text = faultsAround(faults, 7 * MINUTE_US);
    expect(text).toContain('the last, kill pd-0, had ended 1 min 00 s before');
  });

  it('does not suspect a fault that had no effect', () => {
    const text = faultsAround([happened(1, 'tikv-0', false)], 2 * MINUTE_US);
    expect(text).toBe('No fault had been injected by then.');
  });
});
