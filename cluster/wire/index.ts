/**
 * # The MySQL protocol
 *
 * What stands between a client's bytes and a session, so that any MySQL client can talk to a
 * simulated cluster. It owns no socket and no clock: bytes in, bytes out, synchronously. Whoever
 * moves the bytes decides when: `wavetank serve` moves them over TCP, a test has the scheduler move
 * them between events, and then a run through a real driver has the trace of a run without one.
 *
 * ```
 *   bytes ─▶ PacketReader ─▶ WireConnection ─▶ COMMANDS ─▶ Backend (a session)
 *                                 │                             │
 *   bytes ◀─ PacketWriter ◀─ resultPackets ◀────────────────────┘ Reply
 * ```
 *
 * - `packet-reader.ts`, `packet-writer.ts`: frames of at most 16 MiB, numbered.
 * - `byte-reader.ts`, `byte-writer.ts`: integers and strings in the protocol's spelling.
 * - `handshake.ts`, `auth.ts`, `login.ts`: greeting, passwords, switching between plugins.
 * - `commands.ts`: one entry a command; `prepared.ts`, `parameters.ts`: what EXECUTE brings.
 * - `column-type.ts`, `answers.ts`, `rows.ts`, `temporal.ts`, `result-packets.ts`: what goes back.
 * - `session-backend.ts`: the session, whose promises become answers.
 *
 * **Back-pressure.** A result is encoded in slices. When the peer's buffer is full the connection
 * stops in the middle of a result and goes on where it was when the buffer has drained.
 *
 * **Left out**: TLS and compression; LOCAL INFILE; cursors (COM_STMT_FETCH is error 1421, as an
 * execution is always answered whole, which the protocol allows); query attributes;
 * CLIENT_FOUND_ROWS; character sets other than utf8mb4 on the connection; names of tables in
 * column definitions. A text column's characters are UTF-8; a binary column's are bytes.
 */
export type { Account, AuthPlugin, Digests } from './auth.ts';
export { NONCE_LENGTH } from './auth.ts';
export { type Peer, WireConnection } from './connection.ts';
export { SessionBackend } from './session-backend.ts';
