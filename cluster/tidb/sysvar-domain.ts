import { SqlError } from '../errors.ts';
import type { Warning } from './executor/context.ts';
import { formatDuration, parseDuration } from './go-duration.ts';
import { type MemoryLimitRule, parseByteSize, parseMemoryLimit } from './memory/memory-limit.ts';

/** What a variable may be set to. */
export type Domain =
  | { readonly kind: 'text' }
  | {
      readonly kind: 'int';
      readonly low: bigint;
      readonly high: bigint;
      /** What is positive must be at least this. */
      readonly leastPositive?: bigint;
      /** `200MB` is understood too. */
      readonly units?: boolean;
    }
  | { readonly kind: 'float'; readonly low: number; readonly high: number }
  | { readonly kind: 'bool' }
  | { readonly kind: 'duration'; readonly lowMs: number }
  | { readonly kind: 'memory-limit'; readonly rule: MemoryLimitRule }
  /** The name of a member, or its number. */
  | { readonly kind: 'enum'; readonly members: readonly string[] };

/** A value that a variable takes on. */
export interface Checked {
  readonly text: string;
  /** It is not quite what was asked for. */
  readonly warning?: Warning;
}

/** What becomes of a value that a variable is set to. Throws 1231, 1232, 1292. */
export function checkValue(name: string, domain: Domain, value: string): Checked {
  switch (domain.kind) {
    case 'text':
      return { text: value };
    case 'bool':
      return { text: boolText(name, value) };
    case 'duration': {
      const ms = parseDuration(value);
      if (ms === undefined) throw wrongType(name);
      return { text: formatDuration(Math.max(domain.lowMs, ms)) };
    }
    case 'enum': {
      const { members } = domain;
      const byName = members.find((each) => each.toLowerCase() === value.toLowerCase());
      const member = byName ?? (/^\d+$/.test(value) ? members[Number(value)] : undefined);
      if (member === undefined) throw wrongValue(name, value);
      return { text: member };
    }
    case 'float': {
      const number = Number(value);
      if (value.trim() === '' || Number.isNaN(number)) throw wrongType(name);
      if (number >= domain.low && number <= domain.high) return { text: value };
      return clamped(name, value, String(number < domain.low ? domain.low : domain.high));
    }
    case 'memory-limit': {
      const limit = parseMemoryLimit(value, domain.rule);
      if (limit === undefined) throw new SqlError(1292, truncated(name, value));
      return limit.raised ? clamped(name, value, limit.text) : { text: limit.text };
    }
    case 'int':
      return intValue(name, domain, value);
  }
}

function intValue(
  name: string,
  { low, high, leastPositive = 1n, units }: Extract<Domain, { kind: 'int' }>,
  value: string,
): Checked {
  const withUnit = units === true ? parseByteSize(value, true) : undefined;
  const digits = withUnit === undefined ? value.trim() : String(withUnit);
  if (!/^[+-]?\d+$/.test(digits)) throw wrongType(name);
  const number = BigInt(digits);
  if (number < low) return clamped(name, value, String(low));
  if (number > high) return clamped(name, value, String(high));
  if (number > 0n && number < leastPositive) return clamped(name, value, String(leastPositive));
  return { text: String(number) };
}

function boolText(name: string, value: string): string {
  const lower = value.toLowerCase();
  if (lower === 'on' || lower === '1' || lower === 'true') return 'ON';
  if (lower === 'off' || lower === '0' || lower === 'false') return 'OFF';
  throw wrongValue(name, value);
}

function clamped(name: string, value: string, text: string): Checked {
  return { text, warning: { level: 'Warning', code: 1292, message: truncated(name, value) } };
}

function truncated(name: string, value: string): string {
  return `Truncated incorrect ${name} value: '${value}'`;
}

function wrongType(name: string): SqlError {
  return new SqlError(1232, `Incorrect argument type to variable '${name}'`);
}

function wrongValue(name: string, value: string): SqlError {
  return new SqlError(1231, `Variable '${name}' can't be set to the value of '${value}'`);
}
