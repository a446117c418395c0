/** How much memory a node has and what a limit of it may be. */
export interface MemoryLimitRule {
  /** The machine's memory, bytes. */
  readonly totalBytes: number;
  /** Limits below are raised to it. */
  readonly leastBytes: number;
  /** `KiB` to `TiB` are understood too (v8). */
  readonly binaryUnits: boolean;
}

/** A limit that was understood. */
export interface MemoryLimit {
  /** 0 is no limit. */
  readonly bytes: number;
  /** What reading the variable gives. */
  readonly text: string;
  /** It was raised to the least there may be. */
  readonly raised: boolean;
}

const UNITS: readonly (readonly [name: string, bytes: number])[] = [
  ['TB', 2 ** 40],
  ['GB', 2 ** 30],
  ['MB', 2 ** 20],
  ['KB', 2 ** 10],
];

/**
 * `tidb_server_memory_limit` as it may be written: `80%` of the machine's memory, bytes, or a
 * number with a unit; undefined for anything else. Source: TiDB
 * `sessionctx/variable/varsutil.go`, `parseMemoryLimit`.
 */
export function parseMemoryLimit(text: string, rule: MemoryLimitRule): MemoryLimit | undefined {
  const bytes = percentage(text, rule.totalBytes) ?? parseByteSize(text, rule.binaryUnits);
  if (bytes === undefined) return undefined;
  if (bytes === 0 || bytes >= rule.leastBytes) return { bytes, text, raised: false };
  return { bytes: rule.leastBytes, text: formatByteSize(rule.leastBytes), raised: true };
}

/** Bytes of `1024`, `200MB` or, with binary units, `200MiB`; undefined for anything else. */
export function parseByteSize(text: string, binaryUnits: boolean): number | undefined {
  const match = /^(\d+)([KMGT](i?)B)?$/.exec(text);
  if (match === null || (match[3] === 'i' && !binaryUnits)) return undefined;
  const unit = match[2]?.replace('i', '');
  const bytes = Number(match[1]) * (UNITS.find(([name]) => name === unit)?.[1] ?? 1);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

function percentage(text: string, totalBytes: number): number | undefined {
  const match = /^([1-9]\d?)%$/.exec(text);
  return match === null ? undefined : Math.floor(totalBytes / 100) * Number(match[1]);
}

function formatByteSize(bytes: number): string {
  const unit = UNITS.find(([, size]) => bytes % size === 0);
  return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`;
}
