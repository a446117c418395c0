import { sha256 } from '../sha256.ts';
import { tokenize } from './sql/tokenizer.ts';
import { AnyLiteral, literal } from './sql/tokens.ts';

/** Texts of literals that stand for themselves no more. */
const LITERALS: ReadonlySet<unknown> = new Set([AnyLiteral, ...Object.values(literal)]);

/** What statements that differ only in their values have in common. */
export function normalizedSql(sql: string): string {
  return tokenize(sql)
    .map(({ tokenType, image }) => (LITERALS.has(tokenType) ? '?' : image.toLowerCase()))
    .join(' ');
}

/**
 * The digest of a statement: 64 hexadecimal digits over its normal form. TiDB writes that form in
 * quotes of its own, so that its digests are others; what two statements share is the same.
 */
export function sqlDigest(sql: string): string {
  return sql === '' ? '' : sha256(normalizedSql(sql));
}
