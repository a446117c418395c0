import type { Datum } from '../cluster/datum.ts';
import { formatDecimal } from '../cluster/tidb/executor/decimal.ts';
import { formatReal } from '../cluster/tidb/executor/value.ts';

/** A value as a client prints it. */
export function showDatum(datum: Datum): string {
  if (datum === null) return 'NULL';
  if (typeof datum !== 'object') return String(datum);
  return datum.kind === 'decimal' ? formatDecimal(datum) : formatReal(datum.value);
}
