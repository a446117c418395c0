import { describe, expect, it } from 'vitest';
import { levelRows } from './memory-levels.ts';

const EMPTY = { quota: 16, levelUs: 10, actions: [], actionsMeasured: 0 };

describe('levels of memory', () => {
  it('share one time axis, and are 0 where a node did not grow', () => {
    const levels = [
      { node: 'tidb-1', fromUs: 20, consumed: 7 },
      { node: 'tidb-0', fromUs: 0, consumed: 3 },
      { node: 'tidb-0', fromUs: 40, consumed: 9 },
    ];
    expect(levelRows({ ...EMPTY, levels })).toEqual({
      atUs: [0, 10, 20, 30, 40, 50],
      nodes: [
        { node: 'tidb-0', values: [3, 0, 0, 0, 9, 0] },
        { node: 'tidb-1', values: [0, 0, 7, 0, 0, 0] },
      ],
    });
  });

  it('of a long run are thinned, and keep the highest', () => {
    const levels = Array.from({ length: 30_000 }, (_, i) => ({
      ...{ node: 'tidb-0', fromUs: i * 10, consumed: i === 12_345 ? 99 : i % 7 },
    }));
    const { atUs, nodes } = levelRows({ ...EMPTY, levels });
    expect(atUs.length).toBeLessThan(4_100);
    expect(Math.max(...(nodes[0]?.values ?? []))).toBe(99);
  });
});
