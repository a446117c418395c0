import { type AuthPlugin, NONCE_LENGTH } from './auth.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { CAPABILITY, SERVER_CAPABILITIES, STATUS } from './capabilities.ts';
import { UTF8MB4_BIN } from './column-type.ts';

const PROTOCOL_VERSION = 10;
/** Length of the part of the nonce that the first protocol knew. */
const NONCE_HEAD = 8;
const RESERVED_GREETING = 10;
const RESERVED_RESPONSE = 23;

/** What the server opens with. */
export interface Greeting {
  /** As `SELECT VERSION()` gives it: `8.0.11-TiDB-v8.5.0`. */
  readonly version: string;
  readonly connectionId: number;
  readonly nonce: Uint8Array;
  readonly plugin: AuthPlugin;
}

/** Writes `HandshakeV10`. */
export function writeGreeting(out: ByteWriter, greeting: Greeting): void {
  const { version, connectionId, nonce, plugin } = greeting;
  out.u8(PROTOCOL_VERSION);
  out.zeroEnded(version);
  out.u32(connectionId);
  out.raw(nonce.subarray(0, NONCE_HEAD));
  out.u8(0);
  out.u16(SERVER_CAPABILITIES & 0xffff);
  out.u8(UTF8MB4_BIN);
  out.u16(STATUS.autocommit);
  out.u16(SERVER_CAPABILITIES >>> 16);
  out.u8(NONCE_LENGTH + 1);
  out.skip(RESERVED_GREETING);
  out.raw(nonce.subarray(NONCE_HEAD));
  out.u8(0);
  out.zeroEnded(plugin);
}

/** What the client answers, or says when it changes its user. */
export interface Login {
  /** Of those that both sides have. */
  readonly capabilities: number;
  readonly user: string;
  readonly proof: Uint8Array;
  /** Empty: none was named. */
  readonly database: string;
  /** What the proof is made by; undefined: the client does not say, so it is the oldest. */
  readonly plugin: string | undefined;
}

/** Reads `HandshakeResponse41`. */
export function readLogin(reader: ByteReader): Login {
  const capabilities = reader.u32() & SERVER_CAPABILITIES;
  const has = (flag: number): boolean => (capabilities & flag) !== 0;
  reader.skip(4 + 1 + RESERVED_RESPONSE);
  const user = reader.zeroEnded();
  const proof = readProof(reader, capabilities);
  const database = has(CAPABILITY.connectWithDatabase) ? reader.zeroEnded() : '';
  const plugin = has(CAPABILITY.pluginAuth) ? reader.zeroEnded() : undefined;
  return { capabilities, user, proof, database, plugin };
}

function readProof(reader: ByteReader, capabilities: number): Uint8Array {
  if ((capabilities & CAPABILITY.lenencAuthData) !== 0) return reader.lenencBytes();
  if ((capabilities & CAPABILITY.secureConnection) !== 0) return reader.raw(reader.u8());
  return new TextEncoder().encode(reader.zeroEnded());
}

/** Reads COM_CHANGE_USER behind its command byte. */
export function readChangeUser(reader: ByteReader, capabilities: number): Login {
  const user = reader.zeroEnded();
  const proof = reader.raw(reader.u8());
  const database = reader.zeroEnded();
  if (reader.left > 1) reader.skip(2);
  const named = reader.left > 0 && (capabilities & CAPABILITY.pluginAuth) !== 0;
  return { capabilities, user, proof, database, plugin: named ? reader.zeroEnded() : undefined };
}

/** Writes the request to answer anew, by another plugin. */
export function writeAuthSwitch(out: ByteWriter, plugin: AuthPlugin, nonce: Uint8Array): void {
  out.u8(0xfe);
  out.zeroEnded(plugin);
  out.raw(nonce);
  out.u8(0);
}

/** Writes caching_sha2_password's "your proof is right, nothing more is needed". */
export function writeFastAuthOk(out: ByteWriter): void {
  out.u8(1);
  out.u8(3);
}
