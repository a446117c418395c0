import { columnAt } from '../../executor/expression-constant.ts';
import { type EmbeddedLimit, IndexLookUp } from '../../executor/index-lookup.ts';
import type { SortKey } from '../../executor/order.ts';
import type { Plan } from '../../executor/plan.ts';
import type { ReaderOptions } from '../../executor/table-reader.ts';
import type { IndexInfo, TableInfo } from '../catalog.ts';
import { positionOf, typeAt } from './access-path.ts';
import type { PushedLimit } from './pushed-limit.ts';

/** What is left of an index's entries before records are looked up. */
export interface LookUpTop {
  readonly limit: PushedLimit;
  /** A TopN by these columns; a limit without. */
  readonly sorted?: readonly { readonly offset: number; readonly descending: boolean }[];
  /** Set where nothing above cuts the rows off any more. */
  readonly around?: EmbeddedLimit['around'];
}

function copTop({ limit: { window, pushed }, sorted }: LookUpTop, keys: readonly SortKey[]) {
  return sorted === undefined
    ? ({ kind: 'limit', window, ...pushed } as const)
    : ({ kind: 'top-n', keys, window, ...pushed } as const);
}

function embedded({ window, text }: PushedLimit, around: EmbeddedLimit['around']): EmbeddedLimit {
  return { window, info: text, around };
}

/** An index, and the records that its entries lead to. */
interface LookedUp {
  readonly table: TableInfo;
  readonly index: IndexInfo;
  /** How the index is read, its columns aside. */
  readonly entries: ReaderOptions;
  readonly records: ReaderOptions;
}

/**
 * Reads an index, keeps the first of its entries if so few are wanted, and looks up the records.
 * Source: TiDB `planner/core/task.go`, `sinkIntoIndexLookUp`, `canPushToIndexPlan`.
 */
export function indexLookUp({ table, index, entries, records }: LookedUp, top?: LookUpTop): Plan {
  const sorted = top?.sorted ?? [];
  const read = [...table.handle, ...sorted.map(({ offset }) => offset)];
  const keys = sorted.map(({ offset, descending }, i): SortKey => {
    return { compiled: columnAt(table.handle.length + i, typeAt(table, offset)), descending };
  });
  const options: ReaderOptions = {
    ...entries,
    positions: read.map((offset) => positionOf(table, index, offset)),
    types: read.map((offset) => typeAt(table, offset)),
    pushed: top === undefined ? undefined : { selection: undefined, top: copTop(top, keys) },
  };
  const handleAt = table.handle.map((offset) => positionOf(table, index, offset));
  const limit = top?.around === undefined ? undefined : embedded(top.limit, top.around);
  return new IndexLookUp({ table, index: options, handleAt, records, limit });
}
