import { SqlError } from '../../../errors.ts';
import type { Plan } from '../../executor/plan.ts';
import { type LockedTable, SelectLock } from '../../executor/select-lock.ts';
import type { Select } from '../ast.ts';
import type { Source } from './source.ts';

/** FOR UPDATE on top of a plan. Throws 1235 for what TiDB does not do, 3568. */
export function locked(plan: Plan, { lock }: Select, source: Source): Plan {
  if (lock === undefined || source.locks.length === 0) return plan;
  if (lock.wait === 'skip-locked') {
    throw new SqlError(1235, "This version of TiDB doesn't yet support 'SKIP LOCKED'");
  }
  if (lock.strength === 'share') {
    throw new SqlError(
      1235,
      'function LOCK IN SHARE MODE has only noop implementation in tidb now, use tidb_enable_noop_functions to enable these functions',
    );
  }
  const tables = lock.tables.length === 0 ? source.locks : lockedTables(lock.tables, source);
  const wait = typeof lock.wait === 'object' ? lock.wait.seconds * 1_000_000 : undefined;
  return new SelectLock(plan, tables, lock.wait === 'nowait' ? 0 : wait);
}

/** FOR UPDATE OF a, b. Throws 3568. */
function lockedTables(names: readonly string[], { locks }: Source): LockedTable[] {
  return names.map((name) => {
    const locked = locks.find(({ alias }) => alias === name.toLowerCase());
    if (locked !== undefined) return locked;
    throw new SqlError(3568, `Unresolved table name \`${name}\` in locking clause.`);
  });
}
