/**
 * What readers of the ledger ask for: each query makes one kind of operator hold many rows, so that
 * each kind of degradation has something to do. All but `sort` answer with one row, whatever the
 * size of the table.
 *
 * | kind | what holds memory | what may be written to disk |
 * |---|---|---|
 * | `sort` | the rows, sorted | the rows |
 * | `join` | the rows of one side, and a hash table | the rows |
 * | `aggregate` | the groups | the groups |
 * | `distinct` | the distinct values within a group | nothing |
 */
export const READ_QUERIES = {
  sort:
    'SELECT balance, posting_group_id, account_id FROM ledger_accounts ' +
    'ORDER BY balance, posting_group_id, account_id',
  join:
    'SELECT /*+ HASH_JOIN(a, b) */ COUNT(*), SUM(a.balance - b.balance), SUM(b.causality_id) ' +
    'FROM ledger_accounts a JOIN ledger_accounts b ON a.posting_group_id = b.posting_group_id',
  aggregate:
    'SELECT COUNT(*), SUM(g.rows_of), SUM(g.total), SUM(g.id) FROM ' +
    '(SELECT /*+ HASH_AGG() */ posting_group_id, COUNT(*) rows_of, SUM(amount) total, ' +
    'MAX(posting_group_id) id FROM ledger_accounts GROUP BY posting_group_id) g',
  distinct: 'SELECT COUNT(DISTINCT posting_group_id), COUNT(DISTINCT balance) FROM ledger_accounts',
} as const;

/** One of them. */
export type ReadKind = keyof typeof READ_QUERIES;

/** Kinds in the order of the table above. */
export const READ_KINDS = Object.keys(READ_QUERIES) as ReadKind[];

/** How often each kind is asked for, in proportion to the others; at least one is more than 0. */
export type MemoryMix = Readonly<Record<ReadKind, number>>;

const WEIGHT_MAX = 1000;
const PART = /^([a-z]+)=(\d{1,4})$/;

/** `sort=2,join=1`: kinds that are not named are not asked for. Undefined for any other text. */
export function parseMemoryMix(text: string): MemoryMix | undefined {
  const mix: Record<ReadKind, number> = { sort: 0, join: 0, aggregate: 0, distinct: 0 };
  const named = new Set<string>();
  for (const part of text.split(',')) {
    const [, name, digits] = PART.exec(part.trim()) ?? [];
    const kind = READ_KINDS.find((known) => known === name);
    const weight = Number(digits);
    if (kind === undefined || named.has(kind) || weight > WEIGHT_MAX) return undefined;
    named.add(kind);
    mix[kind] = weight;
  }
  return totalOf(mix) > 0 ? mix : undefined;
}

/** The inverse of {@link parseMemoryMix}. */
export function formatMemoryMix(mix: MemoryMix): string {
  return READ_KINDS.filter((kind) => mix[kind] > 0)
    .map((kind) => `${kind}=${mix[kind]}`)
    .join(',');
}

/** A kind by its weight. */
export function drawKind(mix: MemoryMix, nextInt: (bound: number) => number): ReadKind {
  let left = nextInt(totalOf(mix));
  for (const kind of READ_KINDS) {
    left -= mix[kind];
    if (left < 0) return kind;
  }
  throw new RangeError('a mix of nothing');
}

function totalOf(mix: MemoryMix): number {
  return READ_KINDS.reduce((sum, kind) => sum + mix[kind], 0);
}
