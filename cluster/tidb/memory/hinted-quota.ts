const UNITS: Readonly<Record<string, number>> = { MB: 2 ** 20, GB: 2 ** 30 };

/** Bytes of a statement's hint `MEMORY_QUOTA(512 MB)`; undefined without one. */
export function hintedQuota(tree: unknown): number | undefined {
  if (typeof tree !== 'object' || tree === null || !('hints' in tree)) return undefined;
  for (const hint of tree.hints as readonly string[]) {
    const match = /^MEMORY_QUOTA\s*\(\s*(?:@\S+\s+)?(\d+)\s*(MB|GB)\s*\)$/i.exec(hint);
    if (match !== null) return Number(match[1]) * (UNITS[(match[2] ?? '').toUpperCase()] as number);
  }
  return undefined;
}
