import type { MemoryReport } from '../runner/report.ts';
import { rowsToKeep } from './downsample.ts';

/** Levels of all nodes over one time axis. */
export interface LevelRows {
  /** Beginnings of stretches, ascending. */
  readonly atUs: readonly number[];
  readonly nodes: readonly { readonly node: string; readonly values: readonly number[] }[];
}

/** Rows drawn at most. */
const ROW_LIMIT = 4_000;

/** Levels as columns: 0 where a node did not grow, since only growth is told. */
export function levelRows({ levels, levelUs }: MemoryReport): LevelRows {
  const times = new Set<number>();
  const byNode = new Map<string, Map<number, number>>();
  for (const { node, fromUs, consumed } of levels) {
    times.add(fromUs).add(fromUs + levelUs);
    const known = byNode.get(node) ?? new Map<number, number>();
    byNode.set(node, known.set(fromUs, consumed));
  }
  const all = [...times].sort((a, b) => a - b);
  const names = [...byNode.keys()].sort();
  const columns = names.map((node) => all.map((at) => byNode.get(node)?.get(at) ?? 0));
  const rows = rowsToKeep({ atUs: all, columns }, ROW_LIMIT);
  const pick = (column: readonly number[]): number[] => rows.map((row) => column[row] as number);
  return {
    atUs: pick(all),
    nodes: names.map((node, i) => ({ node, values: pick(columns[i] as number[]) })),
  };
}
