import { SqlError } from '../errors.ts';
import { type KeySpace, makeKey, prefixEnd, type Stored } from '../key.ts';
import { hashText, type Wait } from '../sim/index.ts';
import type { SqlSession } from './session.ts';
import type { IndexInfo, TableInfo } from './sql/catalog.ts';
import { indexKey } from './sql/catalog-keys.ts';
import type { TableName } from './sql/index.ts';
import type { Transaction } from './transaction.ts';

/**
 * ADMIN CHECK TABLE: at one timestamp, the entries of every index must be just those that the
 * records call for. Both sides are summed up as hashes first, which takes no memory; only where the
 * sums differ is the culprit looked for. Throws 8223 naming it. Source: TiDB `executor/admin.go`.
 */
export function* checkTables(session: SqlSession, names: readonly TableName[]): Wait<void> {
  const { storage, shared } = session.node.parts;
  for (const { schema, name } of names) {
    const table = shared.schema.table(schema ?? session.database, name);
    const readTs = yield* storage.currentTs();
    const txn = storage.snapshot(readTs);
    const expected = yield* sumRecords(txn, table, readTs);
    for (const [i, index] of table.indexes.entries()) {
      const found = yield* sumEntries(txn, index, readTs);
      if (!same(expected[i] as Sum, found)) {
        yield* nameCulprit(txn, table, index, readTs);
      }
    }
  }
}

interface Sum {
  count: number;
  low: number;
  high: number;
}

function newSum(): Sum {
  return { count: 0, low: 0, high: 0 };
}

function add(sum: Sum, encoded: string): void {
  const hash = hashText(encoded);
  sum.count++;
  sum.low = (sum.low + hash) | 0;
  sum.high = (sum.high + Math.imul(hash ^ (hash >>> 11), 0x9e3779b1)) | 0;
}

function same(a: Sum, b: Sum): boolean {
  return a.count === b.count && a.low === b.low && a.high === b.high;
}

function* sumRecords(txn: Transaction, table: TableInfo, readTs: number): Wait<Sum[]> {
  const sums = table.indexes.map(newSum);
  yield* eachRow(txn, table, readTs, (row) => {
    for (const [i, index] of table.indexes.entries()) {
      add(sums[i] as Sum, indexKey(table, index, row).encoded);
    }
  });
  return sums;
}

function* sumEntries(txn: Transaction, index: IndexInfo, readTs: number): Wait<Sum> {
  const sum = newSum();
  yield* eachEntry(txn, index, readTs, (encoded) => add(sum, encoded));
  return sum;
}

function* nameCulprit(
  txn: Transaction,
  table: TableInfo,
  index: IndexInfo,
  readTs: number,
): Wait<void> {
  const missing = new Map<string, readonly Stored[]>();
  yield* eachRow(txn, table, readTs, (row) => {
    missing.set(indexKey(table, index, row).encoded, row);
  });
  let dangling: readonly Stored[] | undefined;
  yield* eachEntry(txn, index, readTs, (encoded, values) => {
    if (!missing.delete(encoded)) dangling ??= values;
  });
  const [lost] = missing.values();
  const handle = lost === undefined ? [] : table.handle.map((offset) => lost[offset]);
  const record = lost === undefined ? '' : `handle: ${handle.join(', ')}`;
  throw new SqlError(
    8223,
    `data inconsistency in table: ${table.name}, index: ${index.name}, ${record}, ` +
      `index-values:"${dangling?.join(', ') ?? ''}" != record-values:"${lost?.join(', ') ?? ''}"`,
  );
}

function* eachRow(
  txn: Transaction,
  table: TableInfo,
  readTs: number,
  visit: (row: readonly Stored[]) => void,
): Wait<void> {
  const columns = table.columns.map(({ offset }) => table.position[offset] as number);
  yield* eachTuple(txn, table.records, columns, readTs, visit);
}

function* eachEntry(
  txn: Transaction,
  index: IndexInfo,
  readTs: number,
  visit: (encoded: string, values: readonly Stored[]) => void,
): Wait<void> {
  const columns = index.space.keyKinds.map((_, i) => i);
  yield* eachTuple(txn, index.space, columns, readTs, (values) =>
    visit(makeKey(index.space, values).encoded, values),
  );
}

function* eachTuple(
  txn: Transaction,
  space: KeySpace,
  columns: readonly number[],
  readTs: number,
  visit: (values: readonly Stored[]) => void,
): Wait<void> {
  const ranges = [{ space, start: space.prefix, end: prefixEnd(space.prefix) }];
  const order = { keepOrder: false, descending: false, limit: undefined };
  const scan = txn.scan({ ranges, readTs, columns, ...order });
  for (let chunk = yield* scan.next(); chunk !== undefined; chunk = yield* scan.next()) {
    for (let at = 0; at < chunk.length; at++) visit(chunk.columns.map((column) => column.get(at)));
  }
}
