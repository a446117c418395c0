import type { SqlError } from '../errors.ts';
import type { QueryResult } from '../session.ts';
import { columnsOf, writeColumn, writeEof, writeError, writeOk } from './answers.ts';
import { STATUS } from './capabilities.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { WriteRow } from './rows.ts';

/** So many bytes are made before the peer is asked whether it can take more. */
const SLICE_BYTES = 64 * 1024;

/** How results are to be told. */
export interface Telling {
  readonly writeRow: WriteRow;
  /** Status flags of the session. */
  readonly status: number;
  /** CLIENT_DEPRECATE_EOF is on. */
  readonly withoutEof: boolean;
}

/**
 * Writes results, one after another, and the failure that came after them if any. Yields whenever a
 * slice of bytes is ready: a result of any size needs the memory of a slice.
 */
export function* resultPackets(
  packets: PacketWriter,
  results: readonly QueryResult[],
  failure: SqlError | undefined,
  telling: Telling,
): Generator<void, void, void> {
  const { bytes } = packets;
  for (const [i, result] of results.entries()) {
    const more = failure !== undefined || i < results.length - 1;
    const status = telling.status | (more ? STATUS.moreResults : 0);
    if (result.columns.length > 0) yield* resultSet(packets, result, { ...telling, status });
    else {
      packets.begin();
      writeOk(bytes, result, status);
      packets.end();
    }
  }
  if (failure === undefined) return;
  packets.begin();
  writeError(bytes, failure);
  packets.end();
}

function* resultSet(
  packets: PacketWriter,
  result: QueryResult,
  { writeRow, status, withoutEof }: Telling,
): Generator<void, void, void> {
  const { bytes } = packets;
  const columns = columnsOf(result);
  packets.begin();
  bytes.lenenc(columns.length);
  packets.end();
  for (const column of columns) {
    packets.begin();
    writeColumn(bytes, column);
    packets.end();
  }
  const end = (): void => {
    packets.begin();
    if (withoutEof) writeOk(bytes, result, status, true);
    else writeEof(bytes, result.warnings, status);
    packets.end();
  };
  if (!withoutEof) end();
  const types = columns.map(({ type }) => type);
  for (const row of result.rows) {
    packets.begin();
    writeRow(bytes, row, types);
    packets.end();
    if (bytes.length >= SLICE_BYTES) yield;
  }
  end();
}
