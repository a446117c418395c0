/**
 * The SQL front end: from the text of a statement to a syntax tree, and back.
 *
 *     text ──▶ tokenizer ──▶ parser ──▶ tree ──▶ (catalog, planner, executor)
 *       │                      ▲          │
 *       └──▶ statement cache ──┘          └──▶ restore ──▶ text
 *
 * The language is MySQL's as TiDB speaks it: `"x"` is a string, `||` is OR, `--` opens a comment
 * only before a blank, a word behind a dot is a name, `count(` is an aggregate while `count` may be
 * a column, version comments (`!` and `T!` behind the opening) are executed. Ready-made parsers
 * were tried first; each either misreads precedence (and we execute these trees) or does not know
 * TiDB's statements.
 *
 * - `tokenizer.ts` reads tokens by hand, because those rules look at their surroundings;
 *   `literal-scanner.ts` reads literals, exactly: BIGINT over all 64 bits, decimals unrounded.
 * - `precedence.ts` holds the one operator table. The expression rule climbs it; so does `restore`.
 * - `parser-*.ts` is the grammar, on Chevrotain, one family of statements a file, chained by
 *   inheritance: base, type, window, function, expression, table, query, dml, column, ddl, set,
 *   show, session, and `parser.ts` on top. One token of lookahead decides nearly everywhere; where
 *   it cannot, a GATE looks further and says why.
 * - `parse-error.ts` words error 1064 as TiDB does, with its way of counting columns.
 * - `statement-cache.ts` answers for a text that differs from an earlier one only in its literals
 *   without parsing: load generators send nothing else.
 *
 * Left out: stored programs, partitions, foreign keys, MATCH AGAINST, LIMIT outside
 * parentheses that already hold one. Each is error 1064.
 */
export type * from './ast.ts';
export { type CachedText, StatementCache } from './statement-cache.ts';
