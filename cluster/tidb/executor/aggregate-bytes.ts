import type { SqlType } from '../sql/catalog-type.ts';
import type { Aggregate } from './aggregate.ts';
import { distinctBucket } from './aggregate-distinct.ts';
import type { TableBytes } from './go-map-bytes.ts';

const POINTER = 8;
const COUNTER = 8;
const FLAG = 8;
const DECIMAL = 40;
/** A buffer for one value and the pointer to the one that collects them. */
const CONCAT = 16;
const BUFFER = 40;

/** Bytes of a value as it lies in a structure of Go; of a string its header. */
function valueBytes({ kind }: SqlType): number {
  if (kind === 'decimal') return DECIMAL;
  return kind === 'string' || kind === 'null' || kind === 'time' ? 16 : 8;
}

/**
 * Bytes of the partial result of a fresh group. Source: TiDB `executor/aggfuncs`,
 * `DefPartialResult…`.
 */
export function stateBytes(aggregate: Aggregate, tables: TableBytes): number {
  const plain = plainBytes(aggregate);
  return aggregate.distinct ? plain + POINTER + distinctBucket(aggregate.args, tables) : plain;
}

function plainBytes({ name, args, type }: Aggregate): number {
  switch (name) {
    case 'COUNT':
    case 'BIT_AND':
    case 'BIT_OR':
    case 'BIT_XOR':
      return COUNTER;
    case 'SUM':
    case 'AVG':
      return type.kind === 'real' ? 8 + COUNTER : DECIMAL + COUNTER;
    case 'GROUP_CONCAT':
      return CONCAT + BUFFER;
    case 'FIRST_ROW':
      return firstRowBytes(type);
    default:
      return valueBytes(args[0]?.type ?? type) + FLAG + POINTER;
  }
}

/** Bytes of the partial result of FIRST_ROW. Two flags stand before the value, aligned to it. */
export function firstRowBytes(type: SqlType): number {
  return type.kind === 'decimal' ? DECIMAL + 4 : valueBytes(type) + FLAG;
}
