import { describe, expect, it } from 'vitest';
import { type CheckResult, compose, guarded, unknown, valid, worst } from './checker.ts';

function invalid(name: string, atUs?: number): CheckResult {
  const base = { name, verdict: 'invalid', cause: `${name} broke`, ops: [] } as const;
  return atUs === undefined ? base : { ...base, atUs };
}

describe('a verdict', () => {
  it('is the worst of its checks: valid < unknown < invalid', () => {
    expect(worst('valid', 'unknown')).toBe('unknown');
    expect(worst('invalid', 'unknown')).toBe('invalid');
    expect(compose([valid('a'), unknown('b', 'no data'), invalid('c')])).toEqual({
      verdict: 'invalid',
      cause: 'c broke',
      check: 'c',
    });
  });

  it('is explained by the check whose first bad thing came earliest', () => {
    expect(compose([invalid('a'), invalid('b', 9), invalid('c', 4)]).check).toBe('c');
    expect(compose([invalid('a', 4), invalid('b', 4)]).check).toBe('a');
  });

  it('is unknown when nothing was checked', () => {
    expect(compose([])).toMatchObject({ verdict: 'unknown', cause: 'nothing was checked' });
  });

  it('is valid without a cause when every check is', () => {
    expect(compose([valid('a')])).toEqual({ verdict: 'valid', cause: '', check: '' });
  });

  it('is unknown, never valid, when the checker itself throws', () => {
    const result = guarded('a', () => {
      throw new RangeError('off by one');
    });
    expect(result).toMatchObject({ name: 'a', verdict: 'unknown' });
    expect(result.cause).toMatch(/checker itself failed: RangeError: off by one/);
  });
});
