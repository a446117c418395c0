import { type Datum, toInt } from '../cluster/datum.ts';
import { UnexpectedAnswer } from './failure.ts';

/**
 * An integer out of a result, whether it came as an integer, as the DECIMAL that SUM gives, or as
 * text (drivers do that with both). Throws {@link UnexpectedAnswer} for NULL, fractions and
 * anything else.
 */
export function integerOf(datum: Datum | undefined): number | bigint {
  if (typeof datum === 'number' || typeof datum === 'bigint') return datum;
  if (typeof datum === 'string' && /^-?\d+$/.test(datum)) return toInt(BigInt(datum));
  if (typeof datum === 'object' && datum?.kind === 'decimal') {
    const unit = 10n ** BigInt(datum.scale);
    if (datum.unscaled % unit === 0n) return toInt(datum.unscaled / unit);
  }
  throw new UnexpectedAnswer(`an integer was expected, not ${String(datum)}`);
}

/** Same, with NULL as null. */
export function integerOrNull(datum: Datum | undefined): number | bigint | null {
  return datum === null ? null : integerOf(datum);
}
